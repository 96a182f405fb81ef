import { dirname } from 'node:path'
import type { Origin } from '../../shared/contract/launch.ts'
import { AppError, type ErrorCode } from '../../shared/errors.ts'
import type { Kind } from './kinds.ts'
import { editDistance, nearest } from './nearest.ts'
import { refusal } from './refusal.ts'
import type { Setting, SettingsFileKind } from './setting.ts'
import { SETTING_KEYS, settingOf, type SettingKey } from './settings.ts'
import type { SettingsFile } from './settingsFile.ts'

/** A value that has passed its check, with where it came from. */
export interface Said {
  readonly value: unknown
  readonly source: string
  /** How an error's sentence begins: `--budget`, `/x/iron_cage.yaml, line 3: budget`. */
  readonly subject: string
  /** The folder of the file that said it: relative paths start there. */
  readonly folder: string | null
}

/** What one source says about the settings. */
export interface Layer {
  readonly origin: Origin
  readonly said: ReadonlyMap<SettingKey, Said>
}

/** Flags as the command line found them: raw text, or true for a switch. */
export type FlagValues = { readonly [K in SettingKey]?: string | readonly string[] | boolean }

/** What of the environment is known besides the settings; a near miss of one of these is no mistake. */
const OTHER_VARIABLES = [
  'IRON_CAGE_HOME',
  'IRON_CAGE_AGENT_ID',
  'IRON_CAGE_RUN_TOKEN',
  'IRON_CAGE_URL',
  'IRON_CAGE_BRIDGE',
  'IRON_CAGE_HOST',
  'IRON_CAGE_NO_WINDOW_REASON',
  'IRON_CAGE_KEYCHAIN',
]

export function flagLayer(flags: FlagValues): Layer {
  const said = new Map<SettingKey, Said>()
  for (const key of SETTING_KEYS) {
    const given = flags[key]
    if (given === undefined) continue
    const setting = settingOf(key)
    const subject = setting.flag === null ? key : `--${setting.flag}`
    said.set(key, { value: readFlag(setting, given, subject), source: subject, subject, folder: null })
  }
  return { origin: 'flag', said }
}

function readFlag({ kind }: Setting<unknown>, given: string | readonly string[] | boolean, subject: string): unknown {
  if (typeof given === 'boolean') return checked(kind, given, subject)
  if (typeof given === 'string') return checked(kind, kind.fromText(given), subject, given)
  const parts = given.map((text) => {
    const part = kind.fromText(text)
    for (const [one, written] of Array.isArray(part) ? part.map((item: unknown) => [[item], item]) : [[part, text]]) {
      if (kind.schema.safeParse(one).success) continue
      const isConcealed = kind.conceals?.(written) ?? false
      // Which of several flags it is its name tells, where there is one.
      const name = isConcealed && typeof one === 'object' ? ` ${Object.keys(one ?? {}).join()}` : ''
      throw refusal({ subject: `${subject}${name}`, given: written, allowed: kind.allowed, isConcealed })
    }
    return part
  })
  return checked(kind, parts.every(Array.isArray) ? parts.flat() : Object.assign({}, ...parts), subject)
}

/** What somebody asked for at one launch, by card or by API: it outranks like a flag. */
export function requestLayer(values: { readonly [K in SettingKey]?: unknown }): Layer {
  const said = new Map<SettingKey, Said>()
  for (const key of SETTING_KEYS) {
    if (values[key] === undefined) continue
    const value = checked(settingOf(key).kind, values[key], key, null, 'INVALID_INPUT')
    said.set(key, { value, source: 'this launch', subject: key, folder: null })
  }
  return { origin: 'flag', said }
}

/** One value for the user settings; what is thrown says why it is none. */
export function checkUserSetting(key: string, given: unknown): unknown {
  return checked(settingOf(userSettingKey(key)).kind, given, key, null, 'INVALID_INPUT')
}

