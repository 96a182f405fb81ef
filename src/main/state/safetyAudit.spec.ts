import Database from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { createTestClock } from '../access/testClock.ts'
import { CHAIN_START, chainHash, sealOf } from '../audit/chain.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { toFields, toLink, toRow, type AuditRow } from './auditRows.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState } from './openState.ts'
import type { State } from './repositories.ts'
import { recordedEvent, recordId, sampleRecord, tamper } from './testAudit.ts'
import { looking } from './testDatabase.ts'
import { note, removed } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'
import { verifyAudits } from './verifyAudit.ts'

const folders = useTestFolders()
const clock = createTestClock()
const KEY = Buffer.alloc(32, 7)
const OTHER = 'lg-00000002'

let folder: string
let file: string
let state: State

beforeEach(async () => {
  folder = folders.make()
  file = join(folder, DATABASE_FILE)
  state = await openState({ dataFolder: folder, clock, auditKey: KEY })
})
afterEach(() => state.close())

async function reopen(auditKey: Buffer | null = KEY): Promise<LogEntry[]> {
  await state.close()
  const entries: LogEntry[] = []
  const log = { write: (entry: LogEntry) => void entries.push(entry), flush: async () => {} }
  state = await openState({ dataFolder: folder, clock, auditKey, log })
  return entries
}

/** A room that never had a master key. */
async function withoutKey(): Promise<void> {
  await state.close()
  folder = folders.make()
  file = join(folder, DATABASE_FILE)
  state = await openState({ dataFolder: folder, clock })
}

async function store(...records: SafetyRecord[]): Promise<void> {
  await state.events.append([{ announcement: recordedEvent(...records), at: clock.now() }])
}

/** Records 1 to `count`, several to an event. */
async function fill(count: number, first = 1): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => first + index)
  for (let i = 0; i < count; i += 7) await store(...numbers.slice(i, i + 7).map((number) => sampleRecord({ id: recordId(number), at: number })))
}

const rows = (): AuditRow[] => looking(file, (database) => database.prepare<[], AuditRow>('SELECT * FROM pii_audit ORDER BY place').all())

