// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it } from 'vitest'
import type { KeyState } from '../../shared/domain/keys.ts'
import { samplePlan } from '../../shared/domain/testAgents.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { createTestRoom, settle } from '../room/testRoom.ts'
import { sampleSecret } from '../secrets/testSecrets.ts'
import { useKeysStore } from '../stores/keys.ts'
import type { LaunchDraft } from '../stores/launch.ts'
import { useSecretsStore } from '../stores/secrets.ts'
import LaunchDialog from './LaunchDialog.vue'

const DRAFT: LaunchDraft = {
  script: '/invented/agents/lead_gen_agent.py',
  edits: {},
  remembered: {},
  plan: samplePlan({ environment: 'staging', secrets: null, variables: {} }),
  settings: [{ key: 'budget', value: '$100.00', origin: 'default', source: null, summary: '' }],
  problem: null,
}

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  document.body.innerHTML = ''
})

async function show(changes: Partial<LaunchDraft> = {}, keyState: KeyState = 'open') {
  const room = createTestRoom()
  const secrets = [sampleSecret({ name: 'CRM_TOKEN', environment: 'staging', delivery: 'sealed' }), sampleSecret({ id: 'secret-0000000000aa', name: 'LIVE_KEY', environment: 'production' })]
  room.answer('secret.list', ({ deleted = false }) => ({ secrets: deleted ? [] : secrets, seq: 1 }))
  room.answer('keys.status', () => ({ state: keyState }) as never)
  const shown = mount(LaunchDialog, {
    attachTo: document.body,
    props: { draft: { ...DRAFT, ...changes }, canStart: true, isStarting: false },
    global: { plugins: [createPinia()], provide: { [roomConnectionKey as symbol]: room.connection } },
  })
  wrapper = shown
  await Promise.all([useSecretsStore().view.load(), useKeysStore().view.load()])
  await settle()
  await expect.poll(() => document.querySelector('[role="dialog"]')).not.toBeNull()
  return shown
}

const text = (): string => document.querySelector('[role="dialog"]')?.textContent?.replace(/\s+/g, ' ') ?? ''
const press = (name: string): void => [...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === name)?.click()

describe('the launch card', () => {
  it('names the secrets that the agent will get, and none of another environment', async () => {
    await show()
    expect(text()).toContain('Secrets it will get')
    expect([...document.querySelectorAll('section li')].map((one) => one.textContent?.trim())).toEqual(['CRM_TOKEN (sealed)'])
    expect(text()).not.toContain('LIVE_KEY')
  })

  it('takes what is typed once it knows what would run, or why nothing would, and not before', async () => {
    const shown = await show({ plan: null })
    const budget = (): HTMLInputElement => document.querySelector('#launch-budget') as HTMLInputElement
    expect(budget().readOnly).toBe(true)
    await shown.setProps({ draft: DRAFT })
    expect(budget().readOnly).toBe(false)
    await shown.setProps({ draft: { ...DRAFT, plan: null, problem: { field: null, sentence: 'iron_cage.yaml, line 3: unknown setting.' } } })
    expect(budget().readOnly).toBe(false)
  })

  it('says that there are none, which are missing, and that they cannot be opened', async () => {
    await show({ plan: samplePlan({ environment: 'development', secrets: null, variables: {} }) })
    expect(text()).toContain('None: there are no secrets of development.')
    wrapper?.unmount()
    document.body.innerHTML = ''
    await show({ plan: samplePlan({ environment: 'staging', secrets: ['CRM_TOKEN', 'ABSENT'], variables: {} }) }, 'locked')
    expect(text()).toContain('There is no ABSENT among the secrets of staging, and it will not start without.')
    expect(text()).toContain('The secrets cannot be opened now')
  })

  it('says what is as last time, and gives each of it and all of it back to configuration', async () => {
    const shown = await show({ edits: { budget: '12', environment: 'staging' }, remembered: { budget: '12', environment: 'production' } })
    expect(text()).toContain('One field is filled in as last time.')
    expect(document.getElementById('launch-budget-origin')?.textContent).toBe('as last time')
    expect(document.getElementById('launch-environment-origin')?.textContent).toBe('set here')
    press('Reset')
    press('Use what configuration says')
    expect(shown.emitted('reset')).toEqual([['budget'], [null]])
  })

  it('offers no way back where nothing was chosen', async () => {
    await show()
    expect(document.getElementById('launch-budget-origin')?.textContent).toBe('default')
    expect(text()).not.toContain('Reset')
    expect(text()).not.toContain('as last time')
  })
})
