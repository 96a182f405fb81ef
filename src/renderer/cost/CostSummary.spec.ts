// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Budget } from '../../shared/domain/budget.ts'
import CostSummary from './CostSummary.vue'
import type { Pace } from './pace.ts'
import { sampleBudget, sampleParked } from './testBudgets.ts'

const show = (changes: Partial<Budget> = {}, props: { isLarge?: boolean; pace?: Pace | null } = {}) =>
  mount(CostSummary, { props: { budget: sampleBudget(changes), past: [], course: null, pace: null, isLarge: true, ...props } })
const textOf = (wrapper: ReturnType<typeof show>): string => wrapper.text().replace(/\s+/g, ' ')
const widthOf = (wrapper: ReturnType<typeof show>, part: string): string => wrapper.find<HTMLElement>(`[data-part="${part}"]`).element.style.width

describe('the cost of an agent', () => {
  it('stands there as people read it', () => {
    const text = textOf(show())
    for (const words of ['$5.29 of $50.00', '10.6% used', 'Projection: $23.00 total', 'On course', '46 calls', '23 / 100 leads', '$0.23 avg/lead']) expect(text).toContain(words)
    expect(text).not.toContain('Baseline')
  })

  it('is compared with a baseline where there is one', () => {
    expect(textOf(show({ savedAgainstBaseline: 64_860_000_000 }))).toContain('vs Baseline: $64.86 saved')
    expect(textOf(show({ savedAgainstBaseline: -3_100_000_000 }))).toContain('vs Baseline: $3.10 more')
  })

  it('says what nobody knows yet', () => {
    const text = textOf(show({ spent: 0, calls: 1, progress: null, average: null, projection: null }))
    expect(text).toContain('$0.00 of $50.00')
    expect(text).toContain('No projection yet')
    expect(text).toContain('1 call')
    expect(text).not.toContain('avg')
  })

  it('counts calls that are under way', () => {
    expect(textOf(show({ calls: 1_204, openCalls: 2 }))).toContain('1,204 calls, 2 under way')
  })

  it.each([
    ['Near the limit', { projection: 46_000_000_000 }],
    ['Over the limit', { projection: 51_000_000_000 }],
    ['At the limit', { projection: null, isExhausted: true }],
  ] as const)('says "%s" in words beside a sign', (words, changes) => {
    const wrapper = show(changes)
    expect(textOf(wrapper)).toContain(words)
    expect(wrapper.findAll('[data-figure="outlook"] svg')).toHaveLength(1)
  })

  it('draws what is spent, what calls under way hold, and what they have used of it', () => {
    const wrapper = show({ spent: 10_000_000_000, reserved: 5_000_000_000, running: 1_000_000_000, openCalls: 2 })
    expect([widthOf(wrapper, 'spent'), widthOf(wrapper, 'held'), widthOf(wrapper, 'running')]).toEqual(['20%', '10%', '2%'])
    expect(wrapper.find('[role="meter"]').attributes('aria-valuetext')).toBe(
      '20.0% used: $10.00 of $50.00; calls under way hold $5.00 and have used about $1.00',
    )
  })

  it('draws no more than there is room for', () => {
    const wrapper = show({ spent: 60_000_000_000, reserved: 5_000_000_000 })
    expect([widthOf(wrapper, 'spent'), widthOf(wrapper, 'held')]).toEqual(['100%', '0%'])
    expect(widthOf(show({ limit: 0, spent: 0 }), 'spent')).toBe('0%')
  })

  it('has every figure in the form in which people expect it, large and small', () => {
    for (const isLarge of [true, false]) {
      const wrapper = show({ savedAgainstBaseline: 64_860_000_000 }, { isLarge, pace: { perHour: 48_760_000_000, emptyInMs: 3_300_000 } })
      const figures = Object.fromEntries(wrapper.findAll('[data-figure]').map((one) => [one.attributes('data-figure'), one.text()]))
      expect(figures).toMatchObject({
        spent: '$5.29',
        limit: '$50.00',
        used: '10.6% used',
        average: '$0.23 avg/lead',
        projection: 'Projection: $23.00 total',
        outlook: 'On course',
        baseline: 'vs Baseline: $64.86 saved',
        burn: '$48.76/hour',
        empty: 'Empty in 55 min',
      })
    }
  })

  it('keeps what matters most where a call waits and there is little room', () => {
    const pace = { perHour: 48_760_000_000, emptyInMs: 3_300_000 }
    const parked = { savedAgainstBaseline: 64_860_000_000, parked: [sampleParked()] }
    const small = ['average', 'empty']
    expect(show(parked, { isLarge: false, pace }).findAll('p:last-child > [data-figure]').map((one) => one.attributes('data-figure'))).toEqual(small)
    expect(show({ ...parked, parked: [] }, { isLarge: false, pace }).find('[data-figure="baseline"]').exists()).toBe(true)
    expect(show(parked, { isLarge: true, pace }).find('[data-figure="baseline"]').exists()).toBe(true)
  })

  it('says nothing of a pace that nobody knows, nor of an end where nothing is spent', () => {
    expect(show().find('[data-figure="burn"]').exists()).toBe(false)
    const idle = show({}, { pace: { perHour: 0, emptyInMs: null } })
    expect(idle.find('[data-figure="burn"]').text()).toBe('$0.00/hour')
    expect(idle.find('[data-figure="empty"]').exists()).toBe(false)
  })
})
