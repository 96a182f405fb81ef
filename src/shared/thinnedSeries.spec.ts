import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptySeries, MOST_POINTS, withPoint } from './thinnedSeries.ts'

const seriesOf = (moments: readonly number[]) => moments.reduce((series, at) => withPoint(series, { at }), emptySeries<{ at: number }>())
const momentsOf = (...moments: readonly number[]): number[] => seriesOf(moments).points.map(({ at }) => at)

describe('a thinned series', () => {
  it('takes moments that are close together as one, the newest', () => {
    expect(momentsOf(0, 250, 500, 1_000, 1_100, 2_000)).toEqual([0, 1_000, 2_000])
    expect(momentsOf(0, 250)).toEqual([0, 250])
  })

  it('takes nothing from before', () => {
    expect(momentsOf(0, 5_000, 4_000)).toEqual([0, 5_000])
  })

  it('reaches from the first moment to the last, in order, and is never longer than it may be', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 2_000 }), (gaps) => {
        let at = 0
        const moments = gaps.map((gap) => (at += gap))
        const { points } = seriesOf(moments)
        expect(points.length).toBeLessThanOrEqual(MOST_POINTS)
        expect(points[0]?.at).toBe(moments[0])
        expect(points.at(-1)?.at).toBe(moments.at(-1))
        expect(points.map((point) => point.at)).toEqual(points.map((point) => point.at).toSorted((a, b) => a - b))
      }),
    )
  })

  it('is evenly spread over an hour', () => {
    const moments = momentsOf(...Array.from({ length: 4 * 3_600 }, (_, quarter) => quarter * 250))
    expect(moments.length).toBeGreaterThan(MOST_POINTS / 3)
    const gaps = moments.slice(1, -1).map((at, index) => at - (moments[index] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps))
  })
})
