import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Budget } from '../../../shared/domain/budget.ts'
import type { Event, EventName, EventPayload } from '../../../shared/domain/event.ts'
import type { ServiceView } from '../../../shared/domain/service.ts'
import { sampleAgent } from '../../../shared/domain/testAgents.ts'
import { sampleCall } from '../../../shared/domain/testCalls.ts'

/** Invented events of a run, as another run would have them with other ids, times and paces. */

export const FOLDER = '/tmp/invented-rehearsal'
export const AGENT: AgentId = 'lg-7a3f9c2d'
const DOLLAR = 1_000_000_000

export function event<N extends EventName>(name: N, payload: EventPayload<N>, message = 'It happened.', agentId: AgentId | null = AGENT): Event {
  return { seq: 1, at: 1_000, severity: 'INFO', agentId, message, name, payload } as unknown as Event
}

export function sampleBudget(changes: Partial<Budget> = {}): Budget {
  return {
    agentId: AGENT,
    limit: 50 * DOLLAR,
    spent: 5_290_000_000,
    reserved: 0,
    running: 0,
    calls: 60,
    openCalls: 0,
    parked: [],
    isWarned: false,
    isExhausted: false,
    progress: { done: 23, total: 100, unit: 'lead', failed: 0 },
    unit: 'lead',
    average: 230_000_000,
    projection: 23 * DOLLAR,
    recommendedIncrease: 25 * DOLLAR,
    savedAgainstBaseline: null,
    ...changes,
  }
}

export function sampleService(changes: Partial<ServiceView> = {}): ServiceView {
  return {
    agentId: AGENT,
    service: 'linkedin',
    endpoint: '',
    state: 'open',
    since: 1_000,
    retryAt: 31_000,
    failuresInARow: 5,
    calls: 38,
    failures: 5,
    blocked: 0,
    saved: 0,
    served: { primary: 33, cached: 1, placeholder: 0, custom: 0, failed: 0 },
    recoveries: 0,
    msIn: { closed: 1, open: 2, 'half-open': 3 },
    reason: 'Five calls in a row failed.',
    formatted: { blocked: '0 leads', saved: null, viaFallback: null },
    ...changes,
  }
}

/** `times` stands for everything that a second run has differently. */
export function sampleRun(times = 1): Event[] {
  const agentId: AgentId = times === 1 ? AGENT : 'lg-0000000a'
  const call = (number: number) => sampleCall({ id: `call-${String(times).repeat(15)}${number}`, agentId, startedAt: 1_000 * times, durationMs: 80 * times, firstByteMs: 40 * times })
  const agent = sampleAgent({ id: agentId, pid: 4_000 + times, createdAt: 1_000 * times })
  return [
    event('agent.changed', { agent }, `lead_gen_agent.py runs with pid ${4_000 + times}.`, agentId),
    event('llm.callFinished', { call: call(1) }, `o1 answered in ${80 * times} ms.`, agentId),
    ...Array.from({ length: times }, () => event('budget.changed', { budget: sampleBudget({ agentId }) }, 'It has spent.', agentId)),
    event('agent.progressed', { progress: { done: times, total: 100, unit: 'lead', failed: 0 } }, 'It goes on.', agentId),
    event('llm.callFinished', { call: call(2) }, `o1 answered in ${90 * times} ms.`, agentId),
    event('service.opened', { service: sampleService({ agentId, since: 1_000 * times }) }, 'linkedin is kept away.', agentId),
    ...Array.from({ length: times }, () => event('service.probing', { service: sampleService({ agentId }) }, 'One call goes.', agentId)),
    ...Array.from({ length: times - 1 }, () => event('service.opened', { service: sampleService({ agentId, calls: 39, failures: 6 }) }, 'linkedin is kept away again.', agentId)),
    event('agent.exited', { exit: { code: 0, signal: null }, survivors: 0 }, `It ended after ${times} s.`, agentId),
  ]
}
