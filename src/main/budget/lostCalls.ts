import type { AgentId, LaunchPlan } from '../../shared/domain/agent.ts'
import type { Attempt, Call } from '../../shared/domain/llm.ts'
import type { OpenReservation } from '../state/repositories.ts'

/**
 * What was under way when the room died. Nobody can know what of it the provider billed: each attempt is charged
 * what was held for it, which understates nothing.
 */
export function lostCalls(open: readonly OpenReservation[], planOf: (agentId: AgentId) => LaunchPlan | null): Call[] {
  const byCall = Map.groupBy(open, ({ callId }) => callId)
  return [...byCall.values()].map((reservations) => lostCall(reservations, planOf))
}

function lostCall(reservations: readonly OpenReservation[], planOf: (agentId: AgentId) => LaunchPlan | null): Call {
  const { agentId, callId, model } = reservations[0] as OpenReservation
  const startedAt = Math.min(...reservations.map(({ at }) => at))
  const problem = 'The control room ended while this call was under way.'
  const last = Math.max(...reservations.map(({ attempt }) => attempt))
  const attempts = Array.from({ length: last }, (_, index): Attempt => {
    const reservation = reservations.find(({ attempt }) => attempt === index + 1)
    const amount = reservation?.amount ?? 0
    return {
      startedAt: reservation?.at ?? startedAt,
      durationMs: 0,
      reserved: amount,
      status: null,
      problem,
      receipt: reservation ? { pricedAs: model, lines: [], total: amount, basis: 'assumed', isPriceEstimated: false } : null,
    }
  })
  return {
    id: callId,
    agentId,
    // The ledger knows the model only; which endpoint it was asked at died with the room.
    provider: /claude/i.test(model) ? 'anthropic' : 'openai',
    mode: planOf(agentId)?.llm.mode ?? 'live',
    endpoint: 'unknown',
    model,
    isStreamed: false,
    startedAt,
    firstByteMs: null,
    durationMs: 0,
    outcome: 'lost',
    refusal: null,
    status: null,
    problem,
    attempts,
    usage: {},
    cost: reservations.reduce((sum, { amount }) => sum + amount, 0),
  }
}