describe('the safety audit', () => {
  it('is written with the very event that tells of it, every field in a column of its own', async () => {
    const record = sampleRecord({ hasOriginal: true, about: recordId(9), actor: 'alex (admin)', reason: 'invented', times: 12 })
    await store(record)
    const [row] = rows()
    expect(row).toMatchObject({
      place: 1,
      id: record.id,
      at: 1_000,
      kind: 'private',
      type: 'email',
      severity: 'CRITICAL',
      agent_id: 'lg-7a3f9c2d',
      call_id: 'call-000000000000abcd',
      direction: 'from-model',
      location: 'choices[0].message.content',
      action: 'redacted',
      value_hash: '5'.repeat(64),
      preview: 'Contact [EMAIL_REDACTED] for more',
      has_original: 1,
      about: recordId(9),
      actor: 'alex (admin)',
      reason: 'invented',
      times: 12,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(await state.safetyAudit.get(record.id)).toEqual(record)
    expect(await state.safetyAudit.get(recordId(2))).toBeNull()
  })

  it('does not take an event of which it cannot write every record, and goes on after it', async () => {
    await store(sampleRecord())
    const again = state.events.append([
      { announcement: note('beside it'), at: 1 },
      { announcement: recordedEvent(sampleRecord({ id: recordId(2) }), sampleRecord()), at: 1 },
    ])
    await expect(again).rejects.toThrow('the audit is only ever appended')
    expect(rows().map(({ id }) => id)).toEqual([recordId(1)])
    expect((await state.events.after(0, 100)).map(({ name }) => name)).toEqual(['safety.recorded'])
    await store(sampleRecord({ id: recordId(2) }))
    expect(await state.safetyAudit.verify()).toEqual({ records: 2, firstBad: null, isSealChecked: true })
  })

  it('is listed newest first, page by page, by any of its filters', async () => {
    await fill(5)
    await store(sampleRecord({ id: recordId(6), at: 6, kind: 'injection', type: 'orders', agentId: OTHER }), sampleRecord({ id: recordId(7), at: 7, type: 'phone', agentId: OTHER }))
    const first = await state.safetyAudit.list({ limit: 3 })
    expect([first.records.map(({ id }) => id), first.next]).toEqual([[7, 6, 5].map(recordId), 5])
    const rest = await state.safetyAudit.list({ limit: 10, before: 5 })
    expect([rest.records.map(({ id }) => id), rest.next]).toEqual([[4, 3, 2, 1].map(recordId), null])
    const of = async (range: Parameters<State['safetyAudit']['each']>[0]): Promise<string[]> => {
      const found: string[] = []
      await state.safetyAudit.each(range, ({ id }) => found.push(id))
      const listed = (await state.safetyAudit.list({ ...range, limit: 100 })).records.map(({ id }) => id)
      expect(listed).toEqual(found.toReversed())
      return found
    }
    expect(await of({ agentId: OTHER })).toEqual([6, 7].map(recordId))
    expect(await of({ kind: 'injection' })).toEqual([recordId(6)])
    expect(await of({ kind: 'private', agentId: OTHER })).toEqual([recordId(7)])
    expect(await of({ type: 'phone' })).toEqual([recordId(7)])
    expect(await of({ from: 2, until: 4 })).toEqual([2, 3].map(recordId))
  })

  it('gives every record once, oldest first, also over many pages', async () => {
    await fill(1_204)
    const links: string[] = []
    await state.safetyAudit.each({}, ({ id }, { place, hash }) => links.push(`${place} ${id} ${hash}`))
    expect(links).toEqual(rows().map(({ place, id, hash }) => `${place} ${id} ${hash}`))
    expect(links.length).toBe(1_204)
  })

  it('counts for each agent, many of a flood included, and outlives it', async () => {
    const of = (id: number, changes: Partial<SafetyRecord>): SafetyRecord => sampleRecord({ id: recordId(id), ...changes })
    await store(
      of(1, {}),
      of(2, { type: 'phone', action: 'blocked' }),
      of(3, { type: 'phone', action: 'warned', times: 40 }),
      of(4, { kind: 'unauthorised', type: 'host', action: 'refused' }),
      of(5, { kind: 'injection', type: 'orders', action: 'warned' }),
      of(6, { kind: 'opened', action: 'opened' }),
      of(7, { agentId: OTHER }),
      of(8, { agentId: null, kind: 'policy', type: 'rules', action: 'changed' }),
    )
    await state.events.append([{ announcement: removed('lg-7a3f9c2d'), at: 1 }])
    expect(await state.safetyAudit.counts()).toEqual(
      new Map([
        ['lg-7a3f9c2d', { found: 42, redacted: 1, blocked: 1, warned: 40, unauthorised: 1, injection: 1, byType: { email: 1, phone: 41 } }],
        [OTHER, { found: 1, redacted: 1, blocked: 0, warned: 0, unauthorised: 0, injection: 0, byType: { email: 1 } }],
      ]),
    )
  })

  it('takes texts that are no proper Unicode, and whatever else a text may hold', async () => {
    await store(sampleRecord({ preview: '\ud800 lone, "quoted", \u0000 nothing, 🚀', place: '\udfff' }))
    await reopen()
    expect(await state.safetyAudit.verify()).toEqual({ records: 1, firstBad: null, isSealChecked: true })
  })
})

describe('in a plain SQLite shell the audit', () => {
  const INSERT = `INTO pii_audit (place, id, at, kind, type, severity, location, action, value_hash, preview, has_original, times, hash)`
  const values = (place: string, id: number): string => `VALUES (${place}, '${recordId(id)}', 1, 'private', 'email', 'WARN', '', 'warned', '', '', 0, 1, '')`

  it.each([
    ['a change', `UPDATE pii_audit SET action = 'warned' WHERE place = 2`, 'never changed'],
    ['a change of a place', `UPDATE pii_audit SET place = 9 WHERE place = 3`, 'never changed'],
    ['a change that replaces', `UPDATE OR REPLACE pii_audit SET id = '${recordId(1)}' WHERE place = 3`, 'never changed'],
    ['a deletion', 'DELETE FROM pii_audit WHERE place = 3', 'the audit is kept'],
    ['a deletion of everything', 'DELETE FROM pii_audit', 'the audit is kept'],
    ['a row in between', `INSERT ${INSERT} ${values('2', 7)}`, 'only ever appended'],
    ['a row beyond the end', `INSERT ${INSERT} ${values('5', 7)}`, 'only ever appended'],
    ['a row in front', `INSERT ${INSERT} ${values('-1', 7)}`, 'only ever appended'],
    ['a row without a place', `INSERT ${INSERT} ${values('NULL', 7)}`, 'only ever appended'],
    ['a row that replaces one at its place', `PRAGMA recursive_triggers = OFF; INSERT OR REPLACE ${INSERT} ${values('2', 7)}`, 'only ever appended'],
    ['a row that replaces one by its id', `PRAGMA recursive_triggers = OFF; INSERT OR REPLACE ${INSERT} ${values('4', 2)}`, 'only ever appended'],
    ['REPLACE', `REPLACE ${INSERT} ${values('4', 2)}`, 'only ever appended'],
    ['an upsert', `INSERT ${INSERT} ${values('2', 2)} ON CONFLICT DO UPDATE SET action = 'warned'`, 'only ever appended'],
    ['a head that goes back', `UPDATE pii_audit_head SET place = 1`, 'never goes back'],
    ['no head', `DELETE FROM pii_audit_head`, 'has a head'],
    ['another head', `PRAGMA recursive_triggers = OFF; REPLACE INTO pii_audit_head VALUES (1, 0, '', NULL)`, 'has one head'],
  ])('refuses %s', async (_what, statements, words) => {
    await fill(3)
    const before = rows()
    expect(() => tamper(file, statements, 'kept')).toThrow(words)
    expect(rows()).toEqual(before)
    expect(await state.safetyAudit.verify()).toMatchObject({ records: 3, firstBad: null })
  })

  it('reads as it is, without us', async () => {
    await store(sampleRecord({ preview: 'Contact [EMAIL_REDACTED]' }))
    const row = looking(file, (database) => database.prepare('SELECT type, value_hash, severity, agent_id, call_id, location, action, at FROM pii_audit').get())
    expect(Object.values(row as object)).not.toContain(null)
  })
})

describe('verification', () => {
  const both = async (key: Buffer | null = KEY): Promise<unknown> => {
    const open = await state.safetyAudit.verify()
    await state.close()
    expect((await verifyAudits(file, key)).safety).toEqual(open)
    state = await openState({ dataFolder: folder, clock, auditKey: key })
    return open
  }
  const swap = (a: number, b: number): string => `
    UPDATE pii_audit SET place = -1 WHERE place = ${a}; UPDATE pii_audit SET place = ${a} WHERE place = ${b}; UPDATE pii_audit SET place = ${b} WHERE place = -1;`
  const copied = `agent_id, call_id, direction, location, action, value_hash, preview, has_original, about, actor, reason, times, hash`

  it('finds nothing wrong with what was written, nor with nothing at all', async () => {
    expect(await both()).toEqual({ records: 0, firstBad: null, isSealChecked: true })
    await fill(1_203)
    expect(await both()).toEqual({ records: 1_203, firstBad: null, isSealChecked: true })
    await reopen()
    await fill(3, 2_000)
    expect(await both()).toEqual({ records: 1_206, firstBad: null, isSealChecked: true })
  })

  it.each([
    ['an edit', `UPDATE pii_audit SET action = 'warned' WHERE place = 4`, 4, 'not as it was written'],
    ['an edit of a time', `UPDATE pii_audit SET at = at + 1 WHERE place = 1`, 1, 'not as it was written'],
    ['an edit that takes a value away', `UPDATE pii_audit SET call_id = NULL WHERE place = 10`, 10, 'not as it was written'],
    ['an edit of a hash', `UPDATE pii_audit SET hash = '${'0'.repeat(64)}' WHERE place = 6`, 6, 'not as it was written'],
    ['a deletion', 'DELETE FROM pii_audit WHERE place = 5', 5, 'Record 5 is missing'],
    ['a deletion of the first', 'DELETE FROM pii_audit WHERE place = 1', 1, 'Record 1 is missing'],
    ['a deletion with the gap closed', 'DELETE FROM pii_audit WHERE place = 5; UPDATE pii_audit SET place = place - 1 WHERE place > 5', 5, 'not as it was written'],
    ['a reorder', swap(3, 7), 3, 'not as it was written'],
    ['a reorder at the end', swap(9, 10), 9, 'not as it was written'],
    ['a cut tail', 'DELETE FROM pii_audit WHERE place > 8', 9, 'Records 9 to 10, the last ones, are missing'],
    ['a cut last record', 'DELETE FROM pii_audit WHERE place = 10', 10, 'Record 10, the last one, is missing'],
    ['everything gone', 'DELETE FROM pii_audit', 1, 'Records 1 to 10, the last ones, are missing'],
    [
      'a row put in between',
      `UPDATE pii_audit SET place = place + 1 + 1000 WHERE place > 4; UPDATE pii_audit SET place = place - 1000 WHERE place > 1000;
       INSERT INTO pii_audit SELECT 5, 'find-00000000000000ff', at, kind, type, severity, ${copied} FROM pii_audit WHERE place = 4`,
      5,
      'not as it was written',
    ],
    [
      'a row put at the end',
      `INSERT INTO pii_audit SELECT 11, 'find-00000000000000ff', at, kind, type, severity, ${copied} FROM pii_audit WHERE place = 10`,
      11,
      'not as it was written',
    ],
    ['a head that names another end', `UPDATE pii_audit_head SET hash = '${'f'.repeat(64)}'`, 10, 'not the one that the head of the audit names'],
    ['a head that names an earlier end', 'UPDATE pii_audit_head SET place = 9, hash = (SELECT hash FROM pii_audit WHERE place = 9)', 9, 'does not carry the seal'],
    ['a head without its seal', 'UPDATE pii_audit_head SET seal = NULL', 10, 'carries no seal'],
    ['a head with an invented seal', `UPDATE pii_audit_head SET seal = '${'a'.repeat(64)}'`, 10, 'does not carry the seal'],
    ['no head', 'DELETE FROM pii_audit_head', 11, 'is missing'],
    ['everything gone, and the head as if it were new', `DELETE FROM pii_audit; UPDATE pii_audit_head SET place = 0, hash = '${CHAIN_START}', seal = NULL`, 1, 'carries no seal'],
  ])('names the first bad record after %s', async (_what, statements, place, problem) => {
    await fill(10)
    tamper(file, statements)
    const verdict = await state.safetyAudit.verify()
    expect(verdict.firstBad).toEqual({ place, problem: expect.stringContaining(problem) })
    await state.close()
    // The room that comes after does not heal it, but for a seal alone: that could be a key that is new.
    if (statements !== 'UPDATE pii_audit_head SET seal = NULL') await reopen()
    expect((await verifyAudits(file, KEY)).safety).toEqual(verdict)
  })

  /** Writes every hash anew, as somebody can who knows how, and has no key. */
  function rewrite(from: number, change: (row: AuditRow) => AuditRow): AuditRow {
    let hash = CHAIN_START
    let last: AuditRow | null = null
    const database = new Database(file)
    const update = database.prepare('UPDATE pii_audit SET action = ?, hash = ? WHERE place = ?')
    for (const row of database.prepare<[], AuditRow>('SELECT * FROM pii_audit ORDER BY place').all()) {
      const changed = row.place >= from ? change(row) : row
      hash = chainHash(hash, toLink(changed).fields)
      update.run(changed.action, hash, row.place)
      last = { ...changed, hash }
    }
    database.close()
    if (!last) throw new Error('There is nothing to write anew.')
    return last
  }

  it('notices a whole chain written anew, head and all, for the seal takes the key', async () => {
    await fill(10)
    tamper(file, '')
    const { place, hash } = rewrite(4, (row) => ({ ...row, action: 'warned' }))
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('not the one that the head') })
    tamper(file, `UPDATE pii_audit_head SET hash = '${hash}'`)
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('does not carry the seal') })
    tamper(file, `UPDATE pii_audit_head SET seal = '${sealOf(Buffer.alloc(32, 8), 'safety', { place, hash })}'`)
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('does not carry the seal') })
  })

  it('without a key notices everything but a chain that was written anew with its head', async () => {
    await withoutKey()
    await fill(10)
    expect(await both(null)).toEqual({ records: 10, firstBad: null, isSealChecked: false })
    tamper(file, '')
    const { hash } = rewrite(4, (row) => ({ ...row, action: 'warned' }))
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10 })
    tamper(file, `UPDATE pii_audit_head SET hash = '${hash}'`)
    expect(await state.safetyAudit.verify()).toEqual({ records: 10, firstBad: null, isSealChecked: false })
  })

  it('follows what is written meanwhile', async () => {
    await fill(1_600)
    const verifying = state.safetyAudit.verify()
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      await fill(7, 10_000 + i * 7)
    }
    expect(await verifying).toEqual({ records: 1_635, firstBad: null, isSealChecked: true })
  })

  it('names the records that were taken away while the room went on', async () => {
    await fill(10)
    tamper(file, 'DELETE FROM pii_audit WHERE place > 8')
    await expect(fill(1, 20)).resolves.toBeUndefined()
    expect((await state.safetyAudit.verify()).firstBad).toEqual({ place: 9, problem: 'Record 9 is missing: record 11 stands in its place.' })
  })

  it('reads a closed database only: not a byte of it is changed', async () => {
    await fill(10)
    await state.close()
    const before = looking(file, (database) => database.serialize())
    await verifyAudits(file, KEY)
    expect(looking(file, (database) => database.serialize()).equals(before)).toBe(true)
  })

  it('says in a sentence what is no database of ours', async () => {
    await expect(verifyAudits(join(folder, 'nothing.db'), null)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('there is none') })
    const foreign = join(folder, 'foreign.db')
    new Database(foreign).exec('CREATE TABLE invented (id INTEGER)').close()
    await expect(verifyAudits(foreign, null)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('no database of the control room') })
  })
})

