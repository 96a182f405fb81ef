import type { AtLimit, Environment, RestartRule } from '../../shared/domain/agent.ts'
import type { SafetyMode } from '../../shared/domain/safetyRules.ts'
import type { ProviderMode } from '../../shared/domain/provider.ts'

/** The same words on the card and in the room. */

export const SAFETY_WORDS: Record<SafetyMode, { readonly word: string; readonly explanation: string }> = {
  redact: { word: 'Redact', explanation: 'Private data is taken out, and the agent goes on.' },
  block: { word: 'Block', explanation: 'Private data halts the agent; its call is refused.' },
  warn: { word: 'Warn', explanation: 'Private data goes on as it is, and is noted down.' },
}

export const PROVIDER_WORDS: Record<ProviderMode, string> = {
  simulated: 'Simulated',
  live: 'Live',
}

/** Empty: nobody has said. */
export const AT_LIMIT_WORDS: Record<AtLimit | '', { readonly word: string; readonly explanation: string }> = {
  '': { word: 'As the room does', explanation: 'A call over the budget waits where somebody can be asked; else it ends the run.' },
  ask: { word: 'Ask', explanation: 'A call over the budget waits until you approve more or decline.' },
  end: { word: 'End the run', explanation: 'A call over the budget is refused, and the run ends.' },
}

export const ENVIRONMENT_WORDS: Record<Environment, string> = {
  development: 'Development',
  staging: 'Staging',
  production: 'Production',
}

export const RESTART_WORDS: Record<RestartRule, string> = {
  never: 'Never',
  'on-failure': 'After a crash',
  always: 'Whenever it ends',
}
