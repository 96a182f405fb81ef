import type { AgentId } from '../../shared/domain/agent.ts'
import { actorOf } from '../access/actorOf.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { EventBus } from '../events/bus.ts'
import type { PerformanceDesk } from '../performance/performanceDesk.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { RunningBudgetDesk } from './budgetDesk.ts'

export interface BudgetHandlerOptions {
  readonly budgets: RunningBudgetDesk
  readonly bus: EventBus
  /** A short text over the bridge, as the agent's rules and our own sinks let it pass; throws FORBIDDEN. */
  readonly checkText: (agentId: AgentId, place: string, text: string) => string
  /** Hears of progress too: how an agent works follows from it. */
  readonly performance: Pick<PerformanceDesk, 'tell' | 'tellStep'>
  /** Why somebody decided is kept for good and told to the agent: never what is private in it. */
  readonly redact: (text: string) => string
}

type BudgetCommand = 'budget.list' | 'budget.status' | 'budget.raise' | 'budget.decline' | 'agent.progress'

export function budgetHandlers({ budgets, bus, checkText, performance, redact }: BudgetHandlerOptions): Pick<CommandHandlers, BudgetCommand> {
  return {
    // The place is read first: a change in between is told twice, never left out.
    'budget.list': () => {
      const seq = bus.latest()
      return { budgets: budgets.list(), seq }
    },
    'budget.status': ({ agentId }) => budgets.status(agentId),
    'budget.raise': ({ agentId, by, reason }, caller) => budgets.raise(agentId, by, actorOf(caller), redact(reason)),
    'budget.decline': ({ agentId, callId, reason }, caller) => budgets.decline(agentId, callId ?? null, actorOf(caller), redact(reason)),
    'agent.progress': ({ agentId, latencyMs, step, ...told }, caller) => {
      requireOwn(agentId, caller, 'progress')
      // A marker may be longer than what it stands for.
      const unit = checkText(agentId, 'progress.unit', told.unit).slice(0, LONGEST_UNIT)
      const progress = { ...told, unit }
      performance.tell(agentId, progress, latencyMs)
      if (step !== undefined) performance.tellStep(agentId, step === null ? null : checkText(agentId, 'progress.step', step).slice(0, LONGEST_STEP))
      budgets.progress(agentId, progress)
      return {}
    },
  }
}

const LONGEST_UNIT = 40
const LONGEST_STEP = 120
