// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SafetyStatus } from '../../shared/contract/safety.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { all, button, nameOf, press, see, text, type } from '../room/testPage.ts'
import { createTestRoom, settle, type TestRoom } from '../room/testRoom.ts'
import { useAgentsStore } from '../stores/agents.ts'
import { useFindingsStore } from '../stores/findings.ts'
import { useSafetyStore } from '../stores/safety.ts'
import ProtectionRoom from './ProtectionRoom.vue'
import { findingId, layer, recorded, sampleAllowance, sampleCounts, sampleRecord, sampleRules, sampleStatus } from './testSafety.ts'

const LEAD = sampleAgent()

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  wrapper = null
  document.body.innerHTML = ''
  vi.useRealTimers()
})

interface Opening {
  readonly canAct?: boolean
  readonly status?: Partial<SafetyStatus>
  readonly records?: SafetyRecord[]
  readonly isKept?: boolean
  readonly agent?: typeof LEAD
}

async function open({ canAct = true, status = {}, records = [sampleRecord()], isKept = true, agent = LEAD }: Opening = {}) {
  const room = createTestRoom()
  room.answer('agent.list', () => ({ agents: [agent], seq: 5 }))
  room.answer('event.list', () => ({ events: [], latest: 5, resynchronise: false }))
  room.answer('safety.list', () => ({ agents: [sampleStatus(status)], room: layer(), isKept, seq: 5 }))
  room.answer('finding.list', () => ({ records, next: null }))
  room.answer('safety.setRules', ({ rules }) => ({ rules: layer(rules) }))
  const pinia = createPinia()
  setActivePinia(pinia)
  wrapper = mount(ProtectionRoom, {
    attachTo: document.body,
    props: { agent, now: 1_000, canAct, isConnected: true },
    global: { plugins: [pinia], provide: { [roomConnectionKey as symbol]: room.connection } },
  })
  const stores = { safety: useSafetyStore(), findings: useFindingsStore() }
  await Promise.all([useAgentsStore().view.load(), stores.safety.view.load(), stores.findings.view.load()])
  await settle()
  await nextTick()
  return { room, ...stores }
}

const buttonNames = (): string[] => all('button').map(nameOf)

const changes = (room: TestRoom) => room.asked('safety.setRules')

describe('the protection of an agent', () => {
  it('shows the three figures with a word each, and moves with the event', async () => {
    const { safety, findings } = await open({ status: { counts: sampleCounts({ found: 3, redacted: 2, blocked: 1, unauthorised: 4, byType: { email: 3 } }) } })
    for (const words of ['PII blocked3', '3 kept out', 'Unauthorised actions4', 'Refused', 'Injection attempts0', 'All quiet', 'Email 3']) expect(text()).toContain(words)
    const event = recorded(6, sampleRecord({ id: findingId(2), at: Date.now() + 60_000, type: 'phone' }))
    safety.view.receive([event])
    findings.view.receive([event])
    await nextTick()
    expect(text()).toContain('4 kept out')
    expect(all('[data-finding]')).toHaveLength(2)
  })

  it('teaches what it does while there is nothing to show', async () => {
    await open({ records: [] })
    expect(text()).toContain('Nothing was found yet. Everything that this agent sends to a model')
  })

  it('says of a finding when, what, how grave, which way, where and what came of it, with its marker set off', async () => {
    await open({ records: [sampleRecord({ times: 1_204 })] })
    const row = all('[data-finding]')[0]
    expect(row?.textContent?.replace(/\s+/g, ' ')).toMatch(/Email × 1,204 CRITICAL \[\d\d:\d\d:\d\d\] Contact \[EMAIL_REDACTED\] today Redacted to the model messages\[0\]\.content/)
    expect(row?.querySelector('mark')?.textContent).toBe('[EMAIL_REDACTED]')
  })

  it('walks the list with the arrow keys', async () => {
    await open({ records: [sampleRecord({ id: findingId(1) }), sampleRecord({ id: findingId(2) }), sampleRecord({ id: findingId(3) })] })
    const rows = all('[data-finding]')
    const key = (name: string): void => void document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }))
    rows[0]?.focus()
    key('ArrowDown')
    expect(document.activeElement).toBe(rows[1])
    key('End')
    expect(document.activeElement).toBe(rows[2])
    key('Home')
    expect(document.activeElement).toBe(rows[0])
  })
})

