// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { settle } from '../room/testRoom.ts'
import DemoCard from './DemoCard.vue'
import { sampleDemo, sampleEngine, sampleRun } from './testDemo.ts'
import type { TriggerChange } from './triggerDraft.ts'

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  document.body.innerHTML = ''
})

async function show(props: Partial<InstanceType<typeof DemoCard>['$props']> = {}) {
  const started: (readonly TriggerChange[])[] = []
  const shown = mount(DemoCard, {
    attachTo: document.body,
    props: {
      demo: sampleDemo(),
      problem: null,
      speed: 1,
      isConnected: true,
      start: async (changes: readonly TriggerChange[]) => void started.push(changes),
      resume: async () => {},
      install: async () => {},
      ...props,
    },
  })
  wrapper = shown
  await expect.poll(() => document.querySelector('[role="dialog"]')).not.toBeNull()
  return { shown, started }
}

const text = (): string => document.querySelector('[role="dialog"]')?.textContent?.replace(/\s+/g, ' ') ?? ''
const button = (name: string) => [...document.querySelectorAll<HTMLButtonElement>('button')].find((one) => one.textContent?.trim() === name)
const field = (title: string) => document.querySelector<HTMLInputElement>(`[aria-label="${title}, at lead"]`)
async function type(title: string, lead: string): Promise<void> {
  const input = field(title)
  if (!input) throw new Error(`There is no ${title}.`)
  input.value = lead
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await settle()
}
async function submit(): Promise<void> {
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await settle()
}

describe('the demo’s card', () => {
  it('says what it is, how fast, what will happen where, and what it is made with', async () => {
    await show()
    expect(text()).toContain('An agent qualifies 100 invented leads; it needs no key and no network. The model, LinkedIn and Clearbit are simulated on this machine.')
    expect(text()).toContain('On stage28 minutesRehearsal3 minutesAs fast as it canwithout a pause')
    const rows = [...document.querySelectorAll('li')].map((row) => `${row.textContent?.replace(/\s+/g, ' ').trim()} ${row.querySelector<HTMLInputElement>('input[inputmode]')?.value}`)
    expect(rows).toEqual(['LinkedIn stops answeringat lead 34', 'The OpenAI key is rotatedat lead 50', 'The model names private dataat lead 67', 'The budget runs lowat lead 85'])
    expect(text()).toContain('LangChain 1.0 with Python 3.13')
    expect(button('Install LangChain')).toBeUndefined()
  })

  it('starts as it stands, and tells what was switched off or moved before', async () => {
    const { shown, started } = await show()
    await submit()
    expect(started).toEqual([[]])
    expect(shown.emitted('close')).toHaveLength(1)
    document.querySelectorAll<HTMLInputElement>('input[type="checkbox"]')[1]?.click()
    await type('The budget runs low', '90')
    await submit()
    expect(started[1]).toEqual([{ trigger: 'rotation', isOn: false }, { trigger: 'budget', lead: 90 }])
    expect(field('The OpenAI key is rotated')?.disabled).toBe(true)
  })

  it('says beside a lead that it is none, and does not start with it', async () => {
    const { started } = await show()
    await type('LinkedIn stops answering', '340')
    expect(document.querySelector('li [role="alert"]')?.textContent).toBe('Leads go from 1 to 100.')
    expect(button('Start')?.disabled).toBe(true)
    await submit()
    expect(started).toEqual([])
  })

  it('lets somebody choose how fast', async () => {
    const { shown } = await show({ speed: 10 })
    const radios = [...document.querySelectorAll<HTMLInputElement>('input[type="radio"]')]
    expect(radios.map(({ checked }) => checked)).toEqual([false, true, false])
    radios[2]?.dispatchEvent(new Event('change', { bubbles: true }))
    expect(shown.emitted('speed')).toEqual([['max']])
  })

  it('stays and says in the room’s words why it did not start', async () => {
    const { shown } = await show({ start: () => Promise.reject(new AppError('UNAVAILABLE', 'No Python was found that could run the demo.')) })
    await submit()
    expect(document.querySelector('[role="dialog"] [role="alert"]')?.textContent).toContain('No Python was found that could run the demo.')
    expect(shown.emitted('close')).toBeUndefined()
    expect(button('Start')?.disabled).toBe(false)
  })

  it('offers to install LangChain, shows how far that is, and starts without it', async () => {
    const { shown, started } = await show({ demo: sampleDemo({ engine: sampleEngine({ kind: 'sdk', langchainVersion: null, note: 'LangChain is not installed; the same agent runs on the SDK alone.' }) }) })
    expect(text()).toContain('The SDK alone with Python 3.13')
    expect(text()).toContain('the same agent runs on the SDK alone.')
    expect(button('Install LangChain')?.disabled).toBe(false)
    await shown.setProps({ demo: sampleDemo({ engine: sampleEngine({ kind: 'sdk', langchainVersion: null, installing: 'Collecting langchain-core' }) }) })
    expect(text()).toContain('Collecting langchain-core')
    expect(button('Installing…')?.disabled).toBe(true)
    await submit()
    expect(started).toEqual([[]])
  })

  it('says that a Python is looked for, and that there is none', async () => {
    const { shown } = await show({ demo: sampleDemo({ engine: sampleEngine({ kind: 'sdk', python: null, pythonVersion: null, langchainVersion: null }) }) })
    expect(text()).toContain('Looking for a Python…')
    expect(button('Install LangChain')).toBeUndefined()
    await shown.setProps({ demo: sampleDemo({ engine: sampleEngine({ kind: 'sdk', python: null, pythonVersion: null, langchainVersion: null, note: 'No Python was found; install 3.10 or newer.' }) }) })
    expect(text()).toContain('No Python was found; install 3.10 or newer.')
  })

  it('begins none beside one that runs, and lets one that stopped go on', async () => {
    const resumed: string[] = []
    const { shown, started } = await show({ demo: sampleDemo({ run: sampleRun({ lead: 57 }) }), resume: async () => void resumed.push('resumed') })
    expect(text()).toContain('The demo runs already: lead 57 of 100.')
    expect([button('Show it')?.disabled, document.querySelectorAll('li').length]).toEqual([false, 0])
    await shown.setProps({ demo: sampleDemo({ run: sampleRun({ phase: 'interrupted', lead: 57 }) }) })
    expect(text()).toContain('The demo stopped at lead 57. It can go on there.')
    expect(button('Go on')).toBeDefined()
    await submit()
    expect([resumed, started]).toEqual([['resumed'], []])
  })

  it('says what goes before the next one, once the last is over', async () => {
    await show({ demo: sampleDemo({ run: sampleRun({ phase: 'over', lead: 100, next: null }) }) })
    expect(text()).toContain('Its agent, its key and its results go before the next one starts; nothing else does.')
    expect(button('Start')?.disabled).toBe(false)
  })

  it('waits for the room, and says why it does not say anything', async () => {
    const { shown } = await show({ demo: null })
    expect(text()).toContain('Looking how the demo stands…')
    expect(button('Start')?.disabled).toBe(true)
    await shown.setProps({ problem: 'The demo’s files are missing.' })
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('The demo’s files are missing.')
    await shown.setProps({ demo: sampleDemo(), isConnected: false })
    expect(button('Start')?.disabled).toBe(true)
  })
})
