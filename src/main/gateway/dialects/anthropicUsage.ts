import type { Usage } from '../../../shared/domain/llm.ts'
import { asArray, asCount, asObject, type JsonObject } from './json.ts'
import { present, splitter } from './openaiUsage.ts'

/**
 * Anthropic's counts as parts. What was read from a cache or written into one stands beside the input's count; thinking is inside the
 * output's.
 * Null where a total is missing or nonsense. Writes that nobody tells the life of are those that the request asked for.
 */
export function usageOfAnthropic(reported: unknown, unsplitWrites: '5m' | '1h'): Usage | null {
  const usage = asObject(reported)
  if (!usage) return null
  const input = asCount(usage.input_tokens)
  const produced = asCount(usage.output_tokens)
  if (input === null || produced === null) return null
  const output = splitter(produced)
  const reasoning = output.take(asCount(asObject(usage.output_tokens_details)?.thinking_tokens))
  const parts = {
    input,
    cacheRead: asCount(usage.cache_read_input_tokens) ?? undefined,
    ...writesOf(usage, unsplitWrites),
    output: output.rest(),
    reasoning,
    webSearch: asCount(asObject(usage.server_tool_use)?.web_search_requests) ?? undefined,
  }
  // Summing up a long conversation is billed, and stands beside the totals.
  for (const iteration of asArray(usage.iterations)) {
    const summary = asObject(iteration)
    if (summary?.type !== 'compaction') continue
    parts.input += asCount(summary.input_tokens) ?? 0
    parts.output += asCount(summary.output_tokens) ?? 0
    add(parts, 'cacheRead', asCount(summary.cache_read_input_tokens))
    const written = writesOf(summary, unsplitWrites)
    add(parts, 'cacheWrite5m', written.cacheWrite5m ?? null)
    add(parts, 'cacheWrite1h', written.cacheWrite1h ?? null)
  }
  return present(parts)
}

type Parts = { cacheRead?: number | undefined; cacheWrite5m?: number | undefined; cacheWrite1h?: number | undefined }

function add(parts: Parts, part: keyof Parts, count: number | null): void {
  if (count !== null) parts[part] = (parts[part] ?? 0) + count
}

function writesOf(usage: JsonObject, unsplit: '5m' | '1h'): Pick<Parts, 'cacheWrite5m' | 'cacheWrite1h'> {
  const total = asCount(usage.cache_creation_input_tokens)
  const split = asObject(usage.cache_creation)
  const short = asCount(split?.ephemeral_5m_input_tokens)
  const long = asCount(split?.ephemeral_1h_input_tokens)
  if (total === null) return { cacheWrite5m: short ?? undefined, cacheWrite1h: long ?? undefined }
  if (short !== null && long !== null && short + long === total) return { cacheWrite5m: short, cacheWrite1h: long }
  // A split that does not add up is none.
  return unsplit === '1h' ? { cacheWrite1h: total } : { cacheWrite5m: total }
}