/** Throws, with what was probably meant, for what does not stand in the user settings. */
export function userSettingKey(key: string): SettingKey {
  const known = SETTING_KEYS.find((one) => one === key)
  if (!known) throw unknownKey('settings.yaml', key, 'user settings')
  if (!settingOf(known).files.includes('user settings')) throw wrongFile('settings.yaml', known, 'user settings')
  return known
}

export function environmentLayer(environment: Readonly<Record<string, string | undefined>>): Layer {
  const said = new Map<SettingKey, Said>()
  const known = new Set(OTHER_VARIABLES)
  for (const key of SETTING_KEYS) {
    const { variable, kind } = settingOf(key)
    if (variable === null) continue
    known.add(variable)
    const given = environment[variable]
    if (given === undefined) continue
    said.set(key, { value: checked(kind, kind.fromText(given), variable, given), source: variable, subject: variable, folder: null })
  }
  refuseMistypedVariables(environment, [...known])
  return { origin: 'environment', said }
}

/** A budget in IRON_CAGE_BUGDET would be no budget at all; what is further away than a slip of the finger is not ours to judge. */
function refuseMistypedVariables(environment: Readonly<Record<string, string | undefined>>, known: readonly string[]): void {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('IRON_CAGE_') || known.includes(name)) continue
    const meant = known.find((one) => editDistance(name, one) === 1)
    if (meant) throw new AppError('INVALID_CONFIGURATION', `The environment has ${name}, which means nothing here; did you mean ${meant}?`)
  }
}

export function fileLayer(file: SettingsFile, origin: SettingsFileKind): Layer {
  const said = new Map<SettingKey, Said>()
  for (const [key, given] of Object.entries(file.values)) {
    const place = placeOf(file, key)
    const known = SETTING_KEYS.find((one) => one === key)
    if (!known) throw unknownKey(place, key, origin)
    const { kind, files } = settingOf(known)
    if (!files.includes(origin)) throw wrongFile(place, known, origin)
    const subject = `${place}: ${key}`
    said.set(known, { value: checked(kind, given, subject), source: file.path, subject, folder: dirname(file.path) })
  }
  return { origin, said }
}

function placeOf(file: SettingsFile, key: string): string {
  const line = file.lineOf(key)
  return line === null ? file.path : `${file.path}, line ${line}`
}

function unknownKey(place: string, key: string, origin: SettingsFileKind): AppError {
  const allowed = SETTING_KEYS.filter((one) => settingOf(one).files.includes(origin))
  const meant = nearest(key, allowed)
  const help = meant ? `did you mean ${meant}?` : `allowed are ${allowed.join(', ')}.`
  return new AppError('INVALID_CONFIGURATION', `${place}: there is no setting "${key.slice(0, 60)}"; ${help}`)
}

function wrongFile(place: string, key: SettingKey, origin: SettingsFileKind): AppError {
  const home = origin === 'agent file' ? 'is about the whole room and belongs into settings.yaml' : 'is about one agent and belongs into its iron_cage.yaml'
  return new AppError('INVALID_CONFIGURATION', `${place}: ${key} ${home}.`)
}

function checked(kind: Kind<unknown>, given: unknown, subject: string, text: string | null = null, code?: ErrorCode): unknown {
  const result = kind.schema.safeParse(given)
  if (result.success) return result.data
  const hint = text === null ? null : (kind.shellHint?.(text) ?? null)
  const issue = result.error.issues[0]
  // A name that is not known is the culprit itself, not the object around it.
  const inside = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])]
  const culprit = inside.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)?.[step], given)
  const place = [subject, ...inside.map(String)].join('.')
  const wrong = inside.length > 0 ? culprit : (text ?? culprit)
  throw refusal({ subject: place, given: wrong, allowed: kind.allowedAt?.(inside) ?? kind.allowed, hint, code, isConcealed: kind.conceals?.(wrong) ?? false })
}
