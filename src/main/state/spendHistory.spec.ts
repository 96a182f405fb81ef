import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MOST_POINTS } from '../../shared/thinnedSeries.ts'
import { openDatabase, type OpenDatabase } from './openDatabase.ts'
import { migrations } from './migrations/all.ts'
import { createSpendHistory } from './spendHistory.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const AGENT = 'lg-7a3f9c2d'
const OTHER = 'ot-00000001'
let database: OpenDatabase
let seq: number

beforeEach(() => {
  seq = 0
  database = openDatabase({ dataFolder: folders.make(), migrations, now: 1, busyTimeoutMs: 100 })
})
afterEach(() => {
  database.fast.close()
  database.durable.close()
})

function charge(at: number, cost: number, agentId = AGENT, outcome = 'answered'): void {
  seq += 1
  database.fast.prepare('INSERT INTO call_costs VALUES (?, ?, ?, ?, ?, NULL, 1, 1, 0, 0, ?)').run(agentId, seq, at, 'gpt-4', outcome, cost)
}
const history = (callsAtOnce?: number) => createSpendHistory(database.fast, callsAtOnce)(AGENT)

describe('how spending has grown', () => {
  it('is nothing where nothing was called', async () => {
    charge(1_000, 5, OTHER)
    expect(await history()).toEqual([])
  })

  it('is one point for the calls of a second, each with all that was spent by then', async () => {
    for (const [at, cost] of [[1_000, 30], [1_400, 20], [2_500, 0], [9_000, 50]] as const) charge(at, cost)
    charge(3_000, 999, OTHER)
    charge(9_500, 0, AGENT, 'refused')
    expect(await history()).toEqual([
      { at: 1_400, spent: 50, calls: 2 },
      { at: 2_500, spent: 50, calls: 3 },
      { at: 9_500, spent: 100, calls: 4 },
    ])
  })

  it('is the same in whatever steps it is read, small and in order, and ends with all that was spent', async () => {
    const calls = fc.array(fc.tuple(fc.nat(7_200_000), fc.nat(1_000_000_000)), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(calls, async (given) => {
        database.fast.exec('DROP TRIGGER IF EXISTS call_costs_are_kept; DELETE FROM call_costs')
        for (const [at, cost] of given) charge(at, cost)
        const points = await history()
        expect(await history(7)).toEqual(points)
        expect(points.length).toBeLessThanOrEqual(MOST_POINTS)
        expect(points.map(({ at }) => at)).toEqual(points.map(({ at }) => at).toSorted((a, b) => a - b))
        expect(points.at(-1)).toMatchObject({ spent: given.reduce((sum, [, cost]) => sum + cost, 0), calls: given.length })
      }),
      { numRuns: 40 },
    )
  })

  it('stays small over weeks', async () => {
    for (let hour = 0; hour < 1_000; hour++) charge(hour * 3_600_000, 10)
    const points = await history()
    expect(points.length).toBeGreaterThan(MOST_POINTS / 2)
    expect(points.length).toBeLessThanOrEqual(MOST_POINTS)
    expect(points.at(-1)).toEqual({ at: 999 * 3_600_000, spent: 10_000, calls: 1_000 })
  })
})
