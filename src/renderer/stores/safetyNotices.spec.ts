// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { findingId, recorded, sampleRecord } from '../safety/testSafety.ts'
import { useAgentsStore } from './agents.ts'
import { useFindingsStore } from './findings.ts'
import { useNoticeActionsStore } from './noticeActions.ts'
import { useNoticesStore } from './notices.ts'
import { useSafetyNoticesStore } from './safetyNotices.ts'
import { usePanelsStore } from './panels.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const MAIL = sampleAgent({ id: 'mt-9c0d11fe', plan: samplePlan({ name: 'mail_triage.mjs' }), createdAt: 1 })

beforeEach(() => void vi.useFakeTimers({ now: 5_000 }))
afterEach(() => void vi.useRealTimers())

async function setUp(agents = [LEAD, MAIL]) {
  const room = createTestRoom()
  room.answer('agent.list', () => ({ agents, seq: 10 }))
  room.answer('room.identity', () => ({ caller: { role: 'admin', id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  room.answer('finding.list', () => ({ records: [], next: null }))
  const { use } = createTestApp(room)
  const store = use(useSafetyNoticesStore)
  const own = { agents: use(useAgentsStore), findings: use(useFindingsStore), notices: use(useNoticesStore), actions: use(useNoticeActionsStore), panels: use(usePanelsStore) }
  await own.agents.view.load()
  await settle()
  let seq = 10
  const happen = (...records: SafetyRecord[]): void => store.view.receive([recorded(++seq, ...records)])
  const change = async (changes: Partial<typeof LEAD>): Promise<void> => {
    own.agents.view.receive([agentChanged(own.agents.view.seq() + 1, sampleAgent({ ...LEAD, ...changes }))])
    await settle()
  }
  const titles = (): (string | null)[] => own.notices.notices.map(({ title }) => title)
  const inFront = (): (string | null)[] => own.notices.shown.map(({ title }) => title)
  const show = (): void => {
    const [first] = own.notices.notices
    if (first) own.actions.actionsOf(first).find(({ key }) => key === 'show')?.act()
  }
  return { store, ...own, happen, change, titles, inFront, show }
}

describe('notices of what was kept out', () => {
  it('count what is taken out of an agent in one notice, and show the newest of it', async () => {
    const { notices, happen, titles } = await setUp()
    happen(sampleRecord({ agentId: MAIL.id }))
    happen(sampleRecord({ id: findingId(2), type: 'phone', preview: 'Call [PHONE_REDACTED]' }), sampleRecord())
    for (let time = 0; time < 20; time++) happen(sampleRecord({ id: findingId(3) }))
    expect(titles()).toEqual(['lead_gen_agent.py: 22 private things were taken out', 'mail_triage.mjs: 1 private thing was taken out'])
    expect(notices.notices[0]).toMatchObject({ kind: 'safety', weight: 'passing', times: 22, sentence: 'Email.', preview: 'Contact [EMAIL_REDACTED] today' })
  })

  it('lead to the finding, and are read then', async () => {
    const { agents, findings, notices, panels, happen, show } = await setUp()
    agents.select(LEAD.id)
    happen(sampleRecord({ id: findingId(7), agentId: MAIL.id }))
    show()
    expect([agents.selected?.id, panels.large, findings.opened?.id]).toEqual([MAIL.id, 'protection', findingId(7)])
    expect([notices.shown.length, notices.unread]).toEqual([0, 0])
  })

  it('tell what was refused, and what halted an agent, each apart', async () => {
    const { notices, happen, titles } = await setUp()
    happen(sampleRecord())
    happen(sampleRecord({ kind: 'unauthorised', type: 'host', action: 'refused', preview: 'evil.example' }))
    expect(notices.notices[0]).toMatchObject({ weight: 'notable', sentence: 'Unauthorised action, host.', preview: 'evil.example' })
    happen(sampleRecord({ action: 'blocked' }), sampleRecord())
    expect(titles()).toEqual(['lead_gen_agent.py: 2 private things were taken out', 'lead_gen_agent.py is halted', 'lead_gen_agent.py: 1 action was refused'])
  })

  it('say why an agent was halted, with the finding that did it', async () => {
    const { findings, notices, happen, change, show } = await setUp()
    happen(sampleRecord({ id: findingId(9), action: 'blocked' }))
    await change({ status: 'blocked', reason: 'An email address was found in a request.' })
    expect(notices.notices).toHaveLength(1)
    expect(notices.notices[0]).toMatchObject({ weight: 'urgent', tone: 'bad', sentence: 'An email address was found in a request.', preview: 'Contact [EMAIL_REDACTED] today' })
    show()
    expect(findings.opened?.id).toBe(findingId(9))
  })

  it('say so also where no finding says why', async () => {
    const { notices, change } = await setUp()
    await change({ status: 'blocked', reason: 'It was halted.' })
    expect(notices.notices[0]).toMatchObject({ title: 'lead_gen_agent.py is halted', sentence: 'It was halted.', preview: null, lead: { word: 'Show the agent' } })
  })

  it('leave out what was halted before anybody looked, and what was only noted down, opened or changed', async () => {
    const { notices, happen } = await setUp([sampleAgent({ status: 'blocked' })])
    happen(sampleRecord({ action: 'warned' }), sampleRecord({ kind: 'opened', action: 'opened' }), sampleRecord({ kind: 'policy', action: 'changed' }), sampleRecord({ agentId: null }))
    expect(notices.notices).toEqual([])
  })

  it('begin to count anew once they were cleared', async () => {
    const { notices, happen, titles } = await setUp()
    happen(sampleRecord(), sampleRecord())
    notices.clear(notices.notices.map(({ id }) => id))
    happen(sampleRecord())
    expect(titles()).toEqual(['lead_gen_agent.py: 1 private thing was taken out'])
  })

  it('are kept, but not put before whoever is looking at them', async () => {
    const { panels, happen, titles, inFront, notices } = await setUp()
    panels.large = 'protection'
    happen(sampleRecord())
    expect([titles().length, inFront().length, notices.unread]).toEqual([1, 0, 0])
    happen(sampleRecord({ agentId: MAIL.id }))
    expect(inFront()).toEqual(['mail_triage.mjs: 1 private thing was taken out'])
  })

  it('go from before the room when somebody turns to what they are about', async () => {
    const { agents, panels, happen, inFront } = await setUp()
    happen(sampleRecord())
    happen(sampleRecord({ agentId: MAIL.id, action: 'blocked' }))
    panels.large = 'protection'
    await settle()
    expect(inFront()).toEqual(['mail_triage.mjs is halted'])
    agents.select(MAIL.id)
    await settle()
    expect(inFront()).toEqual([])
  })

  it('are not in front of the list of all of them, and are read when somebody turns away from it', async () => {
    const { notices, panels, happen, inFront } = await setUp()
    happen(sampleRecord())
    panels.enlarge('notices')
    await settle()
    happen(sampleRecord({ action: 'blocked' }))
    expect([inFront().length, notices.unread]).toEqual([0, 2])
    panels.shrink()
    await settle()
    expect(notices.unread).toBe(0)
  })
})
