import { expect, it } from 'vitest'
import { formatLength, formatRate, latencyLines, rateLine } from './performanceLines.ts'

const POINTS = [{ at: 1, done: 1, perHour: null, p50: 1, p95: 2, p99: 3 }, { at: 2, done: 2, perHour: 212, p50: 4, p95: 5, p99: 6 }]

it('throughput is one line in the agent’s own unit', () => {
  expect(rateLine(POINTS, 'lead')).toMatchObject({ label: 'leads/hour', points: [{ x: 1, y: null }, { x: 2, y: 212 }] })
  expect(formatRate(27_226.4)).toBe('27,226')
})

it('the three percentiles differ in more than their colour', () => {
  const lines = latencyLines(POINTS)
  expect(lines.map(({ label, points }) => [label, points.map(({ y }) => y)])).toEqual([['P50', [1, 4]], ['P95', [2, 5]], ['P99', [3, 6]]])
  expect(new Set(lines.map(({ isDashed = false, isDotted = false }) => `${isDashed} ${isDotted}`)).size).toBe(3)
})

it('nothing has no unit along an axis', () => {
  expect([0, 500, 2_100].map(formatLength)).toEqual(['0', '500ms', '2.1s'])
})
