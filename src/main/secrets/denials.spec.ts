import { beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import type { NewAuditEntry } from '../state/keptSecrets.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { COUNTED_FOR_MS, createDenials, EACH_WRITTEN, type Denials } from './denials.ts'
import { ADMIN, agentIn, bytes, openTestStore, VIEWER } from './testStore.ts'

let clock: TestClock
let written: NewAuditEntry[]
let denials: Denials
let defects: unknown[]
beforeEach(() => {
  clock = createTestClock()
  written = []
  defects = []
  denials = createDenials({ write: async (entry) => void written.push(entry), clock, onDefect: (defect) => defects.push(defect) })
})

function entry(changes: Partial<NewAuditEntry> = {}): NewAuditEntry {
  const name = changes.secret_name ?? 'FIRST_KEY'
  return {
    secret_name: name, operation: 'DENY', requester_role: 'viewer', requester: 'vera', agent_id: null, success: false,
    error_message: `REVEAL: ${name} is not for a viewer.`, at: clock.now(), ...changes,
  }
}

async function many(count: number, changes: (index: number) => Partial<NewAuditEntry> = () => ({})): Promise<void> {
  for (let index = 0; index < count; index++) await denials.note(entry(changes(index)))
}

describe('refusals', () => {
  it('have a record each while they are few', async () => {
    await many(EACH_WRITTEN)
    await denials.settle()
    expect(written).toHaveLength(EACH_WRITTEN)
  })

  it('are counted where they are many, and the count is one record at the end of their time', async () => {
    await many(1_000_000)
    expect(written).toHaveLength(EACH_WRITTEN)
    clock.advance(COUNTED_FOR_MS)
    expect(written).toHaveLength(EACH_WRITTEN + 1)
    expect(written.at(-1)).toEqual(
      entry({ error_message: `REVEAL: FIRST_KEY is not for a viewer. That happened ${1_000_000 - EACH_WRITTEN} more times after 2026-11-21T14:23:45.000Z, and is counted here.` }),
    )
    expect(clock.waiting()).toBe(0)
    await many(1)
    expect(written).toHaveLength(EACH_WRITTEN + 2)
  })

  it('are one kind whatever names and numbers the caller thinks up', async () => {
    await many(5_000, (index) => ({ secret_name: `KEY_${index}` }))
    await denials.settle()
    expect(written).toHaveLength(EACH_WRITTEN + 1)
    expect(written.at(-1)).toMatchObject({ secret_name: '*', requester: 'vera' })
  })

  it('of others are not counted with them, nor those for another reason', async () => {
    await many(EACH_WRITTEN + 5)
    for (const changes of [{ requester: 'ada' }, { requester_role: 'agent' }, { error_message: 'EXPORT: another reason.' }, { operation: 'READ' as const }]) {
      await denials.note(entry(changes))
      expect(written.at(-1)).toEqual(entry(changes))
    }
  })

  it('of thousands of callers share what is left over', async () => {
    await many(20_000, (index) => ({ requester: `user-${index}` }))
    expect(written.length).toBeLessThan(600)
    await denials.settle()
    expect(written.at(-1)?.error_message).toMatch(/more times/)
    expect(clock.waiting()).toBe(0)
  })

  it('whose count cannot be written are told of', async () => {
    const broken = createDenials({ write: () => Promise.reject(new Error('invented: the disk is full')), clock, onDefect: (defect) => defects.push(defect) })
    for (let index = 0; index < EACH_WRITTEN; index++) await expect(broken.note(entry())).rejects.toThrow('full')
    await broken.note(entry())
    clock.advance(COUNTED_FOR_MS)
    await Promise.resolve()
    await Promise.resolve()
    expect(defects).toHaveLength(1)
  })
})

describe('the audit of a store', () => {
  const folders = useTestFolders()

  it('is not filled by a caller who is refused again and again, and tells how often it was', async () => {
    const test = await openTestStore(folders.make())
    const { id } = await test.store.create({ name: 'FIRST_KEY', environment: 'production', value: bytes('an invented value') }, ADMIN)
    for (let count = 0; count < 300; count++) {
      await expect(test.store.get(id, VIEWER, true)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(test.store.get(id, agentIn('staging'), false)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(test.store.rollback(id, 1 + count * 2, ADMIN)).rejects.toThrow()
    }
    const before = await test.audited()
    expect(before.filter((line) => line === 'DENY FIRST_KEY viewer !')).toHaveLength(EACH_WRITTEN)
    expect(before.filter((line) => line === 'DENY FIRST_KEY agent !')).toHaveLength(EACH_WRITTEN)
    await test.store.close()
    const { entries } = await test.state.secrets.audit({ limit: 10 })
    expect(entries.filter(({ error_message: message }) => message?.includes(`${300 - EACH_WRITTEN} more times`)).map(({ requester_role: role }) => role).sort()).toEqual(['agent', 'viewer'])
    expect(await test.state.secrets.verifyAudit()).toMatchObject({ firstBad: null })
    // What is allowed is written down each time.
    for (let count = 0; count < 30; count++) await test.store.get(id, agentIn('production'), false)
    expect((await test.audited()).filter((line) => line === 'READ FIRST_KEY agent')).toHaveLength(30)
    await test.close()
  })
})
