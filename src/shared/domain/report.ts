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

const Formatted = z.string().nullable()

/** How an agent works: from the progress that it tells, the services that it calls, and its processes. What has a default is missing in older events. */
export const Performance = z.object({
  agentId: AgentId,
  unit: z.string(),
  /** What it is at: what it has told, else the tool that it uses; null where nobody knows. */
  step: z.string().nullable().default(null),
  done: z.int().nonnegative(),
  total: z.int().positive().nullable(),
  failed: z.int().nonnegative(),
  /** Whole units in an hour, over the last minutes of work. */
  perHour: z.number().nonnegative().nullable(),
  latency: z.object({ p50: Millis, p95: Millis, p99: Millis, samples: z.int().positive() }).nullable(),
  /** Of all its services together: who answered, what their breakers kept away, and what that saved. */
  served: z.record(Tier, z.int().nonnegative()).default({ primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 }),
  blocked: z.int().nonnegative().default(0),
  saved: Nanodollars.default(0),
  /** `23 / 100 leads (23%)`, `100% (23/23)`, `212 leads/hour`, `P95: 2.1s`, `34%`, `99.8%`, `66 leads`, `$6.60 saved`, `98% via fallback`. */
  formatted: z.object({
    /** Null of one that has told no progress. */
    progress: Formatted,
    success: Formatted,
    rate: Formatted,
    p50: Formatted,
    p95: Formatted,
    p99: Formatted,
    cacheHits: Formatted.default(null),
    /** At the moment of the asking. */
    uptime: Formatted.default(null),
    blocked: Formatted.default(null),
    saved: Formatted.default(null),
    viaFallback: Formatted.default(null),
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
