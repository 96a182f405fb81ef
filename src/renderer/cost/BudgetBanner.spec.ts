// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Decision } from '../stores/budgets.ts'
import BudgetBanner from './BudgetBanner.vue'
import { budgetNotice, type BudgetNotice } from './budgetNotice.ts'
import { sampleBudget, sampleParked } from './testBudgets.ts'

const WARNED = sampleBudget({ spent: 45_100_000_000, isWarned: true })
const PARKED = sampleBudget({ spent: 49_990_000_000, isExhausted: true, parked: [sampleParked()] })

function show(budget = WARNED, props: { canAct?: boolean; isConnected?: boolean; underWay?: Decision | null; now?: number } = {}) {
  const notice = budgetNotice(budget, 'running') as BudgetNotice
  return mount(BudgetBanner, { props: { notice, budget, now: 1_000, canAct: true, isConnected: true, underWay: null, ...props } })
}
const buttons = (wrapper: ReturnType<typeof show>) => wrapper.findAll('button').map((one) => one.attributes('aria-label') ?? one.text())

describe('the notice about a budget', () => {
  it('warns with the recommended action on its button', async () => {
    const wrapper = show()
    expect(wrapper.find('[role="alert"]').text()).toBe('90.2% of the budget is used')
    expect(buttons(wrapper)).toEqual(['Approve $25 increase', 'Dismiss'])
    await wrapper.findAll('button')[0]?.trigger('click')
    await wrapper.findAll('button')[1]?.trigger('click')
    expect(Object.keys(wrapper.emitted())).toEqual(expect.arrayContaining(['approve', 'dismiss']))
  })

  it('tells what waits and how long it still does, and cannot be put away', async () => {
    const wrapper = show(PARKED)
    expect(wrapper.text()).toContain('1 call does not fit into the budget and waits for a decision')
    expect(wrapper.text().replace(/\s+/g, ' ')).toContain('gpt-4, at most $0.06. Refused in 10 min unless somebody approves.')
    expect(buttons(wrapper)).toEqual(['Decline', 'Approve $25 increase'])
    await wrapper.setProps({ now: 541_000 })
    expect(wrapper.find('[role="timer"]').text()).toBe('Refused in 1 min unless somebody approves.')
    await wrapper.findAll('button')[0]?.trigger('click')
    expect(wrapper.emitted('decline')).toHaveLength(1)
  })

  it('does not read the count-down aloud with every second', () => {
    expect(show(PARKED).find('[role="alert"]').text()).not.toContain('10 min')
  })

  it('offers a viewer nothing to decide', () => {
    expect(buttons(show(PARKED, { canAct: false }))).toEqual([])
    expect(buttons(show(WARNED, { canAct: false }))).toEqual(['Dismiss'])
  })

  it('shows what is under way, and holds back while it is or while there is no connection', () => {
    const raising = show(PARKED, { underWay: 'raise' })
    expect(buttons(raising)).toEqual(['Decline', 'Approving…'])
    expect(raising.findAll('button').map((one) => one.attributes('disabled'))).toEqual(['', ''])
    expect(buttons(show(PARKED, { underWay: 'decline' }))).toEqual(['Declining…', 'Approve $25 increase'])
    expect(show(PARKED, { isConnected: false }).findAll('button').map((one) => one.attributes('disabled'))).toEqual(['', ''])
  })
})
