import { AtLimit, Environment, RestartRule, UnknownModel } from '../../shared/domain/agent.ts'
import { IncidentMode, SafetyMode, type CellMode, type Direction, type PrivateType } from '../../shared/domain/safetyRules.ts'
import { NANODOLLARS_PER_DOLLAR } from '../../shared/domain/money.ts'
import type { ServiceDeclaration } from '../../shared/domain/servicePolicy.ts'
import type { SimulatedFailure } from '../../shared/domain/simulatedFailure.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { baseUrl } from './addressKinds.ts'
import { choice, dollars, duration, onOrOff, orNothing, path, textList, variables, wholeNumber } from './kinds.ts'
import { allowedNames, directionModes, notPrivate, typeModes } from './safetyKinds.ts'
import { ROOM_SETTINGS } from './roomSettings.ts'
import { secretNames } from './secretNames.ts'
import { services } from './services.ts'
import { AGENT_FILE, EVERY_FILE, setting, type Setting } from './setting.ts'
import { referredVariable } from './secretReference.ts'
import { simulatedFailures } from './simulatedFailures.ts'

/** Every setting there is. Flags, variables, file keys, help and `config --explain` are derived from this table. */
const SETTINGS = {
  budget: setting({
    kind: dollars,
    fallback: 100 * NANODOLLARS_PER_DOLLAR,
    summary: 'What the agent may spend, in dollars.',
    of: 'agent',
    flag: 'budget',
    variable: 'IRON_CAGE_BUDGET',
    files: EVERY_FILE,
  }),
  provider: setting({
    kind: choice(['auto', 'simulated', 'live']),
    fallback: 'auto' as const,
    summary: 'Who answers LLM calls: what is built in, the providers, or these where a key is known.',
    of: 'agent',
    flag: 'provider',
    variable: 'IRON_CAGE_PROVIDER',
    files: EVERY_FILE,
  }),
  upstream_openai: setting<string | null>({
    kind: orNothing(baseUrl),
    fallback: null,
    summary: 'Where OpenAI-shaped calls go; OPENAI_BASE_URL when left out, else OpenAI itself.',
    of: 'agent',
    flag: 'upstream-openai',
    variable: 'IRON_CAGE_UPSTREAM_OPENAI',
    files: EVERY_FILE,
  }),
  upstream_anthropic: setting<string | null>({
    kind: orNothing(baseUrl),
    fallback: null,
    summary: 'Where Anthropic-shaped calls go; ANTHROPIC_BASE_URL when left out, else Anthropic itself.',
    of: 'agent',
    flag: 'upstream-anthropic',
    variable: 'IRON_CAGE_UPSTREAM_ANTHROPIC',
    files: EVERY_FILE,
  }),
  at_limit: setting<AtLimit | null>({
    kind: orNothing(choice(AtLimit.options as ['ask', 'end'])),
    fallback: null,
    summary: 'At the limit, let the call wait for a decision, or end the agent; an open room asks when left out.',
    of: 'agent',
    flag: 'at-limit',
    variable: 'IRON_CAGE_AT_LIMIT',
    files: EVERY_FILE,
  }),
  park_for: setting({
    kind: duration,
    fallback: 600_000,
    summary: 'How long a call at the limit waits for a decision; an hour at most.',
    of: 'agent',
    flag: 'park-for',
    variable: 'IRON_CAGE_PARK_FOR',
    files: EVERY_FILE,
  }),
  unknown_model: setting({
    kind: choice(UnknownModel.options as ['refuse', 'ceiling']),
    fallback: 'refuse' as const,
    summary: 'Calls to a model without a price: refused, or charged the dearest price there is, marked so.',
    of: 'agent',
    flag: 'unknown-model',
    variable: 'IRON_CAGE_UNKNOWN_MODEL',
    files: EVERY_FILE,
  }),
  baseline: setting<Nanodollars | null>({
    kind: { ...orNothing(dollars), shellHint: undefined },
    fallback: null,
    summary: 'What a unit of the agent’s work costs elsewhere, in dollars, to compare with.',
    of: 'agent',
    flag: 'baseline',
    variable: 'IRON_CAGE_BASELINE',
    files: EVERY_FILE,
  }),
  simulated_seed: setting({
    kind: wholeNumber(0, 4_294_967_295),
    fallback: 0,
    summary: 'Decides what the simulated provider answers: the same seed, the same answers.',
    of: 'agent',
    flag: 'simulated-seed',
    variable: 'IRON_CAGE_SIMULATED_SEED',
    files: EVERY_FILE,
  }),
  simulated_delay: setting({
    kind: duration,
    fallback: 0,
    summary: 'How long the simulated provider takes before it answers.',
    of: 'agent',
    flag: 'simulated-delay',
    variable: 'IRON_CAGE_SIMULATED_DELAY',
    files: EVERY_FILE,
  }),
  simulated_failures: setting<SimulatedFailure[]>({
    kind: simulatedFailures,
    fallback: [],
    summary: 'At which attempts the simulated provider fails, and how.',
    of: 'agent',
    flag: 'simulated-failures',
    variable: 'IRON_CAGE_SIMULATED_FAILURES',
    files: EVERY_FILE,
  }),
  safety_mode: setting({
    kind: choice(SafetyMode.options as ['redact', 'block', 'warn']),
    fallback: 'redact' as const,
    summary: 'What happens to private data: taken out, the agent halted, or only logged.',
    of: 'agent',
    flag: 'safety-mode',
    variable: 'IRON_CAGE_SAFETY_MODE',
    files: EVERY_FILE,
  }),
  safety_types: setting<Partial<Record<PrivateType, CellMode>>>({
    kind: typeModes,
    fallback: {},
    summary: 'Another mode for some types of private data: email, phone, ssn, itin, card, iban, ip, api-key, secret.',
    of: 'agent',
    flag: 'safety-type',
    variable: 'IRON_CAGE_SAFETY_TYPES',
    files: EVERY_FILE,
  }),
  safety_directions: setting<Partial<Record<Direction, CellMode>>>({
    kind: directionModes,
    fallback: {},
    summary: 'Another mode for text on its way to-model, from-model, to the terminal, or through tools.',
    of: 'agent',
    flag: 'safety-direction',
    variable: 'IRON_CAGE_SAFETY_DIRECTIONS',
    files: EVERY_FILE,
  }),
  unauthorised: setting({
    kind: choice(IncidentMode.options as ['warn', 'refuse', 'block']),
    fallback: 'refuse' as const,
    summary: 'What happens when the agent uses a model, tool, host or path that it is not allowed.',
    of: 'agent',
    flag: 'unauthorised',
    variable: 'IRON_CAGE_UNAUTHORISED',
    files: EVERY_FILE,
  }),
  injection: setting({
    kind: choice(IncidentMode.options as ['warn', 'refuse', 'block']),
    fallback: 'warn' as const,
    summary: 'What happens when text from a tool or a document reads like orders to the model.',
    of: 'agent',
    flag: 'injection',
    variable: 'IRON_CAGE_INJECTION',
    files: EVERY_FILE,
  }),
  allowed_models: setting<string[] | null>({
    kind: allowedNames,
    fallback: null,
    summary: 'The models that the agent may call; all when left out.',
    of: 'agent',
    flag: 'allow-model',
    variable: 'IRON_CAGE_ALLOWED_MODELS',
    files: EVERY_FILE,
  }),
  allowed_tools: setting<string[] | null>({
    kind: allowedNames,
    fallback: null,
    summary: 'The tools that a model may call for the agent; all when left out.',
    of: 'agent',
    flag: 'allow-tool',
    variable: 'IRON_CAGE_ALLOWED_TOOLS',
    files: EVERY_FILE,
  }),
  allowed_hosts: setting<string[] | null>({
    kind: allowedNames,
    fallback: null,
    summary: 'The hosts that tools may be called with; all when left out.',
    of: 'agent',
    flag: 'allow-host',
    variable: 'IRON_CAGE_ALLOWED_HOSTS',
    files: EVERY_FILE,
  }),
  allowed_paths: setting<string[] | null>({
    kind: allowedNames,
    fallback: null,
    summary: 'The files and folders that tools may be called with; all when left out.',
    of: 'agent',
    flag: 'allow-path',
    variable: 'IRON_CAGE_ALLOWED_PATHS',
    files: EVERY_FILE,
  }),
  not_private: setting<string[]>({
    kind: notPrivate,
    fallback: [],
    summary: 'Values, @domains and /patterns/ that are nobody’s private data.',
    of: 'agent',
    flag: 'not-private',
    variable: null,
    files: EVERY_FILE,
  }),
  services: setting<ServiceDeclaration[]>({
    kind: services,
    fallback: [],
    summary: 'What the agent calls besides models, by name: its hosts, when its breaker opens, and what is given in its place.',
    of: 'agent',
    flag: null,
    variable: null,
    files: AGENT_FILE,
  }),
  secrets: setting<string[] | null>({
    kind: secretNames,
    fallback: null,
    summary: 'Which secrets of its environment the agent gets; all when left out.',
    of: 'agent',
    flag: 'secret',
    variable: 'IRON_CAGE_SECRETS',
    files: EVERY_FILE,
  }),
  seal_secrets: setting({
    kind: onOrOff,
    fallback: false,
    summary: 'Gives the agent placeholders for its secrets, which the gateway exchanges on the way to their hosts.',
    of: 'agent',
    flag: 'seal-secrets',
    variable: 'IRON_CAGE_SEAL_SECRETS',
    files: EVERY_FILE,
  }),
  env: setting({
    kind: choice(Environment.options as ['development', 'staging', 'production']),
    fallback: 'development' as const,
    summary: 'Which environment the agent works in.',
    of: 'agent',
    flag: 'env',
    variable: 'IRON_CAGE_ENV',
    files: EVERY_FILE,
  }),
  restart: setting({
    kind: choice(RestartRule.options as ['never', 'on-failure', 'always']),
    fallback: 'on-failure' as const,
    summary: 'When an agent that ended by itself is started again.',
    of: 'agent',
    flag: 'restart',
    variable: 'IRON_CAGE_RESTART',
    files: EVERY_FILE,
  }),
  max_restarts: setting({
    kind: wholeNumber(0, 1000),
    fallback: 3,
    summary: 'Restarts in a row without a healthy run before the agent is given up.',
    of: 'agent',
    flag: 'max-restarts',
    variable: 'IRON_CAGE_MAX_RESTARTS',
    files: EVERY_FILE,
  }),
  healthy_after: setting({
    kind: duration,
    fallback: 10_000,
    summary: 'How long an agent must run for its count of restarts to begin anew.',
    of: 'agent',
    flag: 'healthy-after',
    variable: 'IRON_CAGE_HEALTHY_AFTER',
    files: EVERY_FILE,
  }),
  grace_period: setting({
    kind: duration,
    fallback: 5_000,
    summary: 'How long an agent that was asked to stop may take before it is killed.',
    of: 'agent',
    flag: 'grace-period',
    variable: 'IRON_CAGE_GRACE_PERIOD',
    files: EVERY_FILE,
  }),
  interpreter: setting<string | null>({
    kind: path('the path or the name of a program, such as python3.12 or ./venv/bin/python'),
    fallback: null,
    summary: 'The program that runs the script; found by the script’s ending when left out.',
    of: 'agent',
    flag: 'interpreter',
    variable: 'IRON_CAGE_INTERPRETER',
    files: AGENT_FILE,
  }),
  args: setting<string[]>({
    kind: textList,
    fallback: [],
    summary: 'Arguments for the script; on the command line they follow a --.',
    of: 'agent',
    flag: null,
    variable: null,
    files: AGENT_FILE,
  }),
  working_directory: setting<string | null>({
    kind: path('the path of a folder'),
    fallback: null,
    summary: 'The folder in which the agent runs.',
    of: 'agent',
    flag: 'working-directory',
    variable: 'IRON_CAGE_WORKING_DIRECTORY',
    files: AGENT_FILE,
  }),
  variables: setting<Record<string, string>>({
    kind: variables,
    fallback: {},
    summary: 'Environment variables for the agent.',
    of: 'agent',
    flag: 'variable',
    variable: null,
    files: AGENT_FILE,
  }),
  ...ROOM_SETTINGS,
} as const satisfies Record<string, Setting<unknown>>

