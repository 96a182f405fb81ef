import Database from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { createTestClock } from '../access/testClock.ts'
import { CHAIN_START, chainHash, sealOf } from '../audit/chain.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { createAuditRepository } from './auditRepository.ts'
import { toFields, toLink, toRow, type AuditRow } from './auditRows.ts'
import { createAuditWriter } from './auditWriter.ts'
import { migrations } from './migrations/all.ts'
import { DATABASE_FILE, openDatabase } from './openDatabase.ts'
import { openState } from './openState.ts'
import type { State } from './repositories.ts'
import { recordedEvent, recordId, sampleRecord } from './testAudit.ts'
import { looking } from './testDatabase.ts'
import { note, removed } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'
import { describeStores, type Place } from './testStores.ts'
import { verifyAudits } from './verifyAudit.ts'

const folders = useTestFolders()
const clock = createTestClock()
const KEY = Buffer.alloc(32, 7)
const OTHER = 'lg-00000002'

describeStores('the safety audit', (store) => {
  let place: Place
  let state: State

  beforeEach(async () => {
    place = await store.make()
    state = await place.open({ clock, auditKey: KEY })
  })
  afterEach(() => state.close())

  async function reopen(auditKey: Buffer | null = KEY): Promise<LogEntry[]> {
    await state.close()
    const entries: LogEntry[] = []
    const log = { write: (entry: LogEntry) => void entries.push(entry), flush: async () => {} }
    state = await place.open({ clock, auditKey, log })
    return entries
  }

  /** A room that never had a master key. */
  async function withoutKey(): Promise<void> {
    await state.close()
    place = await store.make()
    state = await place.open({ clock })
  }

  async function keep(...records: SafetyRecord[]): Promise<void> {
    await state.events.append([{ announcement: recordedEvent(...records), at: clock.now() }])
  }

  /** Records 1 to `count`, several to an event. */
  async function fill(count: number, first = 1): Promise<void> {
    const numbers = Array.from({ length: count }, (_, index) => first + index)
    for (let i = 0; i < count; i += 7) await keep(...numbers.slice(i, i + 7).map((number) => sampleRecord({ id: recordId(number), at: number })))
  }

  const rows = (): Promise<AuditRow[]> => place.rows<AuditRow>('SELECT * FROM pii_audit ORDER BY place')

  describe('the safety audit', () => {
    it('is written with the very event that tells of it, every field in a column of its own', async () => {
      const record = sampleRecord({ hasOriginal: true, about: recordId(9), actor: 'alex (admin)', reason: 'invented', times: 12 })
      await keep(record)
      const [row] = await rows()
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
      await keep(sampleRecord())
      const again = state.events.append([
        { announcement: note('beside it'), at: 1 },
        { announcement: recordedEvent(sampleRecord({ id: recordId(2) }), sampleRecord()), at: 1 },
      ])
      await expect(again).rejects.toThrow('the audit is only ever appended')
      expect((await rows()).map(({ id }) => id)).toEqual([recordId(1)])
      expect((await state.events.after(0, 100)).map(({ name }) => name)).toEqual(['safety.recorded'])
      await keep(sampleRecord({ id: recordId(2) }))
      expect(await state.safetyAudit.verify()).toEqual({ records: 2, firstBad: null, isSealChecked: true })
    })

    it('is listed newest first, page by page, by any of its filters', async () => {
      await fill(5)
      await keep(sampleRecord({ id: recordId(6), at: 6, kind: 'injection', type: 'orders', agentId: OTHER }), sampleRecord({ id: recordId(7), at: 7, type: 'phone', agentId: OTHER }))
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
      expect(links).toEqual((await rows()).map(({ place, id, hash }) => `${place} ${id} ${hash}`))
      expect(links.length).toBe(1_204)
    })

    it('counts for each agent, many of a flood included, and outlives it', async () => {
      const of = (id: number, changes: Partial<SafetyRecord>): SafetyRecord => sampleRecord({ id: recordId(id), ...changes })
      await keep(
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
      await keep(sampleRecord({ preview: '\ud800 lone, "quoted", \u0000 nothing, 🚀', place: '\udfff' }))
      await reopen()
      expect(await state.safetyAudit.verify()).toEqual({ records: 1, firstBad: null, isSealChecked: true })
    })
  })

  describe('in a plain shell of the database the audit', () => {
    const INSERT = `INTO pii_audit (place, id, at, kind, type, severity, location, action, value_hash, preview, has_original, times, hash)`
    const values = (place: string, id: number): string => `VALUES (${place}, '${recordId(id)}', 1, 'private', 'email', 'WARN', '', 'warned', '', '', 0, 1, '')`

    it.each<[string, string, string]>([
      ['a change', `UPDATE pii_audit SET action = 'warned' WHERE place = 2`, 'never changed'],
      ['a change of a place', `UPDATE pii_audit SET place = 9 WHERE place = 3`, 'never changed'],
      ['a deletion', 'DELETE FROM pii_audit WHERE place = 3', 'the audit is kept'],
      ['a deletion of everything', 'DELETE FROM pii_audit', 'the audit is kept'],
      ['a row in between', `INSERT ${INSERT} ${values('2', 7)}`, 'only ever appended'],
      ['a row beyond the end', `INSERT ${INSERT} ${values('5', 7)}`, 'only ever appended'],
      ['a row in front', `INSERT ${INSERT} ${values('-1', 7)}`, 'only ever appended'],
      ['a row without a place', `INSERT ${INSERT} ${values('NULL', 7)}`, 'only ever appended'],
      ['an upsert', `INSERT ${INSERT} ${values('2', 2)} ON CONFLICT (place) DO UPDATE SET action = 'warned'`, 'only ever appended'],
      ['a head that goes back', `UPDATE pii_audit_head SET place = 1`, 'never goes back'],
      ['no head', `DELETE FROM pii_audit_head`, 'has a head'],
      ...(store.name === 'SQLite'
        ? ([
            ['a change that replaces', `UPDATE OR REPLACE pii_audit SET id = '${recordId(1)}' WHERE place = 3`, 'never changed'],
            ['a row that replaces one at its place', `PRAGMA recursive_triggers = OFF; INSERT OR REPLACE ${INSERT} ${values('2', 7)}`, 'only ever appended'],
            ['a row that replaces one by its id', `PRAGMA recursive_triggers = OFF; INSERT OR REPLACE ${INSERT} ${values('4', 2)}`, 'only ever appended'],
            ['REPLACE', `REPLACE ${INSERT} ${values('4', 2)}`, 'only ever appended'],
            ['another head', `PRAGMA recursive_triggers = OFF; REPLACE INTO pii_audit_head VALUES (1, 0, '', NULL)`, 'has one head'],
          ] as [string, string, string][])
        : ([
            ['a row with the id of another', `INSERT ${INSERT} ${values('4', 2)} ON CONFLICT DO NOTHING`, 'only ever appended'],
            ['another head', `INSERT INTO pii_audit_head VALUES (1, 0, '', NULL) ON CONFLICT (id) DO UPDATE SET place = 0`, 'has one head'],
            ['emptying it', 'TRUNCATE pii_audit', 'the audit is kept'],
            ['emptying its head', 'TRUNCATE pii_audit_head', 'has a head'],
          ] as [string, string, string][])),
    ])('refuses %s', async (_what, statements, words) => {
      await fill(3)
      const before = await rows()
      await expect(place.change(statements)).rejects.toThrow(words)
      expect(await rows()).toEqual(before)
      expect(await state.safetyAudit.verify()).toMatchObject({ records: 3, firstBad: null })
    })

    it('reads as it is, without us', async () => {
      await keep(sampleRecord({ preview: 'Contact [EMAIL_REDACTED]' }))
      const row = (await place.rows('SELECT type, value_hash, severity, agent_id, call_id, location, action, at FROM pii_audit'))[0]
      expect(Object.values(row as object)).not.toContain(null)
    })
  })

  describe('verification', () => {
    const both = async (key: Buffer | null = KEY): Promise<unknown> => {
      const open = await state.safetyAudit.verify()
      await state.close()
      if (place.file !== null) expect((await verifyAudits(place.file, key)).safety).toEqual(open)
      state = await place.open({ clock, auditKey: key })
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

    it.each<[string, string, number, string]>([
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
    ])('names the first bad record after %s', async (_what, statements, badAt, problem) => {
      await fill(10)
      await place.tamper(statements)
      const verdict = await state.safetyAudit.verify()
      expect(verdict.firstBad).toEqual({ place: badAt, problem: expect.stringContaining(problem) })
      await state.close()
      // The room that comes after does not heal it, but for a seal alone: that could be a key that is new.
      if (statements !== 'UPDATE pii_audit_head SET seal = NULL') await reopen()
      if (place.file !== null) expect((await verifyAudits(place.file, KEY)).safety).toEqual(verdict)
    })

    /** Writes every hash anew, as somebody can who knows how, and has no key. */
    async function rewrite(from: number, change: (row: AuditRow) => AuditRow): Promise<AuditRow> {
      let hash = CHAIN_START
      let last: AuditRow | null = null
      for (const row of await rows()) {
        const changed = row.place >= from ? change(row) : row
        hash = chainHash(hash, toLink(changed).fields)
        await place.change(`UPDATE pii_audit SET action = '${changed.action}', hash = '${hash}' WHERE place = ${row.place}`)
        last = { ...changed, hash }
      }
      if (!last) throw new Error('There is nothing to write anew.')
      return last
    }

    it('notices a whole chain written anew, head and all, for the seal takes the key', async () => {
      await fill(10)
      await place.tamper('')
      const { place: end, hash } = await rewrite(4, (row) => ({ ...row, action: 'warned' }))
      expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('not the one that the head') })
      await place.tamper(`UPDATE pii_audit_head SET hash = '${hash}'`)
      expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('does not carry the seal') })
      await place.tamper(`UPDATE pii_audit_head SET seal = '${sealOf(Buffer.alloc(32, 8), 'safety', { place: end, hash })}'`)
      expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('does not carry the seal') })
    })

    it('without a key notices everything but a chain that was written anew with its head', async () => {
      await withoutKey()
      await fill(10)
      expect(await both(null)).toEqual({ records: 10, firstBad: null, isSealChecked: false })
      await place.tamper('')
      const { hash } = await rewrite(4, (row) => ({ ...row, action: 'warned' }))
      expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10 })
      await place.tamper(`UPDATE pii_audit_head SET hash = '${hash}'`)
      expect(await state.safetyAudit.verify()).toEqual({ records: 10, firstBad: null, isSealChecked: false })
    })

    it('follows what is written meanwhile', async () => {
      await fill(1_600)
      const verifying = state.safetyAudit.verify()
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setImmediate(resolve))
        await fill(7, 10_000 + i * 7)
      }
      const { records, ...verdict } = await verifying
      expect(verdict).toEqual({ firstBad: null, isSealChecked: true })
      // One who reads from a server may be through before the last is written.
      expect(records).toBeGreaterThanOrEqual(store.name === 'SQLite' ? 1_635 : 1_600)
    })

    it('names the records that were taken away while the room went on', async () => {
      await fill(10)
      await place.tamper('DELETE FROM pii_audit WHERE place > 8')
      await expect(fill(1, 20)).resolves.toBeUndefined()
      expect((await state.safetyAudit.verify()).firstBad).toEqual({ place: 9, problem: 'Record 9 is missing: record 11 stands in its place.' })
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
      await place.tamper('DELETE FROM pii_audit WHERE place > 8')
      expect(await reopen()).toMatchObject([{ event: 'audit.broken' }])
      await fill(5, 20)
      expect((await state.safetyAudit.verify()).firstBad).toMatchObject({ place: 10, problem: expect.stringContaining('not the one that the head') })
    })
  })
})

