import { describe, expect, it } from 'vitest'
import type { Difference } from './compare.ts'
import { isAsExpected, reportDifferences, reportRow, type RunReport } from './reportTable.ts'

const TRIGGERS = { 'rate-limit': 34, rotation: 50, 'private-data': 67, budget: 85 }
const report = (changes: Partial<RunReport> = {}): RunReport => ({ run: 1, tookMs: 41_234, events: 1_734, triggers: TRIGGERS, figures: {}, differences: [], problem: null, ...changes })
const difference = (changes: Partial<Difference> = {}): Difference => ({ in: 'figures', where: 'at the end: spent', expected: '$55.83 / $75.00', found: '$55.84 / $75.00', ...changes })

describe('the table of a rehearsal', () => {
  it('has a row for each run', () => {
    expect(reportRow(report())).toEqual(['1', '41.2', '1734', 'as expected', '#34 #50 #67 #85', 'nothing'])
    const differing = report({ run: 2, triggers: { ...TRIGGERS, rotation: null }, differences: [difference({ in: 'triggers' }), difference(), difference({ in: 'events' })] })
    expect(reportRow(differing)).toEqual(['2', '41.2', '1734', 'wrong', '#34 never #67 #85', 'figures, triggers, events'])
    expect(reportRow(report({ problem: 'It stands still.', triggers: {} }))).toEqual(['1', '41.2', '1734', '-', '', 'it did not end'])
  })

  it('tells what was expected and what was found', () => {
    expect(reportDifferences([report(), report({ run: 2, differences: [difference()] }), report({ run: 3, problem: 'It stands still.' })])).toEqual([
      'Run 2, figures, at the end: spent:\n  expected  $55.83 / $75.00\n  found     $55.84 / $75.00',
      'Run 3: It stands still.',
    ])
  })

  it('tells the first of many', () => {
    const lines = reportDifferences([report({ differences: Array.from({ length: 20 }, () => difference()) })])
    expect(lines).toHaveLength(13)
    expect(lines.at(-1)).toBe('… and 8 more.')
  })

  it.each([
    [report(), true],
    [report({ differences: [difference()] }), false],
    [report({ problem: 'It stands still.' }), false],
  ])('knows whether all is as expected', (one, isIt) => {
    expect(isAsExpected(one)).toBe(isIt)
  })
})
