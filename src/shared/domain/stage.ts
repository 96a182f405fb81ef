import { z } from 'zod'
import { Millis } from './units.ts'

/** Whether the room is shown to an audience: then secrets are neither revealed nor changed, by anybody. */
export const Stage = z.object({
  locked: z.boolean(),
  /** Who locked it, and when; null where it is not. */
  lockedBy: z.string().nullable(),
  lockedAt: Millis.nullable(),
})
export type Stage = z.infer<typeof Stage>
