import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import { AGENT, CENT, DOLLAR, openTestDesk, type TestDesk } from './testDesk.ts'

const folders = useTestFolders()
let test: TestDesk
beforeEach(async () => {
  test = await openTestDesk(folders.make())
})
afterEach(async () => {
  await test.close()
  expect(test.defects).toEqual([])
})

const passes = async (ms: number): Promise<void> => {
  test.clock.advance(ms)
  await test.settled()
}

describe('what a budget tells of itself', () => {
  it('comes at most four times a second, however busy it is, and the last of it always comes', async () => {
    await test.launch(50 * DOLLAR)
    await passes(1_000)
    const before = test.heard('budget.changed').length
    for (let moment = 0; moment < 100; moment++) {
      await test.charge(await test.hold(10 * CENT), CENT)
      await passes(10)
    }
    const during = test.heard('budget.changed').length - before
    expect(during).toBeGreaterThanOrEqual(3)
    expect(during).toBeLessThanOrEqual(5)
    await passes(250)
    expect(test.heard('budget.changed').at(-1)).toMatchObject({
      severity: 'DEBUG',
      message: 'lead_gen_agent.py has spent $1.00 of $50.00 (2.0%).',
      payload: { budget: { spent: DOLLAR, reserved: 0, calls: 100, openCalls: 0 } },
    })
    const after = test.heard('budget.changed').length
    await passes(10_000)
    expect(test.heard('budget.changed')).toHaveLength(after)
  })

  it('shows what the calls under way have probably used', async () => {
    await test.launch(50 * DOLLAR)
    const one = await test.hold(DOLLAR)
    const two = await test.hold(DOLLAR)
    one.reservation.runs(3)
    two.reservation.runs(4)
    one.reservation.runs(5)
    await passes(250)
    expect(test.heard('budget.changed').at(-1)?.payload.budget).toMatchObject({ running: 9, reserved: 2 * DOLLAR, openCalls: 2, spent: 0 })
    for (const held of [one, two]) await test.charge(held, CENT)
    expect(test.desk.status(AGENT).running).toBe(0)
  })

  it('comes once more when the room closes', async () => {
    await test.launch(50 * DOLLAR)
    await passes(250)
    await test.charge(await test.hold(DOLLAR), CENT)
    test.desk.close()
    await test.settled()
    expect(test.heard('budget.changed').at(-1)?.payload.budget.spent).toBe(CENT)
  })
})

describe('progress', () => {
  it('turns spending into averages and a projection: 23 of 100 leads at $5.29', async () => {
    await test.launch(50 * DOLLAR, { baselinePerUnit: 3_050_000_000 })
    await test.charge(await test.hold(10 * DOLLAR), 529 * CENT)
    expect(test.desk.status(AGENT)).toMatchObject({ unit: 'call', average: 529 * CENT, projection: null, savedAgainstBaseline: null })
    test.desk.progress(AGENT, { done: 23, total: 100, unit: 'lead', failed: 1 })
    expect(test.desk.status(AGENT)).toMatchObject({
      progress: { done: 23, total: 100, unit: 'lead', failed: 1 },
      unit: 'lead',
      average: 23 * CENT,
      projection: 23 * DOLLAR,
      recommendedIncrease: 25 * DOLLAR,
      savedAgainstBaseline: 64_860_000_000,
    })
    await passes(100)
    expect(test.heard('agent.progressed')).toMatchObject([
      { message: 'lead_gen_agent.py: 23 / 100 leads, 1 failed.', payload: { progress: { done: 23, total: 100, unit: 'lead', failed: 1 } } },
    ])
  })

  it('has no projection where nobody knows how much there is to do', async () => {
    await test.launch(50 * DOLLAR)
    await test.charge(await test.hold(DOLLAR), DOLLAR)
    test.desk.progress(AGENT, { done: 4, total: null, unit: 'page', failed: 0 })
    expect(test.desk.status(AGENT)).toMatchObject({ average: 25 * CENT, projection: null })
    test.desk.progress(AGENT, { done: 0, total: 10, unit: 'page', failed: 0 })
    expect(test.desk.status(AGENT)).toMatchObject({ unit: 'page', average: null, projection: null })
  })

  it('is told ten times a second at most, and the last of it always', async () => {
    await test.launch(50 * DOLLAR)
    await passes(1_000)
    for (let done = 1; done <= 500; done++) {
      test.desk.progress(AGENT, { done, total: 500, unit: 'lead', failed: 0 })
      if (done % 5 === 0) await passes(10)
    }
    await passes(100)
    const told = test.heard('agent.progressed').map(({ payload }) => payload.progress.done)
    expect(told.length).toBeGreaterThanOrEqual(10)
    expect(told.length).toBeLessThanOrEqual(12)
    expect(told.at(-1)).toBe(500)
    test.desk.progress(AGENT, { done: 501, total: 501, unit: 'lead', failed: 0 })
    test.desk.close()
    await test.settled()
    expect(test.heard('agent.progressed').at(-1)?.payload.progress.done).toBe(501)
  })
})
