import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NoJson, scanTopLevel, topLevelMembers } from './topLevelJson.ts'

const read = (text: string): unknown => {
  const json = Buffer.from(text)
  return topLevelMembers(json)?.map(({ key, keyStart, valueStart, valueEnd }) => [
    key,
    json[keyStart] === 0x22,
    JSON.parse(json.toString('utf8', valueStart, valueEnd)),
  ])
}

describe('the members of an object', () => {
  it.each([
    ['{}', []],
    [' { \n } ', []],
    ['{"a":1}', [['a', true, 1]]],
    [' {"a" : "x\\"}," , "b":[{"c":"]"}] ,\r\n"d":null}\t', [['a', true, 'x"},'], ['b', true, [{ c: ']' }]], ['d', true, null]]],
    ['{"mod\\u0065l":"\\\\"}', [['model', true, '\\']]],
    ['{"a":{"a":1},"a":2}', [['a', true, { a: 1 }], ['a', true, 2]]],
  ])('%s', (text, members) => {
    expect(read(text)).toEqual(members)
  })

  it.each(['[1]', '"a"', '1', '', 'null'])('%s is no object', (text) => {
    expect(topLevelMembers(Buffer.from(text))).toBeNull()
  })

  it.each(['{', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{"a":1}x', '{"a":}', '{a:1}', '{"a":1]', '{,}', '{"a":"', '{"a" 1}', '{"\\x":1}'])(
    '%s is no JSON',
    (text) => {
      expect(() => topLevelMembers(Buffer.from(text))).toThrow(NoJson)
    },
  )

  it('are those that a parser finds, whatever stands in them and however it is spaced', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (object, space) => {
        const text = JSON.stringify(object, null, space)
        const members = read(text) as [string, boolean, unknown][]
        expect(members.map(([key]) => key)).toEqual(Object.keys(JSON.parse(text) as object))
        expect(members.map(([, , value]) => value)).toEqual(Object.values(JSON.parse(text) as object))
      }),
    )
  })

  it('are the same when the scan stops after every few bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), (array, step) => {
        const json = Buffer.from(JSON.stringify(array, null, 1))
        const scan = scanTopLevel(json)!
        let turns = 0
        while (!scan.advance(step)) turns++
        expect(turns).toBeLessThanOrEqual(json.length)
        expect(scan.members.map(({ valueStart, valueEnd }) => JSON.parse(json.toString('utf8', valueStart, valueEnd)))).toEqual(JSON.parse(json.toString()))
      }),
    )
  })
})