it('records are looked for in steps that leave others their turn, and the same ones are found', async () => {
  const dataFolder = folders.make()
  const state = await openState({ dataFolder, clock, auditKey: KEY })
  const records = Array.from({ length: 40 }, (_, index) => sampleRecord({ id: recordId(index), at: index, type: index % 9 === 0 ? 'ssn' : 'email' }))
  await state.events.append([{ announcement: recordedEvent(...records), at: 1 }])
  const database = openDatabase({ dataFolder, migrations, now: 0, busyTimeoutMs: 1_000 })
  const audit = createAuditRepository(database, createAuditWriter(database.fast, KEY), () => KEY, 4)
  let hadTurn = false
  setImmediate(() => setImmediate(() => (hadTurn = true)))
  expect(await audit.list({ type: 'phone', limit: 5 })).toEqual({ records: [], next: null })
  expect(hadTurn).toBe(true)
  for (const query of [{ type: 'ssn', limit: 2 }, { type: 'ssn', limit: 50 }, { limit: 7, before: 12 }, { type: 'email', limit: 3, before: 2 }, { from: 30, limit: 4 }, { limit: 40 }]) {
    expect(await audit.list(query)).toEqual(await state.safetyAudit.list(query))
  }
  const visited: number[] = []
  await audit.each({ type: 'ssn', from: 1 }, ({ at }) => void visited.push(at))
  expect(visited).toEqual([9, 18, 27, 36])
  database.fast.close()
  database.durable.close()
  await state.close()
})

