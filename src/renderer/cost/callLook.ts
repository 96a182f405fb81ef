import { Ban, CircleAlert, CircleCheck, CircleQuestionMark, OctagonX, Unplug } from '@lucide/vue'
import type { Component } from 'vue'
import type { Call, CallOutcome, Receipt, Refusal, UsageBasis, UsagePart } from '../../shared/domain/llm.ts'
import type { Provider } from '../../shared/domain/provider.ts'
import { formatLatency } from '../../shared/format.ts'
import type { Tone } from '@/lib/tones.ts'

export interface OutcomeLook {
  readonly word: string
  readonly tone: Tone
  readonly icon: Component
}

export const OUTCOME_LOOK: Record<CallOutcome, OutcomeLook> = {
  answered: { word: 'Answered', tone: 'good', icon: CircleCheck },
  rejected: { word: 'Rejected', tone: 'caution', icon: CircleAlert },
  failed: { word: 'Failed', tone: 'bad', icon: OctagonX },
  cancelled: { word: 'Hung up', tone: 'calm', icon: Unplug },
  refused: { word: 'Refused', tone: 'caution', icon: Ban },
  lost: { word: 'Lost', tone: 'bad', icon: CircleQuestionMark },
}

export const REFUSAL_SENTENCES: Record<Refusal, string> = {
  budget: 'It did not fit into the budget.',
  declined: 'It waited for a decision and was declined.',
  unanswered: 'It waited for a decision, and nobody decided in time.',
  unauthorised: 'It asked for something that this agent is not allowed.',
  'private-data': 'Private data was found in it, and the rules block that.',
  injection: 'Something that came in read like orders to the model, and the rules refuse that.',
  'unknown-model': 'Its model stands in no price list.',
  'no-key': 'There is no key for the provider.',
  unavailable: 'The provider is failing, and calls are kept away from it.',
  invalid: 'It could not be understood.',
}

const BASIS_SENTENCES: Record<UsageBasis, string> = {
  reported: 'The counts are the provider’s own.',
  counted: 'The provider gave no counts; these were counted here.',
  assumed: 'Nobody could tell what was used, so the worst case is charged.',
}

export const PART_WORDS: Record<UsagePart, string> = {
  input: 'Input',
  cacheRead: 'Cached input',
  cacheWrite5m: 'Cache write, 5 min',
  cacheWrite1h: 'Cache write, 1 h',
  audioInput: 'Audio input',
  output: 'Output',
  reasoning: 'Reasoning',
  audioOutput: 'Audio output',
  webSearch: 'Web searches',
}

export const PROVIDER_WORDS: Record<Provider, string> = { openai: 'OpenAI', anthropic: 'Anthropic' }

export const modelOf = (call: Call): string => call.model || 'no model named'

/** `210 ms → 1.2 s`: to the first byte, and to the last. */
export function latencyOf({ firstByteMs, durationMs }: Call): string {
  const whole = formatLatency(durationMs)
  return firstByteMs === null || firstByteMs === durationMs ? whole : `${formatLatency(firstByteMs)} → ${whole}`
}

/** Each way in which the counts of a call are known, said once. */
export function basisSentences(call: Call): string[] {
  const receipts = receiptsOf(call)
  const sentences = new Set(receipts.map((receipt) => BASIS_SENTENCES[receipt.basis]))
  if (receipts.some((receipt) => receipt.isPriceEstimated)) sentences.add('The price is estimated: it is the dearest there is, for no list has this one.')
  return [...sentences]
}

export function receiptsOf({ attempts }: Call): Receipt[] {
  return attempts.flatMap(({ receipt }) => (receipt ? [receipt] : []))
}
