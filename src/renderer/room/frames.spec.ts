import { describe, expect, it } from 'vitest'
import { createFrameBatch } from './frames.ts'
import { createTestFrames } from './testRoom.ts'

describe('a batch for a frame', () => {
  it('is handed on once, in order, however often something is added', () => {
    const frames = createTestFrames()
    const flushed: number[][] = []
    const batch = createFrameBatch<number>(frames.requestFrame, (items) => flushed.push([...items]))
    batch.add([1])
    batch.add([2, 3])
    frames.paint()
    batch.add([4])
    frames.paint()
    frames.paint()
    expect(flushed).toEqual([[1, 2, 3], [4]])
  })

  it('can be thrown away', () => {
    const frames = createTestFrames()
    const flushed: number[][] = []
    const batch = createFrameBatch<number>(frames.requestFrame, (items) => flushed.push([...items]))
    batch.add([1])
    batch.clear()
    frames.paint()
    batch.add([2])
    frames.paint()
    expect(flushed).toEqual([[2]])
  })
})
