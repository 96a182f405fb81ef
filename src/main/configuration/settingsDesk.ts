import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { SettingChange, Settings, SettingView } from '../../shared/contract/settings.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { Random } from '../ports.ts'
import { settingsPath } from './dataFolder.ts'
import { editSettingsText } from './editSettingsText.ts'
import type { LaunchPlanner } from './launchPlanner.ts'
import { checkUserSetting, userSettingKey, type FlagValues, type Layer } from './layers.ts'
import { referredVariable } from './secretReference.ts'
import { ROOM_KEYS, SETTING_KEYS, settingOf, type RoomValues, type SettingKey } from './settings.ts'
import { LARGEST_SETTINGS_BYTES, parseSettings, readSettingsText } from './settingsFile.ts'
import { writeSettingsText } from './writeSettingsText.ts'

export interface SettingsDeskOptions {
  readonly dataFolder: string
  readonly planner: Pick<LaunchPlanner, 'room' | 'layers'>
  /** With which the room was opened; they outrank the file. */
  readonly flags?: FlagValues
  readonly random: Random
  /** What the room goes by at this moment. */
  readonly inUse: () => RoomValues
  /** Throws for what cannot hold; what it gives makes it hold. */
  readonly prepare: (values: RoomValues) => Promise<() => Promise<void>>
  readonly announce: (keys: readonly string[], actor: string) => Promise<unknown>
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** The user settings, as a room that runs reads and writes them. */
export interface SettingsDesk {
  list(): Promise<Settings>
  /** Why a value for a setting is none; null where it is one. */
  check(change: SettingChange): Promise<string | null>
  /** All of them or none. One after the other is for who calls it: each starts from what the one before has left. */
  change(changes: readonly SettingChange[], revision: string | undefined, actor: string): Promise<Settings>
}

const EDITABLE = SETTING_KEYS.filter((key) => settingOf(key).files.includes('user settings'))

export function createSettingsDesk(options: SettingsDeskOptions): SettingsDesk {
  const { dataFolder, planner, flags, random, inUse, prepare, announce, onDefect } = options
  const file = settingsPath(dataFolder)

  async function list(): Promise<Settings> {
    const revision = revisionOf(await readSettingsText(file))
    const layers = await planner.layers(flags)
    const { values } = await planner.room(flags)
    const used = inUse()
    const isPending = (key: SettingKey): boolean => isRoomKey(key) && !isDeepStrictEqual(used[key], values[key])
    const settings = EDITABLE.map((key) => ({ ...viewOf(key, layers), ...(isPending(key) && { inUse: settingOf(key).kind.show(used[key as keyof RoomValues]) }) }))
    return { settings, file, revision }
  }

  /** What the file would hold, and how to make it hold; throws what is wrong with it. */
  async function plan(text: string | null, changes: readonly SettingChange[]): Promise<{ text: string; apply: () => Promise<void> }> {
    // What is no YAML cannot be edited.
    parseSettings(file, text ?? '')
    const edited = editSettingsText(text ?? '', new Map(changes.map((change) => [userSettingKey(change.key), writtenIn(change)])))
    if (Buffer.byteLength(edited) > LARGEST_SETTINGS_BYTES) throw new AppError('TOO_LARGE', `${file} would be too large; a settings file has 1 MB at most.`)
    const { values } = await planner.room(flags, edited)
    return { text: edited, apply: await prepare(values) }
  }

  async function change(changes: readonly SettingChange[], revision: string | undefined, actor: string): Promise<Settings> {
    const before = await readSettingsText(file)
    if (revision !== undefined && revision !== revisionOf(before)) throw new AppError('CONFLICT', `${file} has changed meanwhile; look at it again.`)
    const { text, apply } = await plan(before, changes)
    if (text !== before) await writeSettingsText(file, text, random.hex(4))
    // It stands in the file by now: what does not take it up does so when the room opens again.
    await apply().catch((defect: unknown) => onDefect(defect, 'taking up settings'))
    await announce([...new Set(changes.map(({ key }) => key))], actor)
    return list()
  }

  return {
    list,
    async check(asked) {
      try {
        await plan(await readSettingsText(file), [asked])
        return null
      } catch (problem) {
        if (problem instanceof AppError) return problem.message
        throw problem
      }
    },
    change,
  }
}

/** As it goes into the file; undefined where it is taken out. Throws, with its key, for what the schema does not take. */
function writtenIn({ key, value }: SettingChange): JsonValue | undefined {
  if (value === undefined) return undefined
  const { kind } = settingOf(userSettingKey(key))
  const given = (typeof value === 'string' ? kind.fromText(value) : value) as JsonValue
  try {
    const read = checkUserSetting(key, given)
    const plain = typeof given === 'string' && /^\d+(\.\d+)?$/.test(given) ? kind.schema.safeParse(Number(given)) : null
    // 50 rather than "50", where it means the same.
    return plain?.success && isDeepStrictEqual(plain.data, read) ? Number(given) : given
  } catch (problem) {
    if (problem instanceof AppError) throw new AppError(problem.code, problem.message, { key })
    throw problem
  }
}

function viewOf(key: SettingKey, layers: readonly Layer[]): SettingView {
  const { kind, fallback, summary, of, needsRestart } = settingOf(key)
  const said = layers.flatMap(({ origin, said: values }) => {
    const found = values.get(key)
    return found ? [{ origin, source: found.source, raw: found.value }] : []
  })
  const own = said.find(({ origin }) => origin === 'user settings')
  return {
    key,
    summary,
    allowed: kind.allowed,
    form: kind.form ?? { kind: 'text' },
    isOptional: fallback === null,
    takesEffect: of === 'agent' ? 'next start' : needsRestart ? 'room restart' : 'at once',
    layers: [...said.map(({ origin, source, raw }) => ({ origin, source, value: kind.show(raw) })), { origin: 'default', source: null, value: kind.show(fallback) }],
    isMasked: kind.isMasked === true && typeof own?.raw === 'string' && referredVariable(own.raw) === null,
  }
}

const isRoomKey = (key: SettingKey): key is keyof RoomValues => (ROOM_KEYS as readonly string[]).includes(key)

function revisionOf(text: string | null): string {
  return text === null ? 'none' : createHash('sha256').update(text).digest('hex').slice(0, 16)
}
