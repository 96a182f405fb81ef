import { expect, it } from 'vitest'
import { commandLines, wordsOf } from './shellWords.ts'

it('finds the calls of a block, as they are and within others', () => {
  const block = 'iron_cage check "Call (415) 555-0132; or | not"\necho hi | iron_cage secrets add KEY > out.txt\nID=$(iron_cage list --json | jq .)\nIRON_CAGE_HOME=copy iron_cage list\necho iron_cage'
  expect(commandLines(block)).toEqual(['iron_cage check "Call (415) 555-0132; or | not"', 'iron_cage secrets add KEY > out.txt', 'iron_cage list --json', 'iron_cage list'])
})

it('splits words as a shell does', () => {
  expect(wordsOf(`iron_cage config set allowed_models 'gpt-4*,claude-*' # a remark`)).toEqual(['iron_cage', 'config', 'set', 'allowed_models', 'gpt-4*,claude-*'])
  expect(wordsOf('iron_cage costs --csv > costs.csv')).toEqual(['iron_cage', 'costs', '--csv'])
  expect(wordsOf('iron_cage check "two words"')).toEqual(['iron_cage', 'check', 'two words'])
})
