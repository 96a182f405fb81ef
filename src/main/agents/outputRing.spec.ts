import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createOutputRing } from './outputRing.ts'

it('gives back from any offset that it still holds exactly what was written', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 }), { maxLength: 200 }), fc.integer({ min: 1, max: 200 }), fc.nat(), (chunks, capacity, somewhere) => {
      const ring = createOutputRing(capacity)
      for (const chunk of chunks) ring.append(chunk)
      const all = chunks.join('')
      expect(ring.end).toBe(all.length)
      expect(ring.text()).toBe(all.slice(ring.start))
      const from = ring.start + (somewhere % (ring.end - ring.start + 1))
      expect(ring.read(from, Infinity)).toBe(all.slice(from))
    }),
  )
})

it('holds no more than its capacity and one chunk', () => {
  const ring = createOutputRing(1000)
  for (let index = 0; index < 10_000; index++) ring.append('0123456789')
  expect(ring.end).toBe(100_000)
  expect(ring.end - ring.start).toBeLessThanOrEqual(1000)
  expect(ring.read(ring.end - 5, 10)).toBe('56789')
})

it('reads in pieces of about the size asked for', () => {
  const ring = createOutputRing(1000)
  for (let index = 0; index < 20; index++) ring.append('0123456789')
  expect(ring.read(0, 25)).toHaveLength(30)
  expect(ring.read(ring.end, 25)).toBe('')
})
