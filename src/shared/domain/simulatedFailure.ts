import { z } from 'zod'
import { Provider } from './provider.ts'
import { Millis } from './units.ts'

/** How the simulated provider can be told to fail. */
export const SimulatedFailure = z.strictObject({
  kind: z.enum(['rate-limit', 'server-error', 'time-out', 'cut', 'malformed']),
  /** Whose answers fail; left out: whoever is asked. */
  provider: Provider.optional(),
  /** At which call of this run, counted from 1 over all attempts; left out: at the next. */
  at: z.int().positive().optional(),
  /** For how many attempts in a row. */
  times: z.int().min(1).max(10_000).default(1),
  /** What a rate limit says in Retry-After. */
  retryAfterMs: Millis.max(3_600_000).optional(),
})
export type SimulatedFailure = z.infer<typeof SimulatedFailure>
