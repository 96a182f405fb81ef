import type { AgentId } from '../../shared/domain/agent.ts'
import type { Budget, Progress } from '../../shared/domain/budget.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { isBilledBeyond, tellChanged, tellExhausted, tellProgress, tellRaised, tellWarned, type Shortage } from './sentences.ts'

/** What is announced of one agent's budget. */
export interface BudgetAnnouncements {
  changed(budget: Budget): Announcement
  warned(budget: Budget): Announcement
  exhausted(budget: Budget, callId: CallId, shortage: Shortage, isAsked: boolean): Announcement
  raised(from: Nanodollars, to: Nanodollars, actor: string, reason: string): Announcement
  progressed(progress: Progress): Announcement
}

export function createBudgetAnnouncements(agentId: AgentId, agentName: string): BudgetAnnouncements {
  return {
    changed: (budget) => ({ name: 'budget.changed', agentId, severity: 'DEBUG', message: tellChanged(agentName, budget), payload: { budget } }),
    warned: (budget) => ({ name: 'budget.warned', agentId, severity: 'WARN', message: tellWarned(agentName, budget), payload: { budget } }),
    exhausted(budget, callId, shortage, isAsked) {
      const message = tellExhausted(agentName, shortage, budget.recommendedIncrease, isAsked)
      return { name: 'budget.exhausted', agentId, severity: 'ERROR', message, payload: { budget, callId, worstCase: shortage.worstCase } }
    },
    raised(from, to, actor, reason) {
      const message = tellRaised(agentName, from, to, actor, reason)
      return { name: 'budget.raised', agentId, severity: 'INFO', message, payload: { from, to, actor, reason } }
    },
    progressed: (progress) => ({
      name: 'agent.progressed',
      agentId,
      severity: 'DEBUG',
      message: tellProgress(agentName, progress),
      payload: { progress },
    }),
  }
}

/** The event with which a call's row and its charges are stored. */
export function callFinished(call: Call, message: string): Announcement {
  const isFine = (call.outcome === 'answered' || call.outcome === 'cancelled') && !isBilledBeyond(call)
  return { name: 'llm.callFinished', agentId: call.agentId, severity: isFine ? 'INFO' : 'WARN', message, payload: { call } }
}
