import { describe, expect, it } from 'vitest'
import type { Event, EventName, EventOf, EventPayload } from '../../shared/domain/event.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { sampleBudget, sampleParked } from '../cost/testBudgets.ts'
import { sampleService } from '../services/testServices.ts'
import { agentNews } from './agentNews.ts'
import { budgetNews } from './budgetNews.ts'
import { eventNews } from './eventNews.ts'

const LEAD = sampleAgent()

function happened<N extends EventName>(name: N, payload: EventPayload<N>, agentId: string | null = LEAD.id): EventOf<N> {
  return { seq: 6, at: 60_000, severity: 'WARN', agentId, message: `${name}.`, name, payload } as EventOf<N>
}
const newsOf = (event: Event) => eventNews(event, (agentId) => (agentId === LEAD.id ? LEAD.plan.name : null))

describe('what an event has to tell', () => {
  it('a breaker that opened, with its breakdown', () => {
    const service = sampleService({
      state: 'open',
      reason: '5 calls in a row (429)',
      calls: 1_033,
      failures: 5,
      blocked: 66,
      saved: 6_600_000_000,
      served: { primary: 33, cached: 64, placeholder: 1, custom: 0, failed: 1 },
      formatted: { blocked: '66 leads', saved: '$6.60 saved', viaFallback: '98% via fallback' },
    })
    expect(newsOf(happened('service.opened', { service }))).toMatchObject({
      kind: 'service',
      weight: 'urgent',
      tone: 'bad',
      agentId: LEAD.id,
      title: 'lead_gen_agent.py: the breaker of linkedin is open',
      sentence: 'Failing: 5 calls in a row (429). Calls are kept away from it.',
      facts: [
        { word: 'Calls', value: '1,033' },
        { word: 'Failed', value: '5' },
        { word: 'Kept away', value: '66 leads' },
        { word: 'Saved', value: '$6.60' },
        { word: 'Answered instead', value: '64 from the cache, 1 by a placeholder' },
        { word: 'Served', value: '98% via fallback' },
      ],
      at: 60_000,
    })
  })

  it('a service of the room that works again, in the place of its opening', () => {
    const service = sampleService({ agentId: null, service: 'openai' })
    const opened = newsOf(happened('service.opened', { service: { ...service, state: 'open' } }, null))
    const recovered = newsOf(happened('service.recovered', { service }, null))
    expect(recovered).toMatchObject({ about: opened?.about, weight: 'passing', tone: 'good', agentId: null, title: 'openai works again' })
    expect(newsOf(happened('service.changed', { service }, null))).toBeNull()
  })

  it('a new value of a secret, and how running agents took it', () => {
    const agents = [
      { agentId: LEAD.id, outcome: 'applied' as const },
      { agentId: 'mt-9c0d11fe', outcome: 'applied' as const },
      { agentId: 'mt-9c0d11ff', outcome: 'at-restart' as const },
    ]
    const rotated = { secretId: 'secret-0000000000aa', name: 'OPENAI_API_KEY', version: 3, agents }
    expect(newsOf(happened('secret.rotated', rotated, null))).toMatchObject({
      kind: 'secrets',
      tone: 'caution',
      title: 'OPENAI_API_KEY has a new value',
      sentence: 'Version 3, for 3 running agents.',
      facts: [
        { word: 'Has it', value: '2 agents' },
        { word: 'At its next start', value: '1 agent' },
      ],
    })
    expect(newsOf(happened('secret.rotated', { ...rotated, agents: [] }, null))).toMatchObject({ tone: 'good', sentence: 'Version 3. No running agent has it.' })
  })

  it('what somebody decided about a budget, for whoever looks later', () => {
    expect(newsOf(happened('budget.raised', { from: 50_000_000_000, to: 75_000_000_000, actor: 'ada', reason: 'The last leads' }))).toMatchObject({
      isSeen: true,
      title: 'lead_gen_agent.py: the budget is $75.00 now',
      sentence: 'ada raised it by $25.00: The last leads',
    })
    const ended = { callId: 'call-00000000000000aa', actor: null, reason: null }
    expect(newsOf(happened('budget.callUnparked', { ...ended, end: 'declined', actor: 'ada', reason: 'Too dear' }))).toMatchObject({ isSeen: true, sentence: 'ada: Too dear' })
    expect(newsOf(happened('budget.callUnparked', { ...ended, end: 'unanswered' }))).toMatchObject({ weight: 'notable', tone: 'bad', title: 'lead_gen_agent.py: a call was refused' })
    expect(newsOf(happened('budget.callUnparked', { ...ended, end: 'approved' }))).toBeNull()
    expect(newsOf(happened('budget.raised', { from: 1, to: 2, actor: 'ada', reason: 'Gone' }, 'no-00000000'))).toBeNull()
  })

  it('keys and the stage, which other places show too, without disturbing anybody', () => {
    expect(newsOf(happened('keys.changed', { state: 'locked', source: null }, null))).toMatchObject({ isSilent: true, tone: 'caution', sentence: 'keys.changed.' })
    expect(newsOf(happened('stage.changed', { stage: { locked: true, lockedBy: 'ada', lockedAt: 1 } }, null))).toMatchObject({ isSilent: true, kind: 'secrets' })
  })

  it('an alert that could not be sent in the end', () => {
    const failed = { channel: 'email' as const, target: 'ops@company.example', threshold: 90, attempts: 3 }
    expect(newsOf(happened('alert.failed', { ...failed, isFinal: false }))).toBeNull()
    expect(newsOf(happened('alert.failed', { ...failed, isFinal: true }))).toMatchObject({ kind: 'problem', title: 'An alert could not be sent', sentence: 'alert.failed.' })
  })
})