describe('verification from outside', () => {
  it('reads a closed database only: not a byte of it is changed', async () => {
    const folder = folders.make()
    const file = join(folder, DATABASE_FILE)
    const state = await openState({ dataFolder: folder, clock, auditKey: KEY })
    await state.events.append([{ announcement: recordedEvent(sampleRecord()), at: 1 }])
    await state.close()
    const before = looking(file, (database) => database.serialize())
    await verifyAudits(file, KEY)
    expect(looking(file, (database) => database.serialize()).equals(before)).toBe(true)
  })

  it('says in a sentence what is no database of ours', async () => {
    await expect(verifyAudits(join(folders.make(), 'nothing.db'), null)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('there is none') })
    const foreign = join(folders.make(), 'foreign.db')
    new Database(foreign).exec('CREATE TABLE invented (id INTEGER)').close()
    await expect(verifyAudits(foreign, null)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('no database of the control room') })
  })
})

it('what is hashed is what is stored', () => {
  const record = sampleRecord({ preview: '\ud800' })
  expect(Object.keys(toFields(toRow(record, 1))).sort()).toEqual(
    ['about', 'action', 'actor', 'agent_id', 'at', 'call_id', 'direction', 'has_original', 'id', 'kind', 'location', 'place', 'preview', 'reason', 'severity', 'times', 'type', 'value_hash'],
  )
})
