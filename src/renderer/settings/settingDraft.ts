import type { SettingChange, SettingView } from '../../shared/contract/settings.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { showSetting, tellOrigin } from '../../shared/settingSentences.ts'

/** What is to stand in the file; null is nothing at all, so that whatever else is said holds. */
export type Draft = Exclude<JsonValue, null> | null

/** What the file says, as far as it may be shown. */
export function fileValueOf({ layers }: SettingView): Draft {
  return layers.find(({ origin }) => origin === 'user settings')?.value ?? null
}

/** What stands in a field of text. What is shown of a masked one is no value: an empty field leaves it as it is. */
export function textOf(setting: SettingView, draft: Draft): string {
  if (draft === null || typeof draft === 'object' || (setting.isMasked && isSameDraft(draft, fileValueOf(setting)))) return ''
  return String(draft)
}

export function draftOfText(setting: SettingView, text: string): Draft {
  if (text.trim() !== '') return text
  return setting.isMasked ? fileValueOf(setting) : null
}

/** What holds when the file says nothing. */
export function otherwise({ layers }: SettingView): JsonValue {
  return layers.find(({ origin }) => origin !== 'user settings')?.value ?? null
}

/** The same in words, with who says it: `default: 60s`, `IRON_CAGE_ENV: staging`. */
export function tellOtherwise(setting: SettingView): string {
  const layer = setting.layers.find(({ origin }) => origin !== 'user settings')
  const who = (layer && tellOrigin(layer)) ?? 'default'
  return layer === undefined || layer.value === null ? 'not set' : `${who}: ${showSetting(layer.value)}`
}

export function toChange(key: string, draft: Draft): SettingChange {
  return draft === null ? { key } : { key, value: draft }
}

export function isSameDraft(one: Draft, other: Draft): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** A text a line; lines without any are none. */
export function linesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function asLines(value: JsonValue): string {
  return Array.isArray(value) ? value.map(String).join('\n') : ''
}

/** A table with one choice more, less or another one. */
export function withPair(value: Draft, name: string, choice: string): Draft {
  const pairs = { ...(isTable(value) ? value : {}) }
  if (choice === '') delete pairs[name]
  else pairs[name] = choice
  return Object.keys(pairs).length === 0 ? null : pairs
}

export function pairOf(value: JsonValue, name: string): string {
  const choice = isTable(value) && Object.hasOwn(value, name) ? value[name] : ''
  return typeof choice === 'string' ? choice : ''
}

const isTable = (value: JsonValue): value is { [key: string]: JsonValue } => typeof value === 'object' && value !== null && !Array.isArray(value)
