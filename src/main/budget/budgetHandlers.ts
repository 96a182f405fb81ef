import type { Caller } from '../../shared/domain/roles.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { EventBus } from '../events/bus.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { RunningBudgetDesk } from './budgetDesk.ts'

export interface BudgetHandlerOptions {
  readonly budgets: RunningBudgetDesk
  readonly bus: EventBus
}

type BudgetCommand = 'budget.list' | 'budget.status' | 'budget.raise' | 'budget.decline' | 'agent.progress'

export function budgetHandlers({ budgets, bus }: BudgetHandlerOptions): Pick<CommandHandlers, BudgetCommand> {
  return {
    // The place is read first: a change in between is told twice, never left out.
    'budget.list': () => {
      const seq = bus.latest()
      return { budgets: budgets.list(), seq }
    },
    'budget.status': ({ agentId }) => budgets.status(agentId),
    'budget.raise': ({ agentId, by, reason }, caller) => budgets.raise(agentId, by, actorOf(caller), reason),
    'budget.decline': ({ agentId, callId, reason }, caller) => budgets.decline(agentId, callId ?? null, actorOf(caller), reason),
    'agent.progress': ({ agentId, ...progress }, caller) => {
      requireOwn(agentId, caller, 'progress')
      budgets.progress(agentId, progress)
      return {}
    },
  }
}

/** Who it was and by what right, as it stands in the ledger. */
function actorOf({ id, role }: Caller): string {
  return `${id} (${role})`
}
