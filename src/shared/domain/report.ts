import { z } from 'zod'
import { AgentId } from './agent.ts'
import { Millis } from './units.ts'

/** An exception as its language tells it; redacted before it is kept. */
export const Raised = z.object({
  type: z.string().min(1).max(200),
  message: z.string().max(10_000),
  traceback: z.string().max(100_000),
  /** Whether the agent went on. */
  isHandled: z.boolean(),
  /** Where: the function that was protected, the thread, `main`. */
  place: z.string().max(200),
})
export type Raised = z.infer<typeof Raised>

export const ToolCallId = z.string().min(1).max(120)
export const ToolName = z.string().min(1).max(200)

/** How an agent works, from the progress that it tells. */
export const Performance = z.object({
  agentId: AgentId,
  unit: z.string(),
  done: z.int().nonnegative(),
  total: z.int().positive().nullable(),
  failed: z.int().nonnegative(),
  /** Whole units in an hour, over the last minutes of work. */
  perHour: z.number().nonnegative().nullable(),
  latency: z.object({ p50: Millis, p95: Millis, p99: Millis, samples: z.int().positive() }).nullable(),
  /** `23 / 100 leads (23%)`, `100% (23/23)`, `212 leads/hour`, `P95: 2.1s`. */
  formatted: z.object({
    progress: z.string(),
    success: z.string().nullable(),
    rate: z.string().nullable(),
    p50: z.string().nullable(),
    p95: z.string().nullable(),
    p99: z.string().nullable(),
  }),
})
export type Performance = z.infer<typeof Performance>
