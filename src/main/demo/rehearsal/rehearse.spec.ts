import { expect, it } from 'vitest'
import { AppError } from '../../../shared/errors.ts'
import { createTestClock } from '../../access/testClock.ts'
import { isAlike, rehearse } from './rehearse.ts'
import { createTestStage, ended } from './testStage.ts'

function setUp() {
  const stage = createTestStage()
  const rows: number[] = []
  const options = { client: stage.client, clock: createTestClock(), speed: 10, isApproving: true, runs: 3, folder: '/tmp/invented', onRun: ({ run }: { run: number }) => rows.push(run) } as const
  return { ...stage, options, rows }
}

it('goes on to the next run after a difference, and knows that not all is alike', async () => {
  const { options, rows, tell, asked } = setUp()
  const rehearsed = rehearse(options)
  const ending = { of: 0 }
  for (let turn = 0; turn < 500; turn++) {
    await Promise.resolve()
    const started = asked.filter(([name]) => name === 'demo.start').length
    if (started > ending.of) {
      ending.of = started
      tell(ended())
    }
  }
  const reports = await rehearsed
  expect(rows).toEqual([1, 2, 3])
  expect(reports.map(({ differences }) => differences.some(({ where }) => where === 'at the end: spent'))).toEqual([true, true, true])
  expect(isAlike(reports, 3)).toBe(false)
})

it('ends with the run that comes to no end, and says why', async () => {
  const { options, rows, refuse, tell } = setUp()
  refuse('demo.reset', new AppError('UNAVAILABLE', 'The control room has gone away.'))
  const rehearsed = rehearse(options)
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  tell(ended())
  expect(await rehearsed).toMatchObject([{ run: 1, problem: 'The control room has gone away.', differences: [] }])
  expect(rows).toEqual([1])
})

it('throws what keeps it from starting: that is no result', async () => {
  const { options, refuse } = setUp()
  refuse('demo.start', new AppError('UNAVAILABLE', 'No Python was found.'))
  await expect(rehearse(options)).rejects.toThrow('No Python was found.')
})

it('is alike only where every run came, and as it should', () => {
  const report = { run: 1, tookMs: 1, events: 1, triggers: {}, figures: {}, differences: [], problem: null }
  expect(isAlike([report, report], 2)).toBe(true)
  expect(isAlike([report], 2)).toBe(false)
  expect(isAlike([report, { ...report, problem: 'It stands still.' }], 2)).toBe(false)
})
