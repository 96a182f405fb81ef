import { expect, it } from 'vitest'
import { table } from './table.ts'

it('is as wide as its widest cells, but for the last', () => {
  expect(table(['ID', 'NAME', 'WHY'], [['1', 'agent.py', 'a long reason'], ['12', 'b', '']])).toBe('ID  NAME      WHY\n1   agent.py  a long reason\n12  b         \n')
})

it('is not moved by what stands in it: an agent may call a model, a file or a service what it likes', () => {
  expect(table(['MODEL', 'CALLS'], [['gpt\u001b[2J\n4', '1'], ['gpt-4', '2']])).toBe('MODEL                CALLS\ngpt\\u001b[2J\\u000a4  1\ngpt-4                2\n')
})

it('takes a hundred thousand rows and more', () => {
  const rows = Array.from({ length: 200_000 }, (_, place) => [String(place), 'x'])
  expect(table(['N', 'X'], rows).split('\n')).toHaveLength(200_002)
})
