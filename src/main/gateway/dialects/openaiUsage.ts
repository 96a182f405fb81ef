import type { Usage } from '../../../shared/domain/llm.ts'
import { asCount, asObject, type JsonObject } from './json.ts'

/**
 * OpenAI's counts as parts that sum to its totals. Cached, written and spoken input is inside the prompt's count, reasoning and spoken
 * output inside the completion's. Null where it says nothing of its totals, or nonsense; nonsense among the details counts as no detail.
 */
export function usageOfOpenAi(reported: unknown): Usage | null {
  const usage = asObject(reported)
  if (!usage) return null
  const prompt = asCount(usage.prompt_tokens ?? usage.input_tokens)
  if (prompt === null) return null
  const outDetails = asObject(usage.completion_tokens_details ?? usage.output_tokens_details)
  const completion = completionOf(usage, prompt, outDetails)
  if (completion === null) return null

  const inDetails = asObject(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const input = splitter(prompt)
  const cacheRead = input.take(asCount(inDetails?.cached_tokens ?? usage.prompt_cache_hit_tokens))
  const [cacheWrite5m, cacheWrite1h] = writes(inDetails, input)
  const audioInput = input.take(asCount(inDetails?.audio_tokens), 'rest')
  const output = splitter(completion)
  const reasoning = output.take(asCount(outDetails?.reasoning_tokens))
  const audioOutput = output.take(asCount(outDetails?.audio_tokens), 'rest')
  return present({
    input: input.rest(),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
    audioInput,
    output: output.rest(),
    reasoning,
    audioOutput,
  })
}

/** Some servers leave reasoning out of the completion's count; then only their total has it. */
function completionOf(usage: JsonObject, prompt: number, details: JsonObject | null): number | null {
  const given = usage.completion_tokens ?? usage.output_tokens
  const completion = asCount(given)
  const total = asCount(usage.total_tokens)
  // Embeddings have no completion; they say so by a total that is their prompt.
  if (given === undefined || given === null) return total === null || total < prompt ? null : total - prompt
  if (completion === null) return null
  const reasoning = asCount(details?.reasoning_tokens) ?? 0
  return total !== null && reasoning > 0 && total === prompt + completion + reasoning ? completion + reasoning : completion
}

/** Since its caches cost money to write: those for half an hour, and those for twelve, which are the long-lived ones. */
function writes(details: JsonObject | null, input: Splitter): [number | undefined, number | undefined] {
  const all = input.take(asCount(details?.cache_write_tokens), 'rest')
  const long = asCount(asObject(details?.cache_write_tokens_details)?.ttl_12h_tokens)
  if (all === undefined || long === null || long > all) return [all, undefined]
  return [all - long, long]
}

export interface Splitter {
  /** Takes a part out of the total; more than there is counts as nothing said, or, where parts may overlap, as all that is left. */
  take(count: number | null, ifMore?: 'nothing' | 'rest'): number | undefined
  rest(): number
}

export function splitter(total: number): Splitter {
  let left = total
  return {
    take(count, ifMore = 'nothing') {
      if (count === null || count > total || (count > left && ifMore === 'nothing')) return undefined
      const taken = Math.min(count, left)
      left -= taken
      return taken
    },
    rest: () => left,
  }
}

/** Without the parts of which nothing was said; a zero that was said stays. */
export function present(parts: { readonly [part in keyof Usage]: number | undefined }): Usage {
  return Object.fromEntries(Object.entries(parts).filter(([, count]) => count !== undefined))
}
