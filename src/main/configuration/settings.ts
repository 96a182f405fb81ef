import { AtLimit, Environment, RestartRule, UnknownModel } from '../../shared/domain/agent.ts'
import { IncidentMode, SafetyMode, type CellMode, type Direction, type PrivateType } from '../../shared/domain/safetyRules.ts'
import { NANODOLLARS_PER_DOLLAR } from '../../shared/domain/money.ts'
import type { ServiceDeclaration } from '../../shared/domain/servicePolicy.ts'
import type { SimulatedFailure } from '../../shared/domain/simulatedFailure.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { baseUrl, mailAddress, smtpServer, userName, webhookUrl } from './addressKinds.ts'
import { choice, dollars, duration, onOrOff, orNothing, path, textList, variables, wholeNumber, type Kind } from './kinds.ts'
import { allowedNames, directionModes, notPrivate, typeModes } from './safetyKinds.ts'
import { secretNames } from './secretNames.ts'
import { services } from './services.ts'
import { orReference, referredVariable, secretReference } from './secretReference.ts'
import { simulatedFailures } from './simulatedFailures.ts'

export type SettingsFileKind = 'agent file' | 'user settings'

export interface Setting<T> {
  readonly kind: Kind<T>
  readonly fallback: T
  /** One line on what it does, for help, `config --explain` and the documentation. */
  readonly summary: string
  /** Whom it is about: one agent, or the room in which all of them run. */
  readonly of: 'agent' | 'room'
  /** `budget` is written `--budget`; null where a flag makes no sense. */
  readonly flag: string | null
  /** The environment variable, or null. */
  readonly variable: string | null
  /** In which files it may stand. */
  readonly files: readonly SettingsFileKind[]
}

const EVERY_FILE = ['agent file', 'user settings'] as const
const AGENT_FILE = ['agent file'] as const
const USER_SETTINGS = ['user settings'] as const

function setting<T>(entry: Setting<T>): Setting<T> {
  return entry
}

