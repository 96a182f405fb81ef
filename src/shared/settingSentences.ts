import type { SettingLayer, SettingView, TakesEffect } from './contract/settings.ts'
import type { JsonValue } from './errors.ts'

/** The value of a setting in one line, for people. */
export function showSetting(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : value.map(showSetting).join(', ')
  if (typeof value !== 'object') return String(value)
  const parts = Object.entries(value).map(([name, one]) => `${name} ${showSetting(one)}`)
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

const EFFECT_WORDS: Readonly<Record<TakesEffect, string>> = {
  'at once': 'It holds at once.',
  'next start': 'It holds for agents from their next start.',
  'room restart': 'It holds when the room is started again.',
}

/** When a change is felt. */
export const tellEffect = ({ takesEffect }: Pick<SettingView, 'takesEffect'>): string => EFFECT_WORDS[takesEffect]

/** Who says it: `IRON_CAGE_BUDGET`, `settings.yaml`; null where nobody does. */
export function tellOrigin({ origin, source }: SettingLayer): string | null {
  if (origin === 'default') return null
  if (origin === 'user settings') return 'settings.yaml'
  return source ?? origin
}

/** What outranks the file, as a sentence; null where the file has its way. */
export function tellOutranked({ layers }: Pick<SettingView, 'layers'>): string | null {
  const own = layers.findIndex(({ origin }) => origin === 'user settings')
  const [first] = layers
  if (own <= 0 || !first) return null
  return `${tellOrigin(first)} says ${showSetting(first.value)}, and goes before the file.`
}

/** What the room still goes by, as a sentence; null where it goes by what holds. */
export function tellInUse({ inUse }: Pick<SettingView, 'inUse'>): string | null {
  return inUse === undefined ? null : `In use is ${showSetting(inUse)}, until the room is started again.`
}
