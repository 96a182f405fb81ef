import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Call, CallId } from '../domain/llm.ts'
import { Millis, Nanodollars } from '../domain/units.ts'
import { command } from './define.ts'

export const CostRow = z.object({
  /** An agent's id, a model's name, or the beginning of an hour as `2026-11-21T14:00:00.000Z`. */
  key: z.string(),
  calls: z.int().nonnegative(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** Of the input: read from a cache. */
  cachedTokens: z.int().nonnegative(),
  /** Of the output: reasoning. */
  reasoningTokens: z.int().nonnegative(),
  cost: Nanodollars,
})
export type CostRow = z.infer<typeof CostRow>

/** What an agent had spent by a moment, and with how many calls. */
export const SpendPoint = z.object({ at: Millis, spent: Nanodollars, calls: z.int().nonnegative() })
export type SpendPoint = z.infer<typeof SpendPoint>

/** Which part of the ledger: one agent's or all, from a moment up to another. */
const Range = { agentId: AgentId.optional(), from: Millis.optional(), until: Millis.optional() }

export const costCommands = {
  'call.list': command({
    summary: 'Lists LLM calls with their receipts, newest first.',
    least: 'viewer',
    http: 'GET /calls',
    input: z.strictObject({
      agentId: AgentId.optional(),
      /** Those older than this place. */
      before: z.int().positive().optional(),
      limit: z.int().min(1).max(1000).default(100),
    }),
    /** `next` is the `before` of the page after this one; null at the end. `seq` is the place in the event sequence. */
    output: z.object({ calls: z.array(Call), next: z.int().nullable(), seq: z.int() }),
  }),
  'call.get': command({
    summary: 'Gives one LLM call with its receipt.',
    least: 'viewer',
    http: 'GET /calls/:callId',
    input: z.strictObject({ callId: CallId }),
    output: Call,
  }),
  'cost.breakdown': command({
    summary: 'Sums the costs by agent, by model or by hour.',
    least: 'viewer',
    http: 'GET /costs',
    input: z.strictObject({ by: z.enum(['agent', 'model', 'hour']).default('model'), ...Range }),
    output: z.object({ rows: z.array(CostRow), total: Nanodollars }),
  }),
  'cost.history': command({
    summary: 'How an agent’s spending has grown, as a few hundred moments at most; the longer it took, the farther apart they are.',
    least: 'viewer',
    http: 'GET /agents/:agentId/costs/history',
    input: z.strictObject({ agentId: AgentId }),
    /** Oldest first. `seq` is the place in the event sequence. */
    output: z.object({ points: z.array(SpendPoint), seq: z.int() }),
  }),
  'cost.export': command({
    summary: 'Exports every charge as CSV; its sum is the ledger’s.',
    least: 'viewer',
    http: 'GET /costs/export',
    contentType: 'text/csv; charset=utf-8',
    input: z.strictObject(Range),
    output: z.string(),
  }),
}
