// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import ApproveDialog from './ApproveDialog.vue'
import DeclineDialog from './DeclineDialog.vue'
import { sampleBudget, sampleParked } from './testBudgets.ts'

const PARKED = sampleBudget({ parked: [sampleParked(), sampleParked({ callId: 'call-00000000000000bb', model: 'gpt-4o', worstCase: 500_000 })] })
const COMMON = { name: 'lead_gen_agent.py', isConnected: true, isUnderWay: false }

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  document.body.innerHTML = ''
})

async function showApprove(props: Partial<typeof COMMON> = {}) {
  const shown = mount(ApproveDialog, { attachTo: document.body, props: { ...COMMON, budget: PARKED, ...props } })
  wrapper = shown
  await expect.poll(() => document.querySelector('[role="dialog"]')).not.toBeNull()
  return shown
}

async function showDecline(budget = PARKED) {
  const shown = mount(DeclineDialog, { attachTo: document.body, props: { ...COMMON, budget, now: 1_000 } })
  wrapper = shown
  await expect.poll(() => document.querySelector('[role="dialog"]')).not.toBeNull()
  return shown
}

const text = (): string => document.querySelector('[role="dialog"]')?.textContent?.replace(/\s+/g, ' ') ?? ''
const isHeld = (): boolean => document.querySelector<HTMLButtonElement>('button[type="submit"]')?.disabled ?? false
const submit = (): void => void document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
async function write(id: string, value: string): Promise<void> {
  const field = document.getElementById(id) as HTMLInputElement | HTMLSelectElement
  field.value = value
  field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }))
  await wrapper?.vm.$nextTick()
}

describe('raising a budget', () => {
  it('begins with the recommendation, and shows where it leads', async () => {
    const shown = await showApprove()
    expect(text()).toContain('lead_gen_agent.py has spent $5.29 of $50.00.')
    expect(text()).toContain('New limit: $75.00')
    submit()
    expect(shown.emitted('approve')).toEqual([[25_000_000_000, 'To finish the work: $5.29 of $50.00 spent, 23 of 100 leads done']])
  })

  it('offers round sums, the recommended one chosen', async () => {
    const shown = await showApprove()
    const sums = [...document.querySelectorAll<HTMLInputElement>('input[name="increase"]')]
    expect(sums.map((one) => one.closest('label')?.textContent?.replace(/\s+/g, ' ').trim())).toEqual(['$25.00recommended', '$50.002 times as much', '$100.004 times as much'])
    expect(sums.map(({ checked }) => checked)).toEqual([true, false, false])
    sums[2]?.click()
    await shown.vm.$nextTick()
    expect((document.getElementById('increase-amount') as HTMLInputElement).value).toBe('100.00')
    expect(text()).toContain('New limit: $150.00')
    await write('increase-amount', '7')
    expect(sums.map(({ checked }) => checked)).toEqual([false, false, false])
    submit()
    expect(shown.emitted('approve')?.[0]?.[0]).toBe(7_000_000_000)
  })

  it('takes another amount and another reason', async () => {
    const shown = await showApprove()
    await write('increase-amount', '0.50')
    await write('increase-reason', ' The last leads ')
    submit()
    expect(shown.emitted('approve')).toEqual([[500_000_000, 'The last leads']])
  })

  it('says what is wrong, and takes it not', async () => {
    const shown = await showApprove()
    await write('increase-amount', 'much')
    expect(text()).toContain('Write an amount in dollars')
    expect(document.getElementById('increase-amount')?.getAttribute('aria-invalid')).toBe('true')
    await write('increase-amount', '1')
    await write('increase-reason', 'no')
    expect(text()).toContain('Write a reason of at least 3 characters')
    expect(isHeld()).toBe(true)
    submit()
    expect(shown.emitted('approve')).toBeUndefined()
  })

  it('keeps what is typed when the budget moves underneath', async () => {
    const shown = await showApprove()
    await write('increase-amount', '7')
    await shown.setProps({ budget: sampleBudget({ recommendedIncrease: 50_000_000_000 }) })
    expect((document.getElementById('increase-amount') as HTMLInputElement).value).toBe('7')
  })

  it('waits for the room', async () => {
    await showApprove({ isUnderWay: true })
    expect(isHeld()).toBe(true)
    expect(text()).toContain('Approving…')
  })
})

describe('declining', () => {
  it('is about all calls, unless one is chosen', async () => {
    const shown = await showDecline()
    expect(text()).toContain('Decline 2 calls')
    submit()
    await write('decline-which', 'call-00000000000000bb')
    await write('decline-reason', 'Too dear')
    submit()
    expect(shown.emitted('decline')).toEqual([
      [null, 'Not worth the cost'],
      ['call-00000000000000bb', 'Too dear'],
    ])
  })

  it('asks nothing about which, where there is one', async () => {
    await showDecline(sampleBudget({ parked: [sampleParked()] }))
    expect(text()).toContain('Decline the call to gpt-4')
    expect(document.getElementById('decline-which')).toBeNull()
  })

  it('is over when nothing waits any more', async () => {
    const shown = await showDecline()
    await shown.setProps({ budget: sampleBudget() })
    expect(text()).toContain('It does not wait any more.')
    expect(isHeld()).toBe(true)
    submit()
    expect(shown.emitted('decline')).toBeUndefined()
  })
})
