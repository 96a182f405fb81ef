import fc from 'fast-check'
import { expect, it } from 'vitest'
import { frozenCopy } from './frozenCopy.ts'

it('equals what JSON makes of a value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.stringify(frozenCopy(value))).toBe(JSON.stringify(value))
    }),
  )
  const loose = { a: undefined, b: [undefined, NaN, Infinity, 1], c: { d: undefined }, e: new Date(0) }
  expect(frozenCopy(loose)).toEqual(JSON.parse(JSON.stringify(loose)))
  expect(Object.keys(frozenCopy(loose))).toEqual(['b', 'c', 'e'])
})

it('keeps a member called __proto__ a member', () => {
  const value = JSON.parse('{"__proto__": {"isAdmin": true}, "a": 1}') as object
  const copied = frozenCopy(value) as { isAdmin?: boolean }
  expect(copied.isAdmin).toBeUndefined()
  expect(JSON.stringify(copied)).toBe(JSON.stringify(value))
})

it('shares nothing with the original and cannot be changed, at any depth', () => {
  const original = { list: [{ deep: 1 }], text: 'a' }
  const copied = frozenCopy(original)
  original.list.push({ deep: 2 })
  original.list[0] = { deep: 3 }
  original.text = 'b'
  expect(copied).toEqual({ list: [{ deep: 1 }], text: 'a' })
  expect(() => copied.list.push({ deep: 4 })).toThrow(TypeError)
  expect(() => Object.assign(copied.list[0] as object, { deep: 4 })).toThrow(TypeError)
})

it('takes whatever the doors let in', () => {
  let value: unknown = 1
  for (let level = 0; level < 100; level++) value = level % 2 === 0 ? [value] : { deeper: value }
  expect(frozenCopy({ fields: { value } })).toEqual({ fields: { value } })
})

it('refuses what JSON has no word for', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(() => frozenCopy(circle)).toThrow('expected a JSON value, found a circle or more than 128 levels')
  expect(() => frozenCopy({ a: 1n })).toThrow('expected a JSON value, found a bigint')
  expect(() => frozenCopy({ a: () => 1 })).toThrow('expected a JSON value, found a function')
})