describe('what a budget has to tell', () => {
  it('nothing before it is needed, or where the agent has ended', () => {
    expect(budgetNews(sampleBudget(), LEAD, 1)).toBeNull()
    expect(budgetNews(sampleBudget({ isWarned: true }), sampleAgent({ status: 'stopped' }), 1)).toBeNull()
  })

  it('how much is used, and what waits, until somebody decides', () => {
    expect(budgetNews(sampleBudget({ spent: 45_200_000_000, isWarned: true }), LEAD, 1)).toMatchObject({
      weight: 'urgent',
      tone: 'caution',
      title: 'lead_gen_agent.py: 90.4% of the budget is used',
      sentence: '$45.20 of $50.00 is spent.',
      facts: [
        { word: 'Spent', value: '$45.20 of $50.00' },
        { word: 'Used', value: '90.4%' },
        { word: 'Each', value: '$0.23 avg/lead' },
        { word: 'All of it', value: 'Projection: $23.00 total' },
      ],
    })
    const parked = budgetNews(sampleBudget({ parked: [sampleParked()] }), LEAD, 1)
    expect(parked?.title).toBe('lead_gen_agent.py: 1 call does not fit into the budget and waits for a decision')
    expect(parked?.sentence).toMatch(/^gpt-4, at most \$0\.06\. Refused at \d\d:\d\d:\d\d unless somebody approves\.$/)
  })
})

describe('what an agent has to tell', () => {
  it('that it crashed, starts again, and runs again', () => {
    expect(agentNews(sampleAgent({ status: 'crashed', reason: 'It ended with code 1.' }), 'running', 1)).toMatchObject({ weight: 'urgent', title: 'lead_gen_agent.py has crashed', sentence: 'It ended with code 1.' })
    expect(agentNews(sampleAgent({ status: 'restarting', restarts: 2 }), 'running', 1)).toMatchObject({ weight: 'notable', facts: [{ word: 'Restarts', value: '2' }] })
    expect(agentNews(sampleAgent(), 'restarting', 1)).toMatchObject({ weight: 'passing', tone: 'good', title: 'lead_gen_agent.py runs again' })
  })

  it('nothing of its ordinary life', () => {
    expect(agentNews(sampleAgent(), 'starting', 1)).toBeNull()
    expect(agentNews(sampleAgent({ status: 'stopped' }), 'stopping', 1)).toBeNull()
  })
})
