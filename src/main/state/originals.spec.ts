import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { openState } from './openState.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { recordedEvent, recordId, sampleRecord, tamper } from './testAudit.ts'
import { note, removed } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const clock = createTestClock()

interface Kept {
  readonly id: string
  readonly at: number
  readonly sealed: Buffer
}

const originals = (count: number, at = (index: number): number => index): Kept[] =>
  Array.from({ length: count }, (_, index) => ({ id: recordId(index), at: at(index), sealed: randomBytes(40 + (index % 200)) }))

/** How many of them stand in any file of the folder. */
function foundIn(folder: string, kept: readonly Kept[]): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  const bytes = Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)))
  return kept.filter(({ sealed }) => bytes.includes(sealed)).length
}

it('originals are kept until they are forgotten, and then no file holds their bytes any more', async () => {
  const folder = folders.make()
  const state = await openState({ dataFolder: folder, clock })
  const all = originals(1_200)
  for (let i = 0; i < all.length; i += 50) state.originals.save(all.slice(i, i + 50))
  const announcement = recordedEvent(...all.slice(1_100, 1_164).map(({ id }) => sampleRecord({ id })))
  await state.events.append([{ announcement, at: 1 }])
  expect(foundIn(folder, all)).toBe(1_200)
  expect(await state.originals.get(recordId(7))).toEqual(all[7]?.sealed)
  expect((await state.originals.recent(2)).map(({ id }) => id)).toEqual([1_199, 1_198].map(recordId))

  expect(await state.originals.forgetBefore(1_100)).toBe(1_100)
  expect(await state.originals.get(recordId(7))).toBeNull()
  expect(foundIn(folder, all.slice(0, 1_100))).toBe(0)
  expect(foundIn(folder, all.slice(1_100))).toBe(100)
  expect(await state.originals.forgetBefore(1_100)).toBe(0)
  for (let i = 1_110; i <= 1_200; i += 30) await state.originals.forgetBefore(i)
  expect(foundIn(folder, all)).toBe(0)
  await state.close()
  expect(foundIn(folder, all)).toBe(0)
})

it('all are saved or none, and none is ever another', async () => {
  const folder = folders.make()
  const state = await openState({ dataFolder: folder, clock })
  const [first, second] = originals(2) as [Kept, Kept]
  state.originals.save([first])
  expect(() => state.originals.save([second, first])).toThrow('only ever added')
  expect((await state.originals.recent(9)).map(({ id }) => id)).toEqual([first.id])
  const file = join(folder, DATABASE_FILE)
  for (const statement of [`UPDATE pii_originals SET sealed = x'00'`, `REPLACE INTO pii_originals VALUES (1, 'find-00000000000000aa', 1, x'00')`, `REPLACE INTO pii_originals VALUES (9, '${first.id}', 1, x'00')`]) {
    expect(() => tamper(file, statement, 'kept')).toThrow(/only ever added|never changed/)
  }
  expect(await state.originals.get(first.id)).toEqual(first.sealed)
  await state.close()
})

it('one whose record was never written goes at the next start', async () => {
  const folder = folders.make()
  const [kept, lost] = originals(2) as [Kept, Kept]
  const state = await openState({ dataFolder: folder, clock })
  state.originals.save([kept, lost])
  await state.events.append([{ announcement: recordedEvent(sampleRecord({ id: kept.id })), at: 1 }])
  await state.close()
  const next = await openState({ dataFolder: folder, clock })
  expect((await next.originals.recent(9)).map(({ id }) => id)).toEqual([kept.id])
  expect(foundIn(folder, [lost])).toBe(0)
  await next.close()
})

it('what was said about safety outlives the room, and of an agent as long as it is on the list', async () => {
  const folder = folders.make()
  const state = await openState({ dataFolder: folder, clock })
  const rules = { mode: 'warn', types: { phone: 'off' }, directions: {}, unauthorised: null, injection: 'block' } as const
  const allowance = { id: 'allow-1', agentId: null, kind: 'domain', value: '@example.com', actor: 'alex (admin)', at: 1 } as const
  await state.safetySettings.saveRules(null, rules)
  await state.safetySettings.saveRules('lg-7a3f9c2d', { ...rules, mode: 'block' })
  await state.safetySettings.saveRules('lg-7a3f9c2d', { ...rules, mode: null })
  await state.safetySettings.saveAllowance(allowance)
  await state.safetySettings.saveAllowance({ ...allowance, id: 'allow-2', agentId: 'lg-7a3f9c2d' })
  await state.close()

  const next = await openState({ dataFolder: folder, clock })
  expect(await next.safetySettings.rules()).toEqual([{ agentId: null, rules }, { agentId: 'lg-7a3f9c2d', rules: { ...rules, mode: null } }])
  expect((await next.safetySettings.allowances()).map(({ id }) => id)).toEqual(['allow-1', 'allow-2'])
  await next.events.append([{ announcement: removed('lg-7a3f9c2d'), at: 1 }, { announcement: note('beside it'), at: 1 }])
  expect(await next.safetySettings.rules()).toEqual([{ agentId: null, rules }])
  expect(await next.safetySettings.allowances()).toEqual([allowance])
  expect(await next.safetySettings.deleteAllowance('allow-1')).toBe(true)
  expect(await next.safetySettings.deleteAllowance('allow-1')).toBe(false)
  await next.close()
})

it('of an allowance that was taken back no file holds the value any more', async () => {
  const folder = folders.make()
  const state = await openState({ dataFolder: folder, clock })
  const values = Array.from({ length: 40 }, (_, index) => `person-${index}@example.com`)
  const isKept = (value: string): number => foundIn(folder, [{ id: '', at: 0, sealed: Buffer.from(value) }])
  for (const value of values) await state.safetySettings.saveAllowance({ id: value.slice(0, 9), agentId: null, kind: 'value', value, actor: 'alex (admin)', at: 1 })
  expect(values.every(isKept)).toBe(true)
  for (const value of values) await state.safetySettings.deleteAllowance(value.slice(0, 9))
  expect(values.filter(isKept)).toEqual([])
  await state.close()
  expect(values.filter(isKept)).toEqual([])
})
