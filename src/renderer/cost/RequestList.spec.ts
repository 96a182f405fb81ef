// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { CallOutcome, Refusal, type Call } from '../../shared/domain/llm.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { OUTCOME_LOOK, REFUSAL_SENTENCES } from './callLook.ts'
import RequestList from './RequestList.vue'

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  document.body.innerHTML = ''
})

function show(calls: Call[], props: { hasOlder?: boolean; isFull?: boolean; isLoadingOlder?: boolean } = {}) {
  const defaults = { agentId: 'lg-7a3f9c2d', isLoaded: true, hasOlder: false, isFull: false, isLoadingOlder: false }
  wrapper = mount(RequestList, { attachTo: document.body, props: { ...defaults, calls, ...props } })
  return wrapper
}
const rows = (): HTMLButtonElement[] => [...document.querySelectorAll<HTMLButtonElement>('button[data-call]')]
const words = (element: Element | null | undefined): string => (element?.textContent ?? '').replace(/\s+/g, ' ').trim()
const dialog = (): Element | null => document.querySelector('[role="dialog"]')

async function open(call: Call): Promise<string> {
  show([call])
  rows()[0]?.click()
  await expect.poll(dialog).not.toBeNull()
  return words(dialog())
}

describe('the requests of an agent', () => {
  it('are lines of model, tokens, cost, latency, outcome and time', () => {
    const startedAt = new Date(2026, 10, 21, 14, 23, 45).getTime()
    show([sampleCall({ startedAt, isStreamed: true, usage: { input: 1_000, cacheRead: 204, output: 300, reasoning: 10 }, firstByteMs: 210, durationMs: 1_250 })])
    expect(words(rows()[0])).toBe('gpt-4 simulated streamed $0.03 Answered 14:23:45 1,204 in, 310 out 210 ms → 1.2 s')
  })

  it.each(CallOutcome.options)('say %s in a word beside a sign', (outcome) => {
    show([sampleCall({ outcome, mode: 'live' })])
    expect(words(rows()[0])).toContain(OUTCOME_LOOK[outcome].word)
    expect(words(rows()[0])).not.toContain('simulated')
    expect(rows()[0]?.querySelector('svg')).not.toBeNull()
  })

  it('say when there are none', () => {
    expect(show([]).text()).toContain('This agent has called no model yet.')
  })

  it('are walked with the arrow keys', async () => {
    show([sampleCall(), sampleCall({ id: 'call-00000000000000bb' }), sampleCall({ id: 'call-00000000000000cc' })])
    rows()[0]?.focus()
    const press = (key: string): void => void document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    press('ArrowDown')
    expect(document.activeElement).toBe(rows()[1])
    press('End')
    expect(document.activeElement).toBe(rows()[2])
    press('ArrowDown')
    expect(document.activeElement).toBe(rows()[2])
    press('Home')
    expect(document.activeElement).toBe(rows()[0])
  })

  it('go back as far as a page can hold', async () => {
    const more = show([sampleCall()], { hasOlder: true })
    expect(more.text()).toContain('Load older')
    await more.findAll('button').at(-1)?.trigger('click')
    expect(more.emitted('older')).toHaveLength(1)
    await more.setProps({ isFull: true })
    expect(more.text()).toContain('Older requests are in the export.')
    await more.setProps({ hasOlder: false })
    expect(more.text()).not.toContain('Older requests')
  })
})

describe('the receipt of a request', () => {
  it('multiplies parts and prices into a total, with not a nanodollar lost', async () => {
    const receipt = sampleReceipt(30_001_680, {
      lines: [
        { part: 'input', count: 1_000, perMillion: 30_000_000_000, amount: 30_000_000 },
        { part: 'output', count: 28, perMillion: 60_000_000, amount: 1_680 },
      ],
    })
    const text = await open(sampleCall({ attempts: [sampleAttempt({ receipt })] }))
    expect([...document.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map(words))).toEqual([
      ['Input', '1,000', '$30.00', '$0.03'],
      ['Output', '28', '$0.06', '$0.00000168'],
    ])
    expect(text).toContain('Total$0.03000168')
    expect(text).toContain('The counts are the provider’s own.')
    expect(text).toContain('OpenAI · chat/completions')
    expect(text).not.toContain('Attempts')
    expect(document.querySelector('[aria-label="Copy id call-7a3f9c2d01b2c3d4"]')).not.toBeNull()
  })

  it('tells every attempt with what went wrong', async () => {
    const attempts = [sampleAttempt({ status: 429, problem: 'Too many requests.', durationMs: 90, receipt: null }), sampleAttempt({ startedAt: 2_000, durationMs: 1_250 })]
    await open(sampleCall({ attempts }))
    expect([...document.querySelectorAll('[aria-label="Attempts"] li')].map(words)).toEqual([
      'First try429 · 90 ms · $0.00Too many requests.',
      'Retry 1200 · 1.2 s · $0.03',
    ])
  })

  it.each(Refusal.options)('says why we refused: %s', async (refusal) => {
    const text = await open(sampleCall({ outcome: 'refused', refusal, status: 402, attempts: [], usage: {} }))
    expect(text).toContain(REFUSAL_SENTENCES[refusal])
    expect(text).toContain('Nothing was used, so nothing is charged.')
    expect(text).toContain('Total$0.00')
  })

  it('prefers the call’s own sentence', async () => {
    const text = await open(sampleCall({ outcome: 'refused', refusal: 'declined', problem: 'ada declined it: too dear.', attempts: [] }))
    expect(text).toContain('ada declined it: too dear.')
    expect(text).not.toContain(REFUSAL_SENTENCES.declined)
  })

  it('gives the focus back to its line', async () => {
    show([sampleCall(), sampleCall({ id: 'call-00000000000000bb' })])
    rows()[1]?.focus()
    rows()[1]?.click()
    await expect.poll(dialog).not.toBeNull()
    document.querySelector<HTMLButtonElement>('[role="dialog"] [aria-label="Close"]')?.click()
    await expect.poll(dialog).toBeNull()
    await expect.poll(() => document.activeElement).toBe(rows()[1])
  })
})
