import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Budget, Progress } from '../domain/budget.ts'
import { CallId } from '../domain/llm.ts'
import { LARGEST_BUDGET } from '../domain/money.ts'
import { Nanodollars } from '../domain/units.ts'
import { command } from './define.ts'

/** Why somebody decided; it stands in the ledger for good. */
const Reason = z.string().trim().min(3).max(500)

const Latency = z.number().nonnegative().max(31_536_000_000)

export const budgetCommands = {
  'budget.list': command({
    summary: 'Lists the budget of every agent.',
    least: 'viewer',
    http: 'GET /budgets',
    input: z.strictObject({}),
    /** `seq` is the place in the event sequence of which this is the snapshot. */
    output: z.object({ budgets: z.array(Budget), seq: z.int() }),
  }),
  'budget.status': command({
    summary: 'Tells how an agent’s budget stands.',
    least: 'viewer',
    http: 'GET /agents/:agentId/budget',
    input: z.strictObject({ agentId: AgentId }),
    output: Budget,
  }),
  'budget.raise': command({
    summary: 'Raises an agent’s limit; parked calls that fit go on.',
    least: 'admin',
    http: 'POST /agents/:agentId/budget',
    input: z.strictObject({ agentId: AgentId, by: Nanodollars.positive().max(LARGEST_BUDGET), reason: Reason }),
    output: Budget,
  }),
  'budget.decline': command({
    summary: 'Refuses the calls that wait for a decision, or one of them.',
    least: 'admin',
    http: 'POST /agents/:agentId/budget/decline',
    input: z.strictObject({ agentId: AgentId, callId: CallId.optional(), reason: Reason }),
    output: Budget,
  }),
  'agent.progress': command({
    summary: 'An agent tells how far it is.',
    least: 'agent',
    http: 'PUT /agents/:agentId/progress',
    input: z.strictObject({
      agentId: AgentId,
      ...Progress.shape,
      total: Progress.shape.total.default(null),
      failed: Progress.shape.failed.default(0),
      /** What it is at, in a few words: `scoring`. Holds until it tells another, or null; left out, it stays. */
      step: z.string().min(1).max(120).nullable().optional(),
      /** How long the units took that were finished since it told last; derived from the time in between where it is left out. */
      latencyMs: z.union([Latency, z.array(Latency).max(1_000)]).optional(),
    }),
    output: z.object({}),
  }),
}
