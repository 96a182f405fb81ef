import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { findingId, recorded, sampleRecord } from '../safety/testSafety.ts'
import { useAgentsStore } from './agents.ts'
import { useFindingsStore } from './findings.ts'
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
  room.answer('finding.list', () => ({ records: [], next: null }))
  const { use } = createTestApp(room)
  const store = use(useSafetyNoticesStore)
  const own = { agents: use(useAgentsStore), findings: use(useFindingsStore), notices: use(useNoticesStore), panels: use(usePanelsStore) }
  await own.agents.view.load()
  await settle()
  let seq = 10
  const happen = (...records: SafetyRecord[]): void => store.view.receive([recorded(++seq, ...records)])
  const change = async (changes: Partial<typeof LEAD>): Promise<void> => {
    own.agents.view.receive([agentChanged(own.agents.view.seq() + 1, sampleAgent({ ...LEAD, ...changes }))])
    await settle()
  }
  const titles = (): (string | null)[] => own.notices.notices.map(({ title }) => title)
  return { store, ...own, happen, change, titles }
}

describe('notices of what was kept out', () => {
  it('count what is taken out of an agent in one notice, and show the newest of it', async () => {
    const { notices, happen, titles } = await setUp()
    happen(sampleRecord(), sampleRecord({ id: findingId(2), type: 'phone', preview: 'Call [PHONE_REDACTED]' }))
    happen(sampleRecord({ agentId: MAIL.id }))
    for (let time = 0; time < 20; time++) happen(sampleRecord({ id: findingId(3) }))
    expect(titles()).toEqual(['lead_gen_agent.py: 22 private things were taken out', 'mail_triage.mjs: 1 private thing was taken out'])
    expect(notices.notices[0]).toMatchObject({ kind: 'kept-out', sentence: 'Email: Contact [EMAIL_REDACTED] today' })
  })

  it('lead to the finding', async () => {
    const { agents, findings, notices, panels, happen } = await setUp()
    agents.select(LEAD.id)
    happen(sampleRecord({ id: findingId(7), agentId: MAIL.id }))
    notices.notices[0]?.action?.act()
    expect([agents.selected?.id, panels.large, findings.opened?.id]).toEqual([MAIL.id, 'protection', findingId(7)])
    expect(notices.notices).toEqual([])
  })

  it('let what is worse take the place of what is less bad, and not the other way round', async () => {
    const { notices, happen, titles } = await setUp()
    happen(sampleRecord())
    happen(sampleRecord({ kind: 'unauthorised', type: 'host', action: 'refused', preview: 'evil.example' }))
    expect(titles()).toEqual(['lead_gen_agent.py: 1 action was refused'])
    expect(notices.notices[0]?.sentence).toBe('Unauthorised action, host: evil.example')
    happen(sampleRecord({ action: 'blocked' }))
    happen(sampleRecord())
    expect(titles()).toEqual(['lead_gen_agent.py is halted'])
    expect(notices.notices[0]?.kind).toBe('halted')
  })

  it('say why an agent was halted, with the finding that did it', async () => {
    const { findings, notices, happen, change } = await setUp()
    happen(sampleRecord({ id: findingId(9), action: 'blocked' }))
    await change({ status: 'blocked', reason: 'An email address was found in a request.' })
    expect(notices.notices).toHaveLength(1)
    expect(notices.notices[0]?.sentence).toBe('An email address was found in a request. Email: Contact [EMAIL_REDACTED] today')
    notices.notices[0]?.action?.act()
    expect(findings.opened?.id).toBe(findingId(9))
  })

  it('say so also where no finding says why', async () => {
    const { notices, change } = await setUp()
    await change({ status: 'blocked', reason: 'It was halted.' })
    expect(notices.notices[0]).toMatchObject({ title: 'lead_gen_agent.py is halted', sentence: 'It was halted.', action: { word: 'Show the agent' } })
  })

  it('leave out what was halted before anybody looked, and what was only noted down, opened or changed', async () => {
    const { notices, happen } = await setUp([sampleAgent({ status: 'blocked' })])
    happen(sampleRecord({ action: 'warned' }), sampleRecord({ kind: 'opened', action: 'opened' }), sampleRecord({ kind: 'policy', action: 'changed' }), sampleRecord({ agentId: null }))
    expect(notices.notices).toEqual([])
  })

  it('are silent about redactions for a minute after they were put away, and count anew then; never about a block', async () => {
    const { notices, happen, titles } = await setUp()
    happen(sampleRecord())
    notices.close(notices.notices[0]?.id ?? 0)
    happen(sampleRecord())
    expect(titles()).toEqual([])
    vi.setSystemTime(70_000)
    happen(sampleRecord())
    expect(titles()).toEqual(['lead_gen_agent.py: 1 private thing was taken out'])
    notices.close(notices.notices[0]?.id ?? 0)
    happen(sampleRecord({ action: 'blocked' }))
    expect(titles()).toEqual(['lead_gen_agent.py is halted'])
  })

  it('do not tell of redactions who is looking at them', async () => {
    const { panels, happen, titles } = await setUp()
    panels.large = 'protection'
    happen(sampleRecord())
    expect(titles()).toEqual([])
    happen(sampleRecord({ agentId: MAIL.id }))
    expect(titles()).toHaveLength(1)
  })

  it('go when somebody turns to the list, but not where an agent was halted', async () => {
    const { agents, panels, happen, titles } = await setUp()
    happen(sampleRecord())
    happen(sampleRecord({ agentId: MAIL.id, action: 'blocked' }))
    panels.large = 'protection'
    await settle()
    expect(titles()).toEqual(['mail_triage.mjs is halted'])
    agents.select(MAIL.id)
    await settle()
    expect(titles()).toEqual(['mail_triage.mjs is halted'])
    happen(sampleRecord())
    expect(titles()).toEqual(['mail_triage.mjs is halted', 'lead_gen_agent.py: 1 private thing was taken out'])
  })

  it('are said aloud at leisure', async () => {
    const { store, happen } = await setUp()
    for (let time = 0; time < 50; time++) happen(sampleRecord())
    expect(store.spoken).toBe('lead_gen_agent.py: 1 private thing was taken out.')
    await vi.advanceTimersByTimeAsync(3_000)
    expect(store.spoken).toBe('lead_gen_agent.py: 50 private things were taken out.')
  })
})
