import { z } from 'zod'
import { AgentId } from './agent.ts'
import { Provider, ProviderMode } from './provider.ts'
import { Millis, Nanodollars } from './units.ts'

export const Endpoint = z.enum([
  'chat/completions',
  'responses',
  'completions',
  'embeddings',
  'models',
  'messages',
  'messages/count_tokens',
  /** Anything else that was asked for: never forwarded. */
  'unknown',
])
export type Endpoint = z.infer<typeof Endpoint>

/** What can be charged for. The parts of a call never overlap: `input` is what was neither cached nor audio. */
export const UsagePart = z.enum([
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'audioInput',
  'output',
  'reasoning',
  'audioOutput',
  'webSearch',
])
export type UsagePart = z.infer<typeof UsagePart>

/** Counts by part, in tokens (web searches in searches); a part that is missing was not used. */
export const Usage = z.partialRecord(UsagePart, z.int().nonnegative())
export type Usage = z.infer<typeof Usage>

/** How the counts of a receipt are known. */
export const UsageBasis = z.enum([
  /** The provider said so. */
  'reported',
  /** The provider said nothing; counted here. */
  'counted',
  /** Nobody could know, for the room died meanwhile: the worst case that was reserved. */
  'assumed',
])
export type UsageBasis = z.infer<typeof UsageBasis>

export const ReceiptLine = z.object({
  part: UsagePart,
  count: z.int().nonnegative(),
  /** Nanodollars for a million of them: exact for every price that providers have. */
  perMillion: Nanodollars,
  amount: Nanodollars,
})
export type ReceiptLine = z.infer<typeof ReceiptLine>

/** Parts × price = total. */
export const Receipt = z.object({
  /** The entry of the price table. */
  pricedAs: z.string(),
  lines: z.array(ReceiptLine),
  total: Nanodollars,
  basis: UsageBasis,
  /** The model or its service tier stands in no price list; a ceiling was charged. */
  isPriceEstimated: z.boolean(),
})
export type Receipt = z.infer<typeof Receipt>

export const CallId = z.string().regex(/^call-[0-9a-f]{16}$/, 'expected a call id such as call-7a3f9c2d01b2c3d4')
export type CallId = z.infer<typeof CallId>

/** One try at the upstream. Attempts are counted from 1 on, as they stand in their call. */
export const Attempt = z.object({
  startedAt: Millis,
  durationMs: Millis,
  /** The worst case that the budget held for it; 0 where it held nothing. */
  reserved: Nanodollars,
  /** The upstream's HTTP status; null where no answer came. */
  status: z.int().nullable(),
  /** What went wrong, as a sentence; null where nothing did. */
  problem: z.string().nullable(),
  /** Null where nothing is charged. */
  receipt: Receipt.nullable(),
})
export type Attempt = z.infer<typeof Attempt>

export const CallOutcome = z.enum([
  'answered',
  /** The provider refused the request itself (4xx). */
  'rejected',
  /** The upstream failed: 5xx, no connection, time-out, cut in the middle. */
  'failed',
  /** The agent hung up. */
  'cancelled',
  /** We refused it; never the upstream's failure. */
  'refused',
  /** The room died while it was under way. */
  'lost',
])
export type CallOutcome = z.infer<typeof CallOutcome>

/** Why we refused. */
export const Refusal = z.enum(['budget', 'declined', 'unanswered', 'unauthorised', 'private-data', 'injection', 'unknown-model', 'no-key', 'unavailable', 'invalid'])
export type Refusal = z.infer<typeof Refusal>

/** One call of an agent, settled. */
export const Call = z.object({
  id: CallId,
  agentId: AgentId,
  provider: Provider,
  mode: ProviderMode,
  endpoint: Endpoint,
  /** As asked for; empty where nothing was. */
  model: z.string(),
  isStreamed: z.boolean(),
  startedAt: Millis,
  /** From the request's arrival to the first byte of the answer; null where none came. */
  firstByteMs: Millis.nullable(),
  durationMs: Millis,
  outcome: CallOutcome,
  refusal: Refusal.nullable(),
  /** The HTTP status that the agent got; null where it was gone by then. */
  status: z.int().nullable(),
  /** One sentence on what went wrong; null where nothing did. */
  problem: z.string().nullable(),
  attempts: z.array(Attempt),
  /** All attempts together. */
  usage: Usage,
  /** The sum of the receipts' totals. */
  cost: Nanodollars,
})
export type Call = z.infer<typeof Call>