describe('the master key', () => {
  it('that comes later takes over what was written without, and says which records those are', async () => {
    await withoutKey()
    await fill(10)
    await reopen(KEY)
    expect(await state.safetyAudit.unsealed()).toEqual({ from: 1, to: 10 })
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('carries no seal') })
    await fill(1, 20)
    expect(await state.safetyAudit.verify()).toEqual({ records: 11, firstBad: null, isSealChecked: true })
  })

  it('that is not there for a while leaves the seal where it is', async () => {
    await fill(3)
    const entries = await reopen(null)
    expect(entries).toMatchObject([{ level: 'WARN', event: 'audit.locked' }, { level: 'WARN', event: 'audit.locked', msg: expect.stringContaining('of secrets') as string }])
    await fill(2, 20)
    expect(await state.safetyAudit.verify()).toEqual({ records: 5, firstBad: null, isSealChecked: false })
    await reopen(KEY)
    expect(await state.safetyAudit.unsealed()).toEqual({ from: 4, to: 5 })
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 4, problem: expect.stringMatching(/^Records 4 to 5 stand behind the sealed end .*: written while the master key was not there, or added by somebody else/) })
    await fill(1, 30)
    expect(await state.safetyAudit.verify()).toEqual({ records: 6, firstBad: null, isSealChecked: true })
    expect(await reopen(KEY)).toEqual([])
    expect(await state.safetyAudit.unsealed()).toBeNull()
  })

  it('that is another one is noticed, and nothing is sealed with it', async () => {
    await fill(3)
    expect(await reopen(Buffer.alloc(32, 8))).toMatchObject([{ level: 'ERROR', event: 'audit.broken' }, { level: 'ERROR', event: 'audit.broken', msg: expect.stringContaining('of secrets') as string }])
    await fill(1, 20)
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ problem: expect.stringContaining('seal') })
    await reopen(Buffer.alloc(32, 8))
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ problem: expect.stringContaining('seal') })
  })

  it('does not put its seal under an audit whose end was tampered with while the room was closed', async () => {
    await fill(10)
    await state.close()
    tamper(file, 'DELETE FROM pii_audit WHERE place > 8')
    expect(await reopen()).toMatchObject([{ event: 'audit.broken' }])
    await fill(5, 20)
    expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('not the one that the head') })
  })
})

it('what is hashed is what is stored', () => {
  const record = sampleRecord({ preview: '\ud800' })
  expect(Object.keys(toFields(toRow(record, 1))).sort()).toEqual(
    ['about', 'action', 'actor', 'agent_id', 'at', 'call_id', 'direction', 'has_original', 'id', 'kind', 'location', 'place', 'preview', 'reason', 'severity', 'times', 'type', 'value_hash'],
  )
})
