import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinArguments, splitArguments } from './splitArguments.ts'

describe('arguments as people type them', () => {
  it.each([
    ['', []],
    ['   ', []],
    ['--leads 100', ['--leads', '100']],
    ['  a   b ', ['a', 'b']],
    ['--name "Ada Lovelace"', ['--name', 'Ada Lovelace']],
    ["--name 'Ada Lovelace'", ['--name', 'Ada Lovelace']],
    ['--name="Ada Lovelace"', ['--name=Ada Lovelace']],
    ['""', ['']],
    [String.raw`a\ b`, ['a b']],
    [String.raw`"say \"hi\""`, ['say "hi"']],
    [String.raw`'\n'`, [String.raw`\n`]],
    [String.raw`'a\\b'`, [String.raw`a\\b`]],
    [String.raw`C:\agents\data`, [String.raw`C:\agents\data`]],
    ['it"\'"s', ["it's"]],
    [String.raw`end\ `, ['end ']],
  ])('reads %j as %j', (line, args) => {
    expect(splitArguments(line)).toEqual(args)
  })

  it('names the quote that has no end', () => {
    expect(() => splitArguments('--name "Ada')).toThrow('opening " without its closing one')
    expect(() => splitArguments("it's")).toThrow("opening ' without")
  })

  it('writes any arguments so that they are read back the same', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (args) => {
        expect(splitArguments(joinArguments(args))).toEqual(args)
      }),
    )
  })
})
