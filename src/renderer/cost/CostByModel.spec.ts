// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { CostRow } from '../../shared/contract/costs.ts'
import CostByModel from './CostByModel.vue'

const row = (changes: Partial<CostRow> = {}): CostRow => ({
  key: 'gpt-4',
  calls: 9,
  inputTokens: 1_197,
  outputTokens: 242,
  cachedTokens: 0,
  reasoningTokens: 0,
  cost: 50_430_000,
  ...changes,
})
const show = (rows: CostRow[] | null) => mount(CostByModel, { props: { rows } })

describe('cost by model', () => {
  it('is a table', () => {
    const wrapper = show([row(), row({ key: 'gpt-4o-mini', cost: 16_810_000 }), row({ key: '', cost: 0, calls: 0 })])
    expect(wrapper.findAll('tbody tr').map((line) => line.findAll('td').map((cell) => cell.text()))).toEqual([
      ['gpt-4', '9', '1,197', '242', '$0.05043', '75.0%'],
      ['gpt-4o-mini', '9', '1,197', '242', '$0.01681', '25.0%'],
      ['no model named', '0', '1,197', '242', '$0.00', '0.0%'],
    ])
  })

  it('has shares of nothing where all of it was free', () => {
    expect(show([row({ cost: 0 })]).findAll('td').at(-1)?.text()).toBe('0.0%')
  })

  it('says that it is not there yet, or that there is nothing', () => {
    expect(show(null).text()).toBe('Adding up…')
    expect(show([]).text()).toBe('No model has cost anything yet.')
  })
})