/** Every setting there is. Flags, variables, file keys, help and `config --explain` are derived from this table. */
export const SETTINGS = {
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
  verbose: setting({
    kind: onOrOff,
    fallback: false,
    summary: 'Shows DEBUG lines too.',
    of: 'room',
    flag: 'verbose',
    variable: 'IRON_CAGE_VERBOSE',
    files: USER_SETTINGS,
  }),
  log_level: setting({
    kind: choice(['debug', 'info', 'warn', 'error']),
    fallback: 'info' as const,
    summary: 'The least severe log line that is written; --verbose means debug.',
    of: 'room',
    flag: 'log-level',
    variable: 'IRON_CAGE_LOG_LEVEL',
    files: USER_SETTINGS,
  }),
  log_format: setting({
    kind: choice(['text', 'json']),
    fallback: 'text' as const,
    summary: 'How log lines look on the terminal: for people, or one JSON object each.',
    of: 'room',
    flag: 'log-format',
    variable: 'IRON_CAGE_LOG_FORMAT',
    files: USER_SETTINGS,
  }),
  port: setting({
    kind: wholeNumber(0, 65_535),
    fallback: 7317,
    summary: 'The port of the browser host on 127.0.0.1; 0 takes any that is free.',
    of: 'room',
    flag: 'port',
    variable: 'IRON_CAGE_PORT',
    files: USER_SETTINGS,
  }),
  prices: setting<string | null>({
    kind: path('the path of a YAML or JSON file with prices'),
    fallback: null,
    summary: 'A file with prices of models, laid over those that come with the application.',
    of: 'room',
    flag: 'prices',
    variable: 'IRON_CAGE_PRICES',
    files: USER_SETTINGS,
  }),
  alert_email: setting<string | null>({
    kind: orNothing(mailAddress),
    fallback: null,
    summary: 'Who gets a mail when a budget is nearly or wholly used up.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_ALERT_EMAIL',
    files: USER_SETTINGS,
  }),
  alert_email_from: setting<string | null>({
    kind: orNothing(mailAddress),
    fallback: null,
    summary: 'From whom that mail comes; alert_email when left out.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_ALERT_EMAIL_FROM',
    files: USER_SETTINGS,
  }),
  smtp_server: setting<string | null>({
    kind: orNothing(smtpServer),
    fallback: null,
    summary: 'The mail server that takes those mails.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_SMTP_SERVER',
    files: USER_SETTINGS,
  }),
  smtp_user: setting<string | null>({
    kind: orReference(userName),
    fallback: null,
    summary: 'The user name at the mail server.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_SMTP_USER',
    files: USER_SETTINGS,
  }),
  smtp_password: setting<string | null>({
    kind: secretReference,
    fallback: null,
    summary: 'Where the password at the mail server lies.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_SMTP_PASSWORD',
    files: USER_SETTINGS,
  }),
  alert_webhook: setting<string | null>({
    kind: orReference(webhookUrl),
    fallback: null,
    summary: 'Where the same alerts are posted to, shaped as Slack takes them.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_ALERT_WEBHOOK',
    files: USER_SETTINGS,
  }),
  alert_webhook_secret: setting<string | null>({
    kind: secretReference,
    fallback: null,
    summary: 'Where the secret lies with which those posts are signed.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_ALERT_WEBHOOK_SECRET',
    files: USER_SETTINGS,
  }),
  alert_private_data: setting({
    kind: choice(['off', 'critical', 'all']),
    fallback: 'off' as const,
    summary: 'Whether those alerts also tell of findings of the safety audit; never what was found.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_ALERT_PRIVATE_DATA',
    files: USER_SETTINGS,
  }),
  originals_kept_for: setting({
    kind: wholeNumber(0, 3650),
    fallback: 30,
    summary: 'For how many days the encrypted originals of findings are kept; 0 keeps none.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_ORIGINALS_KEPT_FOR',
    files: USER_SETTINGS,
  }),
  upstream_failures: setting({
    kind: wholeNumber(1, 1_000),
    fallback: 5,
    summary: 'After how many failures in a row calls are kept away from a model provider.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_UPSTREAM_FAILURES',
    files: USER_SETTINGS,
  }),
  upstream_cooldown: setting({
    kind: duration,
    fallback: 60_000,
    summary: 'How long calls are kept away from a model provider that fails, before one tries it again.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_UPSTREAM_COOLDOWN',
    files: USER_SETTINGS,
  }),
  upstream_probe: setting({
    kind: duration,
    fallback: 120_000,
    summary: 'How long the call that tries a model provider again may take until its answer begins.',
    of: 'room',
    flag: null,
    variable: 'IRON_CAGE_UPSTREAM_PROBE',
    files: USER_SETTINGS,
  }),
} as const satisfies Record<string, Setting<unknown>>

export type SettingKey = keyof typeof SETTINGS
export type SettingValue<K extends SettingKey> = (typeof SETTINGS)[K] extends Setting<infer T> ? T : never
export type SettingValues = { -readonly [K in SettingKey]: SettingValue<K> }

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[]

export function settingOf(key: SettingKey): Setting<unknown> {
  return SETTINGS[key] as Setting<unknown>
}

/** The settings of the room itself. */
export const ROOM_KEYS = [
  'verbose',
  'log_level',
  'log_format',
  'port',
  'prices',
  'alert_email',
  'alert_email_from',
  'smtp_server',
  'smtp_user',
  'smtp_password',
  'alert_webhook',
  'alert_webhook_secret',
  'alert_private_data',
  'originals_kept_for',
  'upstream_failures',
  'upstream_cooldown',
  'upstream_probe',
] as const satisfies readonly SettingKey[]
export type RoomValues = Pick<SettingValues, (typeof ROOM_KEYS)[number]>

export function roomValues(values: SettingValues): RoomValues {
  return Object.fromEntries(ROOM_KEYS.map((key) => [key, values[key]])) as RoomValues
}

/** The variables of the environment that hold secrets of the room: no agent gets them. */
export function secretVariables({ smtp_user, smtp_password, alert_webhook, alert_webhook_secret }: RoomValues): string[] {
  return [smtp_user, smtp_password, alert_webhook, alert_webhook_secret].flatMap((setting) => referredVariable(setting) ?? [])
}
