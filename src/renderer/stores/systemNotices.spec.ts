// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { sampleBudget, sampleParked } from '../cost/testBudgets.ts'
import type { News } from '../notices/notice.ts'
import { systemPortKey, type SystemMessage } from '../notices/systemPort.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { sampleStage } from '../secrets/testSecrets.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore } from './budgets.ts'
import { useEventNoticesStore } from './eventNotices.ts'
import { useNoticesStore } from './notices.ts'
import { usePanelsStore } from './panels.ts'
import { useRoomStore } from './room.ts'
import { useStageStore } from './stage.ts'
import { useStageModeStore } from './stageMode.ts'
import { useSystemNoticesStore } from './systemNotices.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const MAIL = sampleAgent({ id: 'mt-9c0d11fe', plan: samplePlan({ name: 'mail_triage.mjs' }), createdAt: 1 })
const PARKED = sampleBudget({ agentId: MAIL.id, spent: 49_990_000_000, parked: [sampleParked()] })
const HALTED: News = { about: 'halted', kind: 'safety', weight: 'urgent', tone: 'bad', agentId: MAIL.id, title: 'mail_triage.mjs is halted', sentence: 'Email.', preview: 'Contact [EMAIL_REDACTED]', lead: { word: 'Show the finding', panel: 'protection', record: null }, at: 1 }

