import type { ExplainedSetting } from './contract/launch.ts'
import type { LlmPlan } from './domain/agent.ts'
import { hostOf } from './hostOf.ts'

/** Who answers an agent's calls and why, in one sentence. */
export function describeProvider({ mode, upstreams }: LlmPlan, settings: readonly ExplainedSetting[]): string {
  const isAutomatic = settings.find(({ key }) => key === 'provider')?.value === 'auto'
  if (mode === 'simulated') {
    return `LLM answers are simulated${isAutomatic ? ', for no API key and no upstream is known' : ''}: nothing leaves this machine and nobody sends a bill; costs are what the named models would charge.`
  }
  const others = Object.values(upstreams).flatMap((url) => (url === null ? [] : [hostOf(url)]))
  const why = others.length > 0 ? 'an upstream is set' : 'an API key is known'
  const whom = others.length > 0 ? [...new Set(others)].join(' and ') : 'the providers'
  return `LLM calls go to ${whom}${isAutomatic ? `, for ${why}` : ''}, and cost real money.`
}
