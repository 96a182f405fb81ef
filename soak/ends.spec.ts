import { describe, expect, it } from 'vitest'
import { judgeEnds } from './ends.ts'
import type { Deed } from './plan.ts'

const done = (deeds: Partial<Record<Deed, number>>): Map<Deed, number> => new Map(Object.entries(deeds) as [Deed, number][])

describe('the ends of a room', () => {
  it('are well where each was asked for, and where it could not store', () => {
    expect(judgeEnds(['SIGKILL', 74, 0, 0], done({ killRoom: 2, stopRoom: 1, fillDisk: 1 }))).toEqual([])
    expect(judgeEnds([0], done({ lockLong: 3 }))).toEqual([])
  })

  it('are not where nobody asked for it', () => {
    expect(judgeEnds([1, 0], done({ stopRoom: 1 }))).toHaveLength(1)
    expect(judgeEnds(['SIGSEGV', 0], done({}))).toHaveLength(1)
    expect(judgeEnds([74, 74, 0], done({ fillDisk: 1 }))).toHaveLength(1)
    expect(judgeEnds(['SIGKILL', 'SIGKILL', 0], done({ killRoom: 1 }))).toHaveLength(1)
  })

  it('are not where it does not end well when it is asked to', () => {
    expect(judgeEnds([0, 74], done({ stopRoom: 1, fillDisk: 1 }))).toHaveLength(1)
    expect(judgeEnds([], done({}))).toHaveLength(1)
  })
})
