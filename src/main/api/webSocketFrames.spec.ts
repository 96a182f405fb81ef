import { describe, expect, it } from 'vitest'
import { createItemWriter } from './webSocketFrames.ts'

describe('an item on its way to many viewers', () => {
  function countedItem(): { item: never; count: () => number } {
    let count = 0
    return { item: { toJSON: () => ({ kind: 'events', number: ++count }) } as never, count: () => count }
  }

  it('is turned into text once, and into bytes once for each stream id', () => {
    const write = createItemWriter()
    const { item, count } = countedItem()
    const first = write(1, item)
    expect(first.toString()).toBe('{"id":1,"item":{"kind":"events","number":1}}')
    for (let viewer = 0; viewer < 1000; viewer++) expect(write(1, item)).toBe(first)
    expect(write(2, item).toString()).toBe('{"id":2,"item":{"kind":"events","number":1}}')
    expect(count()).toBe(1)
  })

  it('is not taken for another that looks the same', () => {
    const write = createItemWriter()
    write(1, { kind: 'a' })
    expect(write(1, { kind: 'b' }).toString()).toBe('{"id":1,"item":{"kind":"b"}}')
  })

  it.each([null, 7, 'ä', true])('may be %j as well', (item) => {
    expect(JSON.parse(createItemWriter()(3, item).toString())).toEqual({ id: 3, item })
  })
})
