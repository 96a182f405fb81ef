import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvFile, writeEnvFile } from './envFile.ts'
import { parseKeyValueJson, writeKeyValueJson } from './keyValueJson.ts'

const folders = useTestFolders()

describe('a .env file', () => {
  it.each<[string, [string, string][]]>([
    ['', []],
    ['\n# only a comment\n\n', []],
    ['A=1\nB = two \n', [['A', '1'], ['B', 'two']]],
    ['export A=1', [['A', '1']]],
    ['A=a b # comment', [['A', 'a b']]],
    ['A=a#b', [['A', 'a#b']]],
    ['A= # nothing', [['A', '']]],
    ['A="a # b" # comment\nB=2', [['A', 'a # b'], ['B', '2']]],
    ['A=\'single $HOME \\n\'', [['A', 'single $HOME \\n']]],
    ['A="one\\ntwo\\t\\"three\\" \\\\ \\$X"', [['A', 'one\ntwo\t"three" \\ $X']]],
    ['A="first\nsecond\n"\nB=1', [['A', 'first\nsecond\n'], ['B', '1']]],
    ['A=`it\'s "so"`', [['A', 'it\'s "so"']]],
    ['\ufeffA=1\r\nB=2\r\n', [['A', '1'], ['B', '2']]],
    ['A=a=b==', [['A', 'a=b==']]],
    ['A=""', [['A', '']]],
    ['  A=1  ', [['A', '1']]],
  ])('%j is read', (text, pairs) => {
    expect(parseEnvFile(text)).toEqual(pairs)
  })

  it.each([
    ['A=1\nwhat is this\n', 'Line 2'],
    ['A=1\n\nB="open\n\n', 'Line 3'],
    ['A="x" y', 'Line 1'],
    ['=1', 'Line 1'],
  ])('%j is refused by its line', (text, words) => {
    expect(() => parseEnvFile(text)).toThrow(words)
  })

  it('never repeats a value in what it says', () => {
    expect(() => parseEnvFile('KEY="invented-value\nmore')).toThrow(expect.not.objectContaining({ message: expect.stringContaining('invented-value') as string }) as Error)
  })

  it('brings back whatever was written', () => {
    const values = fc.array(fc.string({ unit: fc.constantFrom('a', '\'', '"', '`', '\\', '$', '\n', '\r', '#', ' ', '=', '🙂', 'n'), minLength: 1, maxLength: 12 }), { maxLength: 5 })
    fc.assert(
      fc.property(values, (all) => {
        const secrets = all.map((value, index) => ({ name: `KEY_${index}`, value }))
        expect(parseEnvFile(writeEnvFile(secrets))).toEqual(secrets.map(({ name, value }) => [name, value]))
      }),
    )
  })

  it('is read by a shell as it was meant', () => {
    const secrets = [{ name: 'A', value: 'it\'s $HOME `x` "y" \\ z' }, { name: 'B', value: 'one\ntwo $HOME' }, { name: 'C', value: 'plain-1.2/3' }]
    const file = join(folders.make(), 'some.env')
    writeFileSync(file, writeEnvFile(secrets))
    const { stdout } = spawnSync('sh', ['-c', `. "${file}"; printf '%s|%s|%s' "$A" "$B" "$C"`], { encoding: 'utf8' })
    expect(stdout).toBe(secrets.map(({ value }) => value).join('|'))
  })

  it('has no place for a NUL', () => {
    expect(() => writeEnvFile([{ name: 'A', value: 'a\0b' }])).toThrow('NUL')
  })
})

describe('the JSON of a KV-v2 store', () => {
  const PAIRS = [['A', '1'], ['B', 'two\nlines']]
  it.each([
    { A: '1', B: 'two\nlines' },
    { data: { A: '1', B: 'two\nlines' }, options: { cas: 0 } },
    { request_id: 'invented', lease_id: '', data: { data: { A: '1', B: 'two\nlines' }, metadata: { version: 3, created_time: '2026-11-21T10:00:00Z' } } },
  ])('is read in each of its shapes (%#)', (json) => {
    expect(parseKeyValueJson(JSON.stringify(json))).toEqual(PAIRS)
    // As PowerShell writes it into a file.
    expect(parseKeyValueJson(`\ufeff${JSON.stringify(json)}\r\n`)).toEqual(PAIRS)
  })

  it('is written as it is sent there, and read back', () => {
    const text = writeKeyValueJson([{ name: 'A', value: '1' }, { name: 'B', value: 'two\nlines\0' }])
    expect(JSON.parse(text)).toEqual({ data: { A: '1', B: 'two\nlines\0' } })
    expect(parseKeyValueJson(text)).toEqual([['A', '1'], ['B', 'two\nlines\0']])
  })

  it('keeps numbers as they are written: no digit of a key is lost', () => {
    expect(parseKeyValueJson('{"A": 12345678901234567890, "B": 1.50, "C": -1E5, "D": true, "E": "1.50"}')).toEqual([
      ['A', '12345678901234567890'],
      ['B', '1.50'],
      ['C', '-1E5'],
      ['D', 'true'],
      ['E', '1.50'],
    ])
  })

  it.each(['no json', '[]', '"x"', '{"data": {"A": {"deep": 1}}}', '{"A": null}'])('%j is refused', (text) => {
    expect(() => parseKeyValueJson(text)).toThrow(/expected/)
  })
})