export type SettingKey = keyof typeof SETTINGS
export type SettingValue<K extends SettingKey> = (typeof SETTINGS)[K] extends Setting<infer T> ? T : never
export type SettingValues = { -readonly [K in SettingKey]: SettingValue<K> }

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[]

export function settingOf(key: SettingKey): Setting<unknown> {
  return SETTINGS[key] as Setting<unknown>
}

/** The settings of the room itself. */
export const ROOM_KEYS = Object.keys(ROOM_SETTINGS) as (keyof typeof ROOM_SETTINGS)[]
export type RoomValues = Pick<SettingValues, keyof typeof ROOM_SETTINGS>

export function roomValues(values: SettingValues): RoomValues {
  return Object.fromEntries(ROOM_KEYS.map((key) => [key, values[key]])) as RoomValues
}

/** What is looked at when the room opens, and not again. */
export function lastingValues(values: RoomValues): Partial<RoomValues> {
  return Object.fromEntries(ROOM_KEYS.filter((key) => settingOf(key).needsRestart).map((key) => [key, values[key]]))
}

/** The variables of the environment that hold secrets of the room: no agent gets them. */
export function secretVariables({ smtp_user, smtp_password, alert_webhook, alert_webhook_secret }: RoomValues): string[] {
  return [smtp_user, smtp_password, alert_webhook, alert_webhook_secret].flatMap((setting) => referredVariable(setting) ?? [])
}