describe('the mode', () => {
  it('changes at once where that is harmless', async () => {
    const { room } = await open({ status: { rules: sampleRules({ mode: 'warn' }), override: layer({ mode: 'warn' }) } })
    await press('Redact')
    await settle()
    expect(changes(room)).toEqual([{ agentId: LEAD.id, rules: layer({ mode: 'redact' }) }])
  })

  it.each([
    ['Block', 'It is running.', 'Block from now on', 'block'],
    ['Warn', 'is only noted down', 'Only note it down', 'warn'],
  ] as const)('asks before it becomes %s, and says what will happen', async (mode, words, action, sent) => {
    const { room } = await open()
    await press(mode)
    await see(words)
    await press('Cancel')
    await settle()
    expect(changes(room)).toEqual([])
    await press(mode)
    await press(action)
    await settle()
    expect(changes(room)).toEqual([{ agentId: LEAD.id, rules: layer({ mode: sent }) }])
  })

  it('does not ask again about what it is already', async () => {
    const { room } = await open()
    await press('Redact')
    expect(all('[role="alertdialog"]')).toHaveLength(0)
    expect(changes(room)).toEqual([])
  })
})

describe('all rules', () => {
  const cell = (name: string): string | undefined => document.querySelector(`[data-cell="${name}"]`)?.textContent?.trim().replace(/\s+/g, ' ')

  it('stand in a table of every type and every direction, with where each comes from', async () => {
    const plan = samplePlan({ safety: { ...samplePlan().safety, rules: layer({ mode: 'redact', types: { ip: 'off' } }) } })
    await open({ agent: sampleAgent({ plan }), status: { override: layer({ directions: { terminal: 'warn' } }) } })
    await press('All rules')
    await expect.poll(() => all('[data-cell]').length).toBe(36)
    expect([cell('email to-model'), cell('ip to-model'), cell('ip terminal')]).toEqual(['Redact launch', 'Off launch', 'Warn agent'])
  })

  it('are written, looked at and then applied, for the agent', async () => {
    const { room } = await open({ status: { override: layer({ injection: 'block' }) } })
    await press('All rules')
    await type('[aria-label="Phone, everywhere"]', 'off')
    await type('[aria-label="Everything, tools"]', 'block')
    expect([cell('phone tools'), cell('email tools')]).toEqual(['Off agent', 'Block agent'])
    expect(text()).toContain('8 cells to Block: what is found there halts the agent at once.')
    expect(text()).toContain('4 cells to Off')
    expect(changes(room)).toEqual([])
    await press('Apply')
    await settle()
    expect(changes(room)).toEqual([{ agentId: LEAD.id, rules: layer({ types: { phone: 'off' }, directions: { tools: 'block' }, injection: 'block' }) }])
    await expect.poll(() => all('[role="dialog"]').length).toBe(0)
  })

  it('are written for all agents', async () => {
    const { room } = await open()
    await press('All rules')
    await expect.poll(() => all('[name="rules-scope"]').length).toBe(2)
    all<HTMLInputElement>('[name="rules-scope"]')[1]?.click()
    await type('#rules-unauthorised', 'block')
    await press('Apply')
    await settle()
    expect(changes(room)).toEqual([{ agentId: null, rules: layer({ unauthorised: 'block' }) }])
  })

  it('go back to what the agent was launched with', async () => {
    const { room } = await open({ status: { override: layer({ mode: 'warn', types: { email: 'off' } }) } })
    await press('All rules')
    await press('Back to its launch')
    expect(cell('email tools')).toBe('Redact launch')
    await press('Apply')
    await settle()
    expect(changes(room)).toEqual([{ agentId: LEAD.id, rules: layer() }])
  })

  it('stay open where the room does not take them', async () => {
    const { room } = await open()
    room.answer('safety.setRules', () => {
      throw new AppError('UNAVAILABLE', 'The disk is full.')
    })
    await press('All rules')
    await type('#rules-mode', 'warn')
    await press('Apply')
    await settle()
    expect(all('[role="dialog"]')).toHaveLength(1)
  })
})

