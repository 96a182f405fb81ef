import { z } from 'zod'
import { AgentId } from './agent.ts'
import { CallId } from './llm.ts'
import { Millis, Nanodollars } from './units.ts'

/** A call that waits for somebody to approve an increase or to decline. */
export const ParkedCall = z.object({
  callId: CallId,
  model: z.string(),
  worstCase: Nanodollars,
  parkedAt: Millis,
  /** When it gets its refusal if nobody has answered. */
  until: Millis,
})
export type ParkedCall = z.infer<typeof ParkedCall>

/** How far an agent says it is, in units of its own: leads, pages, tickets. */
export const Progress = z.object({
  done: z.int().nonnegative(),
  total: z.int().positive().nullable(),
  /** In the singular: `lead`. */
  unit: z.string().min(1).max(40),
  failed: z.int().nonnegative(),
})
export type Progress = z.infer<typeof Progress>

/** An agent's budget as it stands; derived from the ledger and the agent's progress, never stored. */
export const Budget = z.object({
  agentId: AgentId,
  limit: Nanodollars,
  spent: Nanodollars,
  /** Worst cases of the calls under way. */
  reserved: Nanodollars,
  /** What the calls under way have probably used so far; shown, never charged. */
  running: Nanodollars,
  /** Settled calls, refused ones not among them. */
  calls: z.int().nonnegative(),
  openCalls: z.int().nonnegative(),
  parked: z.array(ParkedCall),
  /** 90 % of this limit was reached. */
  isWarned: z.boolean(),
  /** A call did not fit any more. */
  isExhausted: z.boolean(),
  progress: Progress.nullable(),
  /** What `average` is per: the progress's unit, or `call`. */
  unit: z.string(),
  average: Nanodollars.nullable(),
  /** What all of it will cost; null where nobody knows how much there is to do. */
  projection: Nanodollars.nullable(),
  recommendedIncrease: Nanodollars,
  /** Configured price of a unit × units done − spent; below zero when it cost more. Null without a baseline. */
  savedAgainstBaseline: z.int().nullable(),
})
export type Budget = z.infer<typeof Budget>

/** What came of a parked call. A time-out is nobody's no. */
export const ParkingEnd = z.enum(['approved', 'declined', 'unanswered', 'abandoned'])
export type ParkingEnd = z.infer<typeof ParkingEnd>
