import type { Attempt, Call, CallOutcome, UsagePart } from '../../shared/domain/llm.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { formatExactDollars } from '../../shared/format.ts'
import { csvLine } from './csv.ts'

export const COST_CSV_HEADER = csvLine([
  'at',
  'agent_id',
  'call_id',
  'attempt',
  'provider',
  'mode',
  'endpoint',
  'model',
  'priced_as',
  'outcome',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'web_searches',
  'basis',
  'is_price_estimated',
  'amount_usd',
])

/** A line for each charge of a call: for every attempt that money was held for, also where none of it was taken. */
export function costCsvLines(call: Call, at: Millis): string {
  return call.attempts.map((attempt, index) => (isCharge(attempt) ? lineOf(call, attempt, index, at) : '')).join('')
}

function isCharge({ reserved, receipt }: Attempt): boolean {
  return reserved > 0 || receipt !== null
}

function lineOf(call: Call, { receipt }: Attempt, index: number, at: Millis): string {
  const count = (...parts: UsagePart[]): number =>
    (receipt?.lines ?? []).reduce((sum, line) => sum + (parts.includes(line.part) ? line.count : 0), 0)
  return csvLine([
    new Date(at).toISOString(),
    call.agentId,
    call.id,
    index + 1,
    call.provider,
    call.mode,
    call.endpoint,
    call.model,
    receipt?.pricedAs ?? null,
    outcomeOf(call, index),
    count('input', 'audioInput'),
    count('cacheRead'),
    count('cacheWrite5m', 'cacheWrite1h'),
    count('output', 'audioOutput'),
    count('reasoning'),
    count('webSearch'),
    receipt?.basis ?? null,
    receipt?.isPriceEstimated ?? null,
    formatExactDollars(receipt?.total ?? 0),
  ])
}

/** Only one that failed has another after it. */
function outcomeOf({ outcome, attempts }: Call, index: number): CallOutcome {
  return index === attempts.length - 1 || outcome === 'lost' ? outcome : 'failed'
}