describe('the original of a finding', () => {
  async function openFinding(opening: Opening = {}) {
    const opened = await open(opening)
    all('[data-finding]')[0]?.click()
    await see('messages[0].content')
    return opened
  }

  it('is shown for a reason, and goes when it is hidden or the window is left', async () => {
    const { room } = await openFinding()
    room.answer('finding.open', () => ({ original: 'ceo@acme.example' }))
    expect(button('Open')?.disabled).toBe(true)
    await type('#original-reason', 'no')
    expect(text()).toContain('at least 3 characters')
    await type('#original-reason', ' A customer asked ')
    await press('Open')
    await see('ceo@acme.example')
    expect(room.asked('finding.open')).toEqual([{ findingId: sampleRecord().id, reason: 'A customer asked' }])
    await press('Hide')
    expect(text()).not.toContain('ceo@acme.example')
    await press('Open')
    await see('ceo@acme.example')
    window.dispatchEvent(new Event('blur'))
    await nextTick()
    expect(text()).not.toContain('ceo@acme.example')
  })

  it('goes after half a minute', async () => {
    const { room } = await openFinding()
    room.answer('finding.open', () => ({ original: 'ceo@acme.example' }))
    await type('#original-reason', 'A customer asked')
    vi.useFakeTimers()
    button('Open')?.click()
    await vi.advanceTimersByTimeAsync(100)
    expect(text()).toContain('ceo@acme.example')
    await vi.advanceTimersByTimeAsync(29_000)
    expect(text()).toContain('ceo@acme.example')
    await vi.advanceTimersByTimeAsync(1_500)
    expect(text()).not.toContain('ceo@acme.example')
  })

  it('is not shown to whoever has closed it meanwhile', async () => {
    const { room } = await openFinding()
    let answer: () => void = () => {}
    room.answer('finding.open', () => new Promise((resolve) => (answer = () => resolve({ original: 'ceo@acme.example' }))))
    await type('#original-reason', 'A customer asked')
    await press('Open')
    await press('Close')
    answer()
    await settle()
    await nextTick()
    expect(text()).not.toContain('ceo@acme.example')
  })

  it('is not shown to whoever has left the window meanwhile', async () => {
    const { room } = await openFinding()
    let answer: () => void = () => {}
    room.answer('finding.open', () => new Promise((resolve) => (answer = () => resolve({ original: 'ceo@acme.example' }))))
    await type('#original-reason', 'A customer asked')
    await press('Open')
    window.dispatchEvent(new Event('blur'))
    answer()
    await settle()
    await nextTick()
    expect(text()).not.toContain('ceo@acme.example')
  })

  it('says in the room’s sentence why it cannot be had', async () => {
    const { room } = await openFinding()
    room.answer('finding.open', () => {
      throw new AppError('NOT_FOUND', 'Its time is over.')
    })
    await type('#original-reason', 'A customer asked')
    await press('Open')
    await see('Its time is over.')
  })

  it('says where there is none, and how to get a key', async () => {
    await openFinding({ records: [sampleRecord({ hasOriginal: false })], isKept: false })
    expect(text()).toContain('there is no master key to encrypt it with')
    expect(text()).toContain('Set one up under Secrets')
    expect(button('Open')).toBeUndefined()
  })

  it('leads to the call', async () => {
    await openFinding()
    button('call-00000000000000aa: show what it cost')?.click()
    await nextTick()
    expect(wrapper?.emitted('showCall')).toEqual([['call-00000000000000aa']])
  })
})

