import type { LaunchChoices } from '../../shared/contract/launch.ts'
import { maskedArguments } from '../agents/maskedArguments.ts'

/** What of the choices may be written down: with a marker in it, a choice would mean something else, so it is left out whole. */
export function keepableChoices(choices: LaunchChoices, redact: (text: string) => string): LaunchChoices {
  return Object.fromEntries(Object.entries(choices).filter(([, choice]) => isKeepable(choice, redact)))
}

function isKeepable(choice: LaunchChoices[keyof LaunchChoices], redact: (text: string) => string): boolean {
  if (Array.isArray(choice)) return maskedArguments(choice, redact).every((shown, index) => shown === choice[index])
  return typeof choice !== 'string' || redact(choice) === choice
}
