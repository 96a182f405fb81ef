import type { Usage, UsageBasis } from '../../shared/domain/llm.ts'
import { outputTokens } from '../../shared/domain/tokenSums.ts'
import type { Provider } from '../../shared/domain/provider.ts'
import type { Demand, Meter } from '../gateway/dialects/dialect.ts'
import type { TokenCounter } from './tokenCounter.ts'

/** What an answer has used: what its provider reported, and what is counted here where it said nothing or broke off too early. */
export async function settledUsage(
  counter: TokenCounter,
  provider: Provider,
  demand: Demand,
  meter: Meter,
): Promise<{ readonly usage: Usage; readonly basis: UsageBasis }> {
  const { usage, isOutputPartial, webSearches } = meter.metered()
  if (usage && !isOutputPartial) return { usage, basis: 'reported' }
  const output = await countedOutput(counter, provider, demand, meter)
  if (usage) {
    const missing = output - outputTokens(usage)
    return missing > 0 ? { usage: { ...usage, output: (usage.output ?? 0) + missing }, basis: 'counted' } : { usage, basis: 'reported' }
  }
  const input = (await counter.count(provider, demand.model, demand.inputText())) + demand.otherInputTokens
  return { usage: { input, output, ...(webSearches > 0 && { webSearch: webSearches }) }, basis: 'counted' }
}

async function countedOutput(counter: TokenCounter, provider: Provider, demand: Demand, meter: Meter): Promise<number> {
  const text = meter.outputText()
  const counted = text === '' ? 0 : await counter.count(provider, demand.model, [text])
  // An answer longer than what is kept of it has the rest estimated.
  return counted + Math.ceil((meter.outputCharacters - text.length) / 4)
}
