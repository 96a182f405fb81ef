import type { LaunchRequest } from '../../shared/contract/agents.ts'
import type { ExplainedSetting, LaunchChoices } from '../../shared/contract/launch.ts'
import type { LaunchPlan } from '../../shared/domain/agent.ts'
import { formatExactDollars } from '../../shared/format.ts'
import { joinArguments, splitArguments } from './splitArguments.ts'

const LAUNCH_FIELDS = [
  'budget',
  'provider',
  'atLimit',
  'safetyMode',
  'environment',
  'restart',
  'interpreter',
  'workingDirectory',
  'args',
] as const
export type LaunchField = (typeof LAUNCH_FIELDS)[number]

/** What somebody has typed on the card; a field that is left alone or emptied comes from configuration. */
export type LaunchEdits = Readonly<Partial<Record<LaunchField, string>>>

/** The names under which configuration explains the fields. */
const SETTING_KEYS: Record<LaunchField, string> = {
  budget: 'budget',
  provider: 'provider',
  atLimit: 'at_limit',
  safetyMode: 'safety_mode',
  environment: 'env',
  restart: 'restart',
  interpreter: 'interpreter',
  workingDirectory: 'working_directory',
  args: 'args',
}

export function toLaunchRequest(script: string, edits: LaunchEdits): LaunchRequest {
  return { script, ...choicesOf(edits) }
}

/** What is asked for, and remembered, of a launch. */
export function choicesOf(edits: LaunchEdits): LaunchChoices {
  const given = Object.entries(edits).filter(([, text]) => text.trim() !== '')
  const { args, ...rest } = Object.fromEntries(given) as Partial<Record<LaunchField, string>>
  return { ...(rest as LaunchChoices), ...(args === undefined ? {} : { args: splitArguments(args) }) }
}

/** What was chosen last time, as it would be typed. */
export function editsOf({ args, ...choices }: LaunchChoices): LaunchEdits {
  const texts = Object.entries(choices).flatMap(([field, choice]) => (choice === null ? [] : [[field, choice]]))
  return { ...Object.fromEntries(texts), ...(args === undefined ? {} : { args: joinArguments(args) }) }
}

export const isChosen = (field: LaunchField, edits: LaunchEdits): boolean => (edits[field] ?? '').trim() !== ''

/** The fields that stand as they did last time. */
export const asLastTime = (edits: LaunchEdits, remembered: LaunchEdits): LaunchField[] =>
  LAUNCH_FIELDS.filter((field) => isChosen(field, edits) && edits[field] === remembered[field])

export function plannedText(plan: LaunchPlan, field: LaunchField): string {
  switch (field) {
    case 'budget':
      return formatExactDollars(plan.budget)
    case 'provider':
      return plan.llm.mode
    case 'atLimit':
      return plan.atLimit ?? ''
    case 'interpreter':
      return plan.interpreter === 'executable' ? '' : (plan.command[0] ?? '')
    case 'args':
      return joinArguments(plan.args)
    case 'safetyMode':
      return plan.safety.rules.mode ?? ''
    default:
      return plan[field]
  }
}

/** Where a field's value comes from, in a few words; null while the room has not said. */
export function originOf(field: LaunchField, edits: LaunchEdits, settings: readonly ExplainedSetting[], remembered: LaunchEdits = {}): string | null {
  if (isChosen(field, edits)) return edits[field] === remembered[field] ? 'as last time' : 'set here'
  const setting = settings.find(({ key }) => key === SETTING_KEYS[field])
  if (!setting) return null
  if (setting.origin === 'default') return 'default'
  const source = setting.source?.split(/[/\\]/).at(-1)
  return source ? `from ${source}` : `from the ${setting.origin}`
}
