import type { Environment, RestartRule, SafetyMode } from '../../shared/domain/agent.ts'

/** The same words on the card and in the room. */

export const SAFETY_WORDS: Record<SafetyMode, { readonly word: string; readonly explanation: string }> = {
  redact: { word: 'Redact', explanation: 'Private data is taken out, the agent goes on.' },
  block: { word: 'Block', explanation: 'Private data halts the agent.' },
  warn: { word: 'Warn', explanation: 'Private data is only noted.' },
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
