// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import type { DemoRun } from '../../shared/domain/demo.ts'
import PresenterStrip from './PresenterStrip.vue'
import { sampleRun, sampleTrigger, sampleTriggers } from './testDemo.ts'

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  document.body.innerHTML = ''
})

function show(run: Partial<DemoRun> = {}, props: Partial<InstanceType<typeof PresenterStrip>['$props']> = {}) {
  const shown = mount(PresenterStrip, {
    attachTo: document.body,
    props: { run: sampleRun(run), triggers: sampleTriggers(), nextIn: 185, dueIn: null, isConnected: true, isResetting: false, hidingKey: 'F9', ...props },
  })
  wrapper = shown
  return shown
}
const words = (shown: VueWrapper): string => shown.text().replace(/\s+/g, ' ')
const button = (name: string) => [...document.querySelectorAll<HTMLButtonElement>('button')].find((one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').trim() === name)
const press = (name: string): void => {
  const found = button(name)
  if (!found) throw new Error(`There is no ${name}.`)
  found.click()
}

describe('the presenter’s strip', () => {
  it('says where the demo is and what comes next, and can fire it', () => {
    const shown = show()
    expect(words(shown)).toContain('Lead 23 of 100')
    expect(words(shown)).toContain('#34 LinkedIn stops answering in 3:05')
    press('Fire now')
    expect(shown.emitted('fire')).toEqual([['rate-limit']])
  })

  it('gives no time where nobody can tell, and says that nothing more comes', async () => {
    const shown = show({}, { nextIn: null })
    expect(words(shown)).toContain('#34 LinkedIn stops answeringFire now')
    await shown.setProps({ run: sampleRun({ next: null }) })
    expect(words(shown)).toContain('Nothing more comes by itself')
  })

  it('holds the demo and lets it go on', async () => {
    const shown = show()
    press('Pause')
    await shown.setProps({ run: sampleRun({ phase: 'paused' }) })
    press('Go on')
    expect(shown.emitted('pace')).toEqual([[{ isPaused: true }], [{ isPaused: false }]])
  })

  it('skips to a lead that is still to come, and can be called back', async () => {
    const shown = show()
    const field = shown.get('form input')
    for (const lead of ['23', '0', '101', 'x']) {
      await field.setValue(lead)
      expect([button('Skip')?.disabled, field.attributes('aria-invalid')]).toEqual([true, 'true'])
    }
    await field.setValue('60')
    await shown.get('form').trigger('submit')
    expect(shown.emitted('pace')).toEqual([[{ skipTo: 60 }]])
    expect((field.element as HTMLInputElement).value).toBe('')
    await shown.setProps({ run: sampleRun({ skippingTo: 60 }) })
    expect(words(shown)).toContain('Runs without a pause until lead 60')
    press('No longer')
    expect(shown.emitted('pace')?.[1]).toEqual([{ skipTo: null }])
  })

  it('makes it faster, and shows a speed that was asked for elsewhere', async () => {
    const shown = show({ speed: 5 })
    const speeds = shown.get('select')
    expect(speeds.findAll('option').map((one) => one.text())).toEqual(['5×', '1×', '2×', '10×', 'max'])
    await speeds.setValue('max')
    await speeds.setValue('2')
    expect(shown.emitted('pace')).toEqual([[{ speed: 'max' }], [{ speed: 2 }]])
  })

  it('tells the presenter to rotate the key, how long there is, and where', async () => {
    const shown = show({}, { dueIn: 20, triggers: [sampleTrigger({ id: 'rotation', title: 'The OpenAI key is rotated', state: 'due', dueAt: 21_000 })] })
    expect(words(shown)).toContain('Rotate OPENAI_API_KEY in Secrets now; by itself in 0:20')
    expect(shown.get('[role="alert"]').text()).toBe('Rotate OPENAI_API_KEY in Secrets now')
    press('Secrets')
    press('Fire now')
    expect([shown.emitted('secrets')?.length, shown.emitted('fire')]).toEqual([1, [['rotation']]])
  })

  it('says that the demo stopped, and lets it go on', () => {
    const shown = show({ phase: 'interrupted', lead: 57 })
    expect(shown.get('[role="alert"]').text()).toBe('The demo stopped at lead 57')
    expect(button('Pause')).toBeUndefined()
    press('Go on')
    expect(shown.emitted('goOn')).toHaveLength(1)
  })

  it('says that it is starting, and that it is over', async () => {
    const shown = show({ phase: 'starting', lead: 0 })
    expect(words(shown)).toContain('The demo is starting…')
    await shown.setProps({ run: sampleRun({ phase: 'over', lead: 100, next: null }) })
    expect(words(shown)).toContain('The demo is over: lead 100 of 100')
    expect([button('Pause'), button('Fire now'), shown.find('select').exists()]).toEqual([undefined, undefined, false])
  })

  it('asks once before a reset, and says what goes', async () => {
    const shown = show()
    press('Reset')
    await expect.poll(() => document.querySelector('[role="alertdialog"]')?.textContent).toContain('Its agent, its key and its results go; nothing else does.')
    expect(shown.emitted('reset')).toBeUndefined()
    ;[...document.querySelectorAll<HTMLButtonElement>('[role="alertdialog"] button')].find((one) => one.textContent?.trim() === 'Reset')?.click()
    await expect.poll(() => shown.emitted('reset')).toHaveLength(1)
  })

  it('holds everything back while there is no connection, but for its own hiding', () => {
    const shown = show({}, { isConnected: false })
    expect(['Pause', 'Fire now', 'Reset'].map((name) => button(name)?.disabled)).toEqual([true, true, true])
    press('Hide this strip (F9)')
    expect(shown.emitted('hide')).toHaveLength(1)
  })
})

describe('the menu of triggers', () => {
  async function open(triggers = sampleTriggers(), run: Partial<DemoRun> = {}) {
    const shown = show(run, { triggers })
    press('Triggers')
    await expect.poll(() => document.querySelector('[role="dialog"][aria-label="Triggers"]')).not.toBeNull()
    return shown
  }
  const group = (title: string) => document.querySelector(`[role="group"][aria-label="${title}"]`)

  it('says in words how it stands with each, and why one could not come', async () => {
    await open([
      sampleTrigger({ state: 'fired', firedAtLead: 36 }),
      sampleTrigger({ id: 'rotation', title: 'The OpenAI key is rotated', state: 'missed', note: 'Secrets are locked.' }),
      sampleTrigger({ id: 'private-data', title: 'The model names private data', isOn: false }),
      sampleTrigger({ id: 'budget', title: 'The budget runs low', lead: 85 }),
    ])
    expect([...document.querySelectorAll('[data-state].text-xs')].map((one) => one.textContent?.trim())).toEqual(['fired at #36', 'missed', 'off', 'waiting'])
    expect(group('The OpenAI key is rotated')?.textContent).toContain('Secrets are locked.')
    expect(group('LinkedIn stops answering')?.querySelector('button, input')).toBeNull()
  })

  it('fires, switches and moves', async () => {
    const shown = await open()
    press('Fire now: The budget runs low')
    expect(shown.emitted('fire')).toEqual([['budget']])
    const box = group('The OpenAI key is rotated')?.querySelector<HTMLInputElement>('input[type="checkbox"]')
    box?.click()
    // Only the room says that it is off.
    expect(box?.checked).toBe(true)
    const lead = document.querySelector<HTMLInputElement>('[aria-label="The model names private data, at lead"]')
    for (const typed of ['70', '700']) {
      if (lead) lead.value = typed
      lead?.dispatchEvent(new Event('input', { bubbles: true }))
      lead?.dispatchEvent(new Event('change', { bubbles: true }))
    }
    expect(shown.emitted('change')).toEqual([[{ trigger: 'rotation', isOn: false }], [{ trigger: 'private-data', lead: 70 }]])
  })

  it('fires nothing where nothing runs', async () => {
    await open(sampleTriggers(), { phase: 'interrupted' })
    expect(button('Fire now: The budget runs low')?.disabled).toBe(true)
  })
})
