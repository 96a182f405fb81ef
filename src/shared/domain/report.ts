import { z } from 'zod'
import { AgentId } from './agent.ts'
import { Tier } from './service.ts'
import { Millis, Nanodollars } from './units.ts'

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

/** How an agent works: from the progress that it tells, the services that it calls, and its processes. */
export const Performance = z.object({
  agentId: AgentId,
  unit: z.string(),
  /** What it is at: what it has told, else the tool that it uses; null where nobody knows. */
  step: z.string().nullable(),
  done: z.int().nonnegative(),
  total: z.int().positive().nullable(),
  failed: z.int().nonnegative(),
  /** Whole units in an hour, over the last minutes of work. */
  perHour: z.number().nonnegative().nullable(),
  latency: z.object({ p50: Millis, p95: Millis, p99: Millis, samples: z.int().positive() }).nullable(),
  /** Of all its services together: who answered, what their breakers kept away, and what that saved. */
  served: z.record(Tier, z.int().nonnegative()),
  blocked: z.int().nonnegative(),
  saved: Nanodollars,
  /** `23 / 100 leads (23%)`, `100% (23/23)`, `212 leads/hour`, `P95: 2.1s`, `34%`, `99.8%`, `66 leads`, `$6.60 saved`, `98% via fallback`. */
  formatted: z.object({
    /** Null of one that has told no progress. */
    progress: z.string().nullable(),
    success: z.string().nullable(),
    rate: z.string().nullable(),
    p50: z.string().nullable(),
    p95: z.string().nullable(),
    p99: z.string().nullable(),
    cacheHits: z.string().nullable(),
    /** At the moment of the asking. */
    uptime: z.string().nullable(),
    blocked: z.string().nullable(),
    saved: z.string().nullable(),
    viaFallback: z.string().nullable(),
  }),
})
export type Performance = z.infer<typeof Performance>

/** How an agent worked at a moment. */
export const PerformancePoint = z.object({
  at: Millis,
  done: z.int().nonnegative(),
  perHour: z.number().nonnegative().nullable(),
  p50: Millis.nullable(),
  p95: Millis.nullable(),
  p99: Millis.nullable(),
})
export type PerformancePoint = z.infer<typeof PerformancePoint>
