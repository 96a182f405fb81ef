import { describe, expect, it } from 'vitest'
import { heightOf, indexAt, offsetOf, windowOf, type Rows } from './rowLayout.ts'

const plain: Rows = { count: 100_000, rowHeight: 20, unfolded: [] }
const unfolded: Rows = { count: 10, rowHeight: 20, unfolded: [{ index: 2, height: 100 }, { index: 5, height: 50 }] }

describe('rows', () => {
  it('stand below each other, and below what is unfolded before them', () => {
    expect([0, 2, 3, 5, 6, 10].map((index) => offsetOf(index, unfolded))).toEqual([0, 40, 160, 200, 270, 350])
    expect([heightOf(unfolded), heightOf(plain)]).toEqual([350, 2_000_000])
  })

  it('are found again at every offset', () => {
    expect([0, 19, 20, 40, 59, 60, 159, 160, 219, 220, 269, 270, 349, 900].map((offset) => indexAt(offset, unfolded))).toEqual([0, 0, 1, 2, 2, 2, 2, 3, 5, 5, 5, 6, 9, 9])
    for (let index = 0; index < 10; index++) expect(indexAt(offsetOf(index, unfolded), unfolded)).toBe(index)
  })

  it('are drawn a little beyond what is in sight, block by block', () => {
    expect(windowOf(0, 400, plain)).toEqual({ first: 0, end: 32 })
    expect(windowOf(1_000_000, 400, plain)).toEqual({ first: 49_992, end: 50_032 })
    expect(windowOf(1_000_060, 400, plain)).toEqual({ first: 49_992, end: 50_032 })
    expect(windowOf(2_000_000, 400, plain).end).toBe(100_000)
    expect(windowOf(0, 400, { ...plain, count: 0 })).toEqual({ first: 0, end: 0 })
  })
})
