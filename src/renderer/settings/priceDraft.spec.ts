import { expect, it } from 'vitest'
import type { PricedModel } from '../../shared/contract/prices.ts'
import { modelsWith, priceChange, priceText } from './priceDraft.ts'

const MODEL: PricedModel = { name: 'gpt-4', aliases: ['gpt-4-0613'], prices: { input: 30_000_000_000, output: 60_000_000_000 }, isOwn: false, isShipped: true }
const AS_IT_IS = { input: '30.00', cacheRead: '', output: '60.00' }

it('shows dollars for a million, and nothing where there is no price', () => {
  expect((['input', 'cacheRead', 'output'] as const).map((part) => priceText(MODEL, part))).toEqual(['30.00', '', '60.00'])
})

it('asks for what is another price than before, and for nothing else', () => {
  expect(priceChange('gpt-4', null, MODEL, AS_IT_IS)).toBeNull()
  expect(priceChange('gpt-4', null, MODEL, { ...AS_IT_IS, input: ' 2.5 ', output: '' })).toEqual({ model: 'gpt-4', prices: { input: '2.5' } })
  expect(priceChange(' my-model ', 'gpt-4', null, { input: '1', cacheRead: '', output: '' })).toEqual({ model: 'my-model', basedOn: 'gpt-4', prices: { input: '1' } })
  expect(priceChange('', 'gpt-4', null, { input: '1', cacheRead: '', output: '' })).toBeNull()
})

it('finds a model by any of its names', () => {
  const other = { ...MODEL, name: 'claude-sonnet', aliases: [] }
  expect(['GPT', '0613', 'sonnet', 'llama', ' '].map((sought) => modelsWith([MODEL, other], sought).map(({ name }) => name))).toEqual([['gpt-4'], ['gpt-4'], ['claude-sonnet'], [], ['gpt-4', 'claude-sonnet']])
})