describe('not private', () => {
  it('is added only after its preview, and the preview holds only for what it was asked about', async () => {
    const { room } = await open()
    room.answer('allowance.preview', () => ({ compared: 120, matching: 14, samples: [sampleRecord({ preview: 'Write to [EMAIL_REDACTED]' })] }))
    room.answer('allowance.add', () => sampleAllowance())
    room.answer('allowance.list', () => ({ allowances: [sampleAllowance()] }))
    all('[data-finding]')[0]?.click()
    await press('Not private…')
    await press('Preview')
    await see('It would have let through 14 of 120 recorded findings.')
    expect(text()).toContain('Write to [EMAIL_REDACTED]')
    all<HTMLInputElement>('[name="allowance-kind"]')[1]?.click()
    await nextTick()
    expect(text()).not.toContain('14 of 120')
    expect(button('Add')).toBeUndefined()
    await press('Preview')
    await press('Add')
    await see('@company.example')
    expect(room.asked('allowance.add')).toEqual([{ agentId: LEAD.id, kind: 'domain', findingId: sampleRecord().id }])
  })

  it('is typed where no finding says it', async () => {
    const { room } = await open()
    room.answer('allowance.list', () => ({ allowances: [] }))
    room.answer('allowance.preview', () => ({ compared: 0, matching: 0, samples: [] }))
    await press('Not private')
    await see('Nothing is named yet.')
    await press('Add…')
    expect(button('Preview')?.disabled).toBe(true)
    await type('#allowance-value', 'press@company.example')
    all<HTMLInputElement>('[name="allowance-scope"]')[1]?.click()
    await press('Preview')
    await see('There are no recorded findings to compare it with.')
    expect(room.asked('allowance.preview')).toEqual([{ agentId: null, kind: 'value', value: 'press@company.example' }])
  })
})

describe('a text that is tried', () => {
  it('shows what would be found, for what stands there now', async () => {
    const { room } = await open()
    room.answer('safety.check', ({ text: asked }) => ({
      redacted: asked.replace('ceo@acme.example', '[EMAIL_REDACTED]'),
      findings: [{ type: 'email', risk: 'HIGH', start: 8, end: 24 }],
      injections: [],
    }))
    await press('Try a text')
    await type('#try-text', 'Contact')
    await type('#try-text', 'Contact ceo@acme.example')
    await see('Email, HIGH risk: 1')
    expect(document.querySelector('[aria-label="What would be found"] mark')?.textContent).toBe('[EMAIL_REDACTED]')
    expect(room.asked('safety.check')).toEqual([{ text: 'Contact ceo@acme.example', agentId: LEAD.id }])
    room.answer('safety.check', () => {
      throw new AppError('UNAVAILABLE', 'The room is closing.')
    })
    await type('#try-text', 'Contact')
    await see('The room is closing.')
    await type('#try-text', '')
    expect(text()).not.toContain('The room is closing.')
  })
})

describe('a viewer', () => {
  it('sees everything and is offered nothing that takes an admin', async () => {
    const { room } = await open({ canAct: false })
    room.answer('allowance.list', () => ({ allowances: [sampleAllowance()] }))
    expect(buttonNames()).not.toContain('Block')
    expect(buttonNames()).not.toContain('Export')
    expect(text()).toContain('Redact')
    await press('All rules')
    await expect.poll(() => all('[data-cell]').length).toBe(36)
    expect(button('Apply')).toBeUndefined()
    expect(all('[role="dialog"] select')).toHaveLength(0)
    await press('Close')
    await press('Not private')
    await see('@company.example')
    expect(button('Add…')).toBeUndefined()
    expect(button('Take back @company.example')).toBeUndefined()
    await press('Close')
    all('[data-finding]')[0]?.click()
    await see('messages[0].content')
    expect(button('Not private…')).toBeUndefined()
    expect(text()).not.toContain('The original')
  })
})
