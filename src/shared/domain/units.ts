import { z } from 'zod'

/** Money is an integer count of nanodollars: $1 = 1,000,000,000. */
export const Nanodollars = z.int().nonnegative()
export type Nanodollars = z.infer<typeof Nanodollars>

/** Milliseconds: since the Unix epoch for a moment, or a length of time. */
export const Millis = z.int().nonnegative()
export type Millis = z.infer<typeof Millis>
