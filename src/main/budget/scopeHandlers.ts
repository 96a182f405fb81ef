import type { AgentId } from '../../shared/domain/agent.ts'
import { LARGEST_BUDGET, parseDollars } from '../../shared/domain/money.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { Random } from '../ports.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { RunningBudgetDesk } from './budgetDesk.ts'

export interface ScopeHandlerOptions {
  readonly budgets: Pick<RunningBudgetDesk, 'openScope' | 'scopeStatus' | 'closeScope'>
  /** Throws AGENT_NOT_FOUND. */
  readonly isRunning: (agentId: AgentId) => boolean
  readonly random: Random
  /** Before a name is shown or kept. */
  readonly redact: (text: string) => string
}

type ScopeCommand = 'scope.open' | 'scope.status' | 'scope.close'

export function scopeHandlers({ budgets, isRunning, random, redact }: ScopeHandlerOptions): Pick<CommandHandlers, ScopeCommand> {
  function requireOwnScope(agentId: AgentId, caller: Caller): void {
    requireOwn(agentId, caller, 'scopes')
    if (!isRunning(agentId)) throw new AppError('CONFLICT', `${agentId} does not run: a scope is a part of a run.`)
  }

  return {
    'scope.open': ({ agentId, name, budget, safetyMode, within }, caller) => {
      requireOwnScope(agentId, caller)
      const limit = budget === null ? null : readLimit(budget)
      const opening = { id: `scope-${random.hex(6)}`, name: redact(name), limit, safetyMode: safetyMode ?? null, within: within ?? null }
      return { scopeId: budgets.openScope(agentId, opening).id, limit }
    },
    'scope.status': ({ agentId, scopeId }, caller) => {
      requireOwnScope(agentId, caller)
      return budgets.scopeStatus(agentId, scopeId)
    },
    'scope.close': ({ agentId, scopeId }, caller) => {
      requireOwnScope(agentId, caller)
      return budgets.closeScope(agentId, scopeId)
    },
  }
}

function readLimit(text: string): Nanodollars {
  const amount = parseDollars(text)
  if (amount !== null && amount <= LARGEST_BUDGET) return amount
  throw new AppError('INVALID_INPUT', `The scope's budget is ${JSON.stringify(text)}; allowed is an amount in dollars up to 1000000, such as 5, $5 or 0.25.`)
}
