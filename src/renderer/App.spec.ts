// @vitest-environment happy-dom
import { sampleAgent, samplePlan } from '../shared/domain/testAgents.ts'
import { sampleCall } from '../shared/domain/testCalls.ts'
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, disposePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Budget } from '../shared/domain/budget.ts'
import { AppError } from '../shared/errors.ts'
import { launchLink } from '../shared/launchLink.ts'
import App from './App.vue'
import { sampleBudget, sampleParked } from './cost/testBudgets.ts'
import { sampleDemo, sampleRun, sampleTrigger } from './demo/testDemo.ts'
import { layer, recorded, sampleRecord, sampleStatus } from './safety/testSafety.ts'
import { sampleKeys, sampleStage } from './secrets/testSecrets.ts'
import type { KeyStatus } from './stores/keys.ts'
import { roomConnectionKey } from './room/connection.ts'
import { all, nameOf, see, text } from './room/testPage.ts'
import { agentChanged, createTestRoom, settle, type TestRoom } from './room/testRoom.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const MAIL = sampleAgent({ id: 'mt-9c0d11fe', plan: samplePlan({ name: 'mail_triage.mjs' }), createdAt: 1 })

let wrapper: VueWrapper | null = null
let pinia: Pinia | null = null

beforeEach(() => {
  location.hash = ''
  sessionStorage.clear()
})
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  // Its clock would tick on when there is no page any more.
  if (pinia) disposePinia(pinia)
  document.body.innerHTML = ''
})

interface Opening {
  role?: 'admin' | 'viewer'
  agents?: (typeof LEAD)[]
  budgets?: Budget[]
  key?: Partial<KeyStatus>
  room?: TestRoom
}

function open({ role = 'admin', agents = [LEAD], budgets = [], key = {}, room = createTestRoom() }: Opening = {}) {
  room.answer('room.identity', () => ({ caller: { role, id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  room.answer('agent.list', () => ({ agents, seq: 5 }))
  room.answer('event.list', () => ({ events: [], latest: 5, resynchronise: false }))
  room.answer('event.outline', () => ({ count: 0, pages: [], until: 5, isWhole: true }))
  room.answer('budget.list', () => ({ budgets, seq: 5 }))
  room.answer('call.list', () => ({ calls: [], next: null, seq: 5 }))
  room.answer('safety.list', () => ({ agents: agents.map(({ id }) => sampleStatus({ agentId: id })), room: layer(), isKept: true, seq: 5 }))
  room.answer('finding.list', () => ({ records: [], next: null }))
  room.answer('service.list', () => ({ services: [], seq: 5 }))
  room.answer('performance.list', () => ({ performances: [], seq: 5 }))
  room.answer('secret.list', () => ({ secrets: [], seq: 5 }))
  room.answer('keys.status', () => sampleKeys(key))
  room.answer('stage.status', () => sampleStage({ canUnlock: role === 'admin' }))
  room.answer('launch.recent', () => ({ scripts: [] }))
  room.answer('launch.inspect', ({ script, budget }) => {
    if (budget === 'abc') throw new AppError('INVALID_CONFIGURATION', 'budget is "abc", but must be an amount in dollars.')
    return { plan: samplePlan({ script }), settings: [] }
  })
  pinia = createPinia()
  wrapper = mount(App, {
    attachTo: document.body,
    global: {
      plugins: [pinia],
      provide: { [roomConnectionKey as symbol]: room.connection },
      // xterm.js measures letters, which only a browser can; e2e looks at real terminals.
      stubs: { AgentTerminal: true },
    },
  })
  return room
}

/** The first: panels stand before the dialogs that have the same words. */
const button = (name: string): HTMLButtonElement | undefined => all<HTMLButtonElement>('button').find((one) => nameOf(one) === name)
/** Vue hides with a style of the element's own. */
const isShown = (element: HTMLElement): boolean => element.style.display !== 'none'

function drop(names: string[]): void {
  const event = new Event('drop', { bubbles: true, cancelable: true })
  Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], files: names.map((name) => new File(['x'], name)) } })
  document.body.dispatchEvent(event)
}