beforeEach(() => {
  vi.useFakeTimers({ now: 5_000 })
  localStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function setUp({ permission = 'default' as NotificationPermission, budgets = [] as (typeof PARKED)[], isLocked = false } = {}) {
  const shown: SystemMessage[] = []
  const withdrawn: string[] = []
  const answers: ((action: string | null) => void)[] = []
  const port = {
    isThere: true,
    asked: 0,
    forward: 0,
    isSeen: false,
    permission: () => permission,
    ask: async (): Promise<NotificationPermission> => {
      port.asked += 1
      return (permission = 'granted')
    },
    isLookedAt: () => port.isSeen,
    show: (message: SystemMessage, answer: (action: string | null) => void) => {
      shown.push(message)
      answers.push(answer)
    },
    withdraw: (tag: string) => withdrawn.push(tag),
    comeForward: () => (port.forward += 1),
  }
  const room = createTestRoom()
  room.answer('room.identity', () => ({ caller: { role: 'admin', id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  room.answer('agent.list', () => ({ agents: [LEAD, MAIL], seq: 5 }))
  room.answer('budget.list', () => ({ budgets, seq: 5 }))
  room.answer('stage.status', () => sampleStage({ locked: isLocked }))
  room.answer('finding.list', () => ({ records: [], next: null }))
  const { app, use } = createTestApp(room)
  app.provide(systemPortKey, port)
  const store = use(useSystemNoticesStore)
  const own = { agents: use(useAgentsStore), budgets: use(useBudgetsStore), notices: use(useNoticesStore), panels: use(usePanelsStore), stage: use(useStageStore), stageMode: use(useStageModeStore) }
  use(useRoomStore)
  use(useEventNoticesStore)
  const load = async (): Promise<void> => {
    await Promise.all([own.agents.view.load(), own.budgets.view.load(), own.stage.view.load()])
    await settle()
  }
  return { room, port, shown, withdrawn, answers, store, ...own, load }
}

async function setUpOn(options: Parameters<typeof setUp>[0] = {}) {
  const test = await setUp(options)
  await test.store.turnOn()
  await test.load()
  return test
}

describe('notifications of the operating system', () => {
  it('are asked for by a button, and never by themselves', async () => {
    const { port, shown, store, notices, load } = await setUp()
    await load()
    notices.tell(HALTED)
    expect([port.asked, shown.length, store.state]).toEqual([0, 0, 'off'])
    await store.turnOn()
    notices.tell(HALTED)
    expect([port.asked, store.state]).toEqual([1, 'on'])
    expect(shown).toEqual([{ tag: 'iron-cage 1', title: 'mail_triage.mjs is halted', body: 'Email.\nContact [EMAIL_REDACTED]', actions: [], isUrgent: true }])
  })

  it('come only while nobody looks, and only of what matters', async () => {
    const { port, shown, notices } = await setUpOn()
    port.isSeen = true
    notices.tell(HALTED)
    port.isSeen = false
    notices.tell({ ...HALTED, about: 'small', weight: 'passing' })
    notices.tell({ ...HALTED, about: 'seen', isSeen: true })
    expect(shown).toEqual([])
  })

  it('come of what the page shows in its place too, while nobody looks; whoever comes back has seen it', async () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(false)
    const { room, shown, withdrawn, agents, budgets, notices, load } = await setUpOn()
    agents.select(MAIL.id)
    room.answer('budget.list', () => ({ budgets: [PARKED], seq: 9 }))
    await load()
    expect([shown.map(({ title }) => title), notices.shown, notices.unread, budgets.selected?.parked.length]).toEqual([['mail_triage.mjs: 1 call does not fit into the budget and waits for a decision'], [], 1, 1])
    window.dispatchEvent(new Event('focus'))
    await settle()
    expect([notices.unread, withdrawn]).toEqual([0, ['iron-cage 1']])
  })

  it('are held back on the stage, those that are out there too', async () => {
    const held = await setUpOn({ isLocked: true })
    held.notices.tell(HALTED)
    expect([held.store.isHeldBack, held.shown.length]).toEqual([true, 0])

    const { room, shown, withdrawn, notices, stage } = await setUpOn()
    notices.tell(HALTED)
    room.answer('stage.status', () => sampleStage({ locked: true }))
    await stage.view.load()
    await settle()
    expect([shown.length, withdrawn]).toEqual([1, ['iron-cage 1']])
  })

  it('are held back while this page is on stage, though secrets are not locked', async () => {
    const { room, shown, notices, stage, stageMode } = await setUpOn()
    // Of a viewer, who has no secrets to lock.
    room.answer('stage.status', () => sampleStage({ canUnlock: false }))
    await stage.view.load()
    await stageMode.toggle()
    notices.tell(HALTED)
    expect([stageMode.isOn, shown.length]).toEqual([true, 0])
    stageMode.leave()
  })

  it('bring the room forward to what they are about', async () => {
    const { port, answers, agents, notices, panels } = await setUpOn()
    notices.tell(HALTED)
    answers[0]?.(null)
    expect([port.forward, agents.selected?.id, panels.large, notices.unread]).toEqual([1, MAIL.id, 'protection', 0])
  })

  it('approve by their own button, without bringing anything forward', async () => {
    const { room, port, shown, answers } = await setUpOn({ budgets: [PARKED] })
    room.answer('budget.raise', () => PARKED)
    expect(shown[0]?.actions).toEqual([{ action: 'approve', title: 'Approve $25 increase' }, { action: 'decline', title: 'Decline' }])
    answers[0]?.('approve')
    await settle()
    expect(room.asked('budget.raise')).toMatchObject([{ agentId: MAIL.id, by: 25_000_000_000 }])
    expect(port.forward).toBe(0)
  })

  it('approve the sum that stands on their button, though another would be recommended by now', async () => {
    const { room, shown, answers, budgets } = await setUpOn({ budgets: [PARKED] })
    room.answer('budget.raise', () => PARKED)
    room.answer('budget.list', () => ({ budgets: [{ ...PARKED, recommendedIncrease: 250_000_000_000 }], seq: 9 }))
    await budgets.view.load()
    await settle()
    expect(shown.map(({ actions }) => actions[0]?.title)).toEqual(['Approve $25 increase'])
    answers[0]?.('approve')
    await settle()
    expect(room.asked('budget.raise')).toMatchObject([{ agentId: MAIL.id, by: 25_000_000_000 }])
  })

  it('decline by their own button', async () => {
    const { room, answers } = await setUpOn({ budgets: [PARKED] })
    room.answer('budget.decline', () => PARKED)
    answers[0]?.('decline')
    await settle()
    expect(room.asked('budget.decline')).toEqual([{ agentId: MAIL.id, reason: 'Declined from a notification' }])
  })

  it('open the dialog where they were pressed themselves', async () => {
    const { port, answers, budgets } = await setUpOn({ budgets: [PARKED] })
    answers[0]?.(null)
    await settle()
    expect([port.forward, budgets.asked]).toEqual([1, { decision: 'raise', agentId: MAIL.id }])
  })

  it('decide nothing that was decided meanwhile, and go with it', async () => {
    const { room, withdrawn, answers, budgets } = await setUpOn({ budgets: [PARKED] })
    room.answer('budget.list', () => ({ budgets: [{ ...PARKED, parked: [], limit: 75_000_000_000 }], seq: 9 }))
    await budgets.view.load()
    await settle()
    expect(withdrawn).toEqual(['iron-cage 1'])
    answers[0]?.('approve')
    await settle()
    expect(room.asked('budget.raise')).toEqual([])
  })

  it('are turned off again, and stay so', async () => {
    const { shown, store, notices } = await setUpOn()
    store.turnOff()
    notices.tell(HALTED)
    expect([store.state, shown.length]).toEqual(['off', 0])
    const next = await setUp({ permission: 'granted' })
    expect(next.store.state).toBe('off')
  })

  it('are not offered where the system has said no', async () => {
    const { store } = await setUp({ permission: 'denied' })
    expect(store.state).toBe('denied')
  })
})