function typeInto(selector: string, value: string): void {
  const field = document.querySelector<HTMLInputElement>(selector)
  if (!field) throw new Error(`There is no ${selector}.`)
  field.value = value
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

describe('the control room', () => {
  it('teaches what to do while it is empty', async () => {
    open({ agents: [] })
    await see('Drop an agent script here')
    expect(all('[aria-label="Start an agent"]')).toHaveLength(1)
    expect(button('Open…')).toBeDefined()
    expect(document.title).toBe('Iron Cage Control Room')
  })

  it('shows the one agent without a list beside it, and the list as soon as there are two', async () => {
    const room = open()
    await see('lead_gen_agent.py')
    expect(all('nav[aria-label="Agents"]')).toHaveLength(0)
    expect(document.title).toBe('lead_gen_agent.py · Running · Iron Cage')
    await expect.poll(() => room.streams('event.follow').length).toBe(1)
    room.streams('event.follow')[0]?.push({ kind: 'events', events: [agentChanged(6, MAIL)] })
    await see('2 agents')
    expect(all('nav[aria-label="Agents"] li')).toHaveLength(2)
  })

  it('goes from a dropped file over the card to a running agent', async () => {
    const room = open({ agents: [] })
    await see('Drop an agent script here')
    room.answer('agent.start', () => ({ ...LEAD, status: 'starting' }))
    drop(['lead_gen_agent.py'])
    await see('Start lead_gen_agent.py')
    expect(room.asked('agent.start')).toEqual([])
    typeInto('#launch-budget', 'abc')
    await see('budget is "abc", but must be an amount in dollars.')
    expect(button('Start')?.disabled).toBe(true)
    typeInto('#launch-budget', '12.50')
    await expect.poll(() => button('Start')?.disabled).toBe(false)
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await see('Starting')
    expect(room.asked('agent.start')).toEqual([{ script: '/dropped/lead_gen_agent.py', budget: '12.50' }])
    expect(all('[role="dialog"]')).toHaveLength(0)
  })

  it('says on the card what the file says of safety, a line for each thing', async () => {
    const room = open({ agents: [] })
    await see('Drop an agent script here')
    const { safety } = samplePlan()
    const plan = samplePlan({ safety: { rules: { ...safety.rules, types: { phone: 'warn' } }, permissions: { ...safety.permissions, tools: [] }, notPrivate: ['@company.example'] } })
    room.answer('launch.inspect', () => ({ plan, settings: [] }))
    drop(['lead_gen_agent.py'])
    await see('Private data is taken out, and the agent goes on.')
    expect(all('[aria-label="Safety rules"] li').map((line) => line.textContent)).toEqual(['By type: Phone warn', 'Tools allowed: none', 'Not private: @company.example'])
  })

  it('leads from a notice of a block to the finding, and from the finding to its call', async () => {
    const room = open({ agents: [LEAD, MAIL] })
    room.answer('call.get', () => sampleCall({ id: 'call-00000000000000aa', model: 'gpt-4-invented' }))
    await see('lead_gen_agent.py')
    await expect.poll(() => room.streams('event.follow').length).toBe(1)
    const blocked = sampleRecord({ agentId: MAIL.id, action: 'blocked', preview: 'Call [PHONE_REDACTED] now' })
    room.streams('event.follow')[0]?.push({ kind: 'events', events: [recorded(6, blocked)] })
    await see('mail_triage.mjs is halted')
    button('Show the finding')?.click()
    await expect.poll(() => all('[role="dialog"]').map((one) => one.textContent).join()).toContain('messages[0].content')
    expect(all('[data-panel]').filter(isShown).map((panel) => panel.getAttribute('aria-label'))).toEqual(['Protection'])
    expect(document.title).toContain('mail_triage.mjs')
    button('call-00000000000000aa: show what it cost')?.click()
    await expect.poll(() => all('[role="dialog"] [aria-label="Receipt"]')).toHaveLength(1)
    await see('gpt-4-invented')
  })

  it('goes from the empty room over the demo’s card to its agent and the presenter’s strip', async () => {
    const room = open({ agents: [] })
    room.answer('demo.show', () => sampleDemo())
    room.answer('demo.start', () => sampleDemo({ run: sampleRun({ agentId: LEAD.id }) }))
    room.answer('agent.status', () => LEAD)
    await see('Drop an agent script here')
    await expect.poll(() => button('Run the demo')?.disabled).toBe(false)
    button('Run the demo')?.click()
    await see('An agent qualifies 100 invented leads')
    await expect.poll(() => button('Start')?.disabled).toBe(false)
    document.querySelector('[role="dialog"] form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await see('Lead 23 of 100')
    expect(room.asked('demo.start')).toEqual([{ speed: 1 }])
    expect(document.title).toContain('lead_gen_agent.py')
    await expect.poll(() => all('[role="dialog"]')).toHaveLength(0)
  })

  it('leads a presenter whose turn it is to the secrets', async () => {
    const room = open({ agents: [LEAD, MAIL] })
    await see('2 agents')
    await expect.poll(() => room.streams('demo.follow').length).toBe(1)
    room.streams('demo.follow')[0]?.push(sampleDemo({ run: sampleRun({ agentId: MAIL.id }), triggers: [sampleTrigger({ id: 'rotation', state: 'due', dueAt: Date.now() + 20_000 })] }))
    await see('Rotate OPENAI_API_KEY in Secrets now')
    all('[aria-label="Presenter"] button').find((one) => one.textContent?.trim() === 'Secrets')?.click()
    await see('No secrets yet.')
    expect(all('[data-panel]').filter(isShown).map((panel) => panel.getAttribute('aria-label'))).toEqual(['Secrets'])
    expect(document.title).toContain('mail_triage.mjs')
  })

  it('looks at a script that was opened from outside, once', async () => {
    location.hash = launchLink('/invented/agents/lead_gen_agent.py')
    const room = open({ agents: [] })
    await see('Start lead_gen_agent.py')
    expect(room.asked('launch.inspect')).toEqual([{ script: '/invented/agents/lead_gen_agent.py' }])
    expect(location.hash).toBe('')
  })

  it('looks at no script that a link names in a browser, where any page can send somebody', async () => {
    location.hash = launchLink('/invented/agents/lead_gen_agent.py')
    const room = createTestRoom()
    open({ agents: [], room: { ...room, connection: { ...room.connection, signOut: async () => {} } } })
    await see('Drop an agent script here')
    await settle()
    expect(room.asked('launch.recent')).toHaveLength(1)
    expect(room.asked('launch.inspect')).toEqual([])
  })

  it('stops at once, and asks before what cannot be undone', async () => {
    const room = open()
    room.answer('agent.stop', () => LEAD)
    room.answer('agent.restart', () => LEAD)
    await see('lead_gen_agent.py')
    await expect.poll(() => button('Stop')).toBeDefined()
    button('Stop')?.click()
    await expect.poll(() => room.asked('agent.stop')).toEqual([{ agentId: LEAD.id }])
    await expect.poll(() => button('Restart')?.disabled).toBe(false)
    button('Restart')?.click()
    await see('Restart lead_gen_agent.py?')
    expect(room.asked('agent.restart')).toEqual([])
    all('[role="alertdialog"] button').find((one) => one.textContent?.trim() === 'Restart')?.click()
    await expect.poll(() => room.asked('agent.restart')).toEqual([{ agentId: LEAD.id }])
  })

  it('offers a viewer nothing that a viewer may not do, and takes no drop', async () => {
    const room = open({ role: 'viewer' })
    await see('Viewer')
    expect([room.streams('demo.follow').length, all('[aria-label="Presenter"]').length]).toEqual([0, 0])
    for (const name of ['Open…', 'Stop', 'Restart', 'Remove', 'Recent scripts', 'Run the demo']) expect(button(name)).toBeUndefined()
    drop(['agent.py'])
    await settle()
    expect(room.asked('launch.inspect')).toEqual([])
    expect(room.asked('launch.recent')).toEqual([])
  })

  it('says that it is reconnecting, and holds back what would be lost', async () => {
    const room = open()
    await see('Connected')
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: Date.now() + 5_000 })
    await see('Reconnecting…')
    expect(button('Stop')?.disabled).toBe(true)
    expect(button('Open…')?.disabled).toBe(true)
    room.enter({ kind: 'open' })
    await see('Connected')
    expect(button('Stop')?.disabled).toBe(false)
  })

  it('asks at the limit, and tells the room what was decided', async () => {
    const parked = sampleBudget({ spent: 49_990_000_000, isExhausted: true, parked: [sampleParked({ until: Date.now() + 600_000 })] })
    const room = open({ budgets: [parked] })
    room.answer('budget.raise', () => parked)
    await see('1 call does not fit into the budget and waits for a decision')
    await see('$49.99 of $50.00')
    await expect.poll(() => button('Approve $25 increase')?.disabled).toBe(false)
    button('Approve $25 increase')?.click()
    await see('Raise the budget')
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await expect.poll(() => room.asked('budget.raise')).toMatchObject([{ agentId: LEAD.id, by: 25_000_000_000 }])
    await expect.poll(() => all('[role="dialog"]')).toHaveLength(0)
  })

  it('shows a viewer what waits, and lets nobody decide who may not', async () => {
    open({ role: 'viewer', budgets: [sampleBudget({ isExhausted: true, parked: [sampleParked({ until: Date.now() + 600_000 })] })] })
    await see('Viewer')
    await see('1 call does not fit into the budget')
    expect(button('Decline')).toBeUndefined()
    expect(button('Approve $25 increase')).toBeUndefined()
  })

  it('puts a warning away until the limit is another', async () => {
    const warned = sampleBudget({ spent: 45_000_000_000, isWarned: true })
    const room = open({ budgets: [warned] })
    await see('90.0% of the budget is used')
    button('Dismiss')?.click()
    const inFront = (): string => all('[aria-label="Notices"]').map((one) => one.textContent).join()
    await expect.poll(inFront).not.toContain('of the budget is used')
    await expect.poll(() => room.streams('event.follow').length).toBe(1)
    const changed = { ...agentChanged(6, LEAD), name: 'budget.changed' as const, payload: { budget: { ...warned, limit: 46_000_000_000 } } }
    room.streams('event.follow')[0]?.push({ kind: 'events', events: [changed] })
    await expect.poll(inFront).toContain('97.8% of the budget is used')
  })

  it('opens in a browser that lets nothing be kept', async () => {
    const refused = (): never => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
    vi.stubGlobal('localStorage', { getItem: refused, setItem: refused })
    try {
      open({ key: { state: 'locked', source: null, sentence: 'Its passphrase is asked for.' } })
      await see('The master key is locked')
      button('Not now')?.click()
      await expect.poll(text).not.toContain('The master key is locked')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('shows a calm page when it is not signed in', async () => {
    const room = open({ room: createTestRoom({ kind: 'connecting' }) })
    room.enter({ kind: 'signed-out' })
    await see('This browser is not signed in')
    expect(text()).toContain('iron_cage link')
    expect(button('Try again')).toBeDefined()
    expect(document.querySelector('a[href="/sign-in"]')?.textContent).toContain('Sign in with name and password')
  })

  it('shows nothing of the room from the moment at which it is signed out until it is let in again, whatever becomes of the connection', async () => {
    const room = open()
    await see('lead_gen_agent.py')
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }))
    await see('Find and do')
    for (const state of [{ kind: 'signed-out' }, { kind: 'connecting' }, { kind: 'reconnecting', attempt: 1, retryAt: 0 }] as const) {
      room.enter(state)
      await see('This browser is not signed in')
      expect([text().includes('lead_gen_agent.py'), document.title]).toEqual([false, 'Iron Cage Control Room'])
    }
    room.enter({ kind: 'open' })
    await see('lead_gen_agent.py')
    expect(text()).not.toContain('This browser is not signed in')
  })

  it('offers whoever has a session to end it, and whoever has a password another one', async () => {
    const signOuts: string[] = []
    const room = createTestRoom()
    open({ room: { ...room, connection: { ...room.connection, signOut: async () => void signOuts.push('out') } } })
    room.answer('user.changeOwnPassword', () => {
      throw new AppError('FORBIDDEN', 'That is not the password that holds.')
    })
    await expect.poll(() => button('Signed in as ada')).toBeDefined()
    const choose = async (item: string): Promise<void> => {
      button('Signed in as ada')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
      await expect.poll(() => all('[role="menuitem"]').length).toBe(2)
      all('[role="menuitem"]').find((one) => one.textContent?.includes(item))?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    }
    await choose('Change my password…')
    await see('you sign in again with the new one')
    typeInto('#password-current', 'an old invented one')
    typeInto('#password-new', 'a new invented one')
    typeInto('#password-again', 'a new invented one')
    await expect.poll(() => button('Change it')?.disabled).toBe(false)
    document.querySelector('[role="dialog"] form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await see('That is not the password that holds.')
    expect(room.asked('user.changeOwnPassword')).toEqual([{ current: 'an old invented one', password: 'a new invented one' }])
    button('Cancel')?.click()
    await expect.poll(() => all('[role="dialog"]')).toHaveLength(0)
    await choose('Sign out')
    await expect.poll(() => signOuts).toEqual(['out'])
  })

  it('asks at its first start where the master key shall live, and says everywhere that it is locked', async () => {
    localStorage.clear()
    open({ agents: [], key: { state: 'missing', source: null, ways: { keychain: true, passphrase: true } } })
    await see('Secrets need a master key')
    button('Not now')?.click()
    await expect.poll(text).not.toContain('Secrets need a master key')
    wrapper?.unmount()
    open({ key: { state: 'locked', sentence: 'The master key lies in master.key, sealed with a passphrase.' } })
    await see('The master key lies in master.key, sealed with a passphrase.')
  })

  it('shows secrets over the whole room and beside a terminal, and goes back to the agents with one of them', async () => {
    open({ agents: [LEAD, MAIL] })
    await see('lead_gen_agent.py')
    button('Secrets')?.click()
    await see('No secrets yet.')
    expect(all('.desk').filter(isShown)).toEqual([])
    all('nav[aria-label="Agents"] button').find((one) => one.textContent?.includes('mail_triage.mjs'))?.click()
    await expect.poll(() => document.title).toContain('mail_triage.mjs')
    expect(text()).not.toContain('No secrets yet.')
    all('[aria-label="Performance or secrets"] button').find((one) => one.textContent?.trim() === 'Secrets')?.click()
    await see('No secrets yet.')
  })

  it('says in the room’s own sentence what failed, until it is closed', async () => {
    const room = open()
    room.answer('agent.stop', () => {
      throw new AppError('CONFLICT', 'It has stopped already.')
    })
    await expect.poll(() => button('Stop')).toBeDefined()
    button('Stop')?.click()
    await see('It has stopped already.')
    button('Close notice')?.click()
    await expect.poll(text).not.toContain('It has stopped already.')
  })
})
