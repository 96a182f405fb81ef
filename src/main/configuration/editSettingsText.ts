import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, parseDocument, stringify, type Document, type Pair, type ParsedNode } from 'yaml'
import type { JsonValue } from '../../shared/errors.ts'

/** What is to stand in the file from now on; undefined takes it out. */
export type SettingChanges = ReadonlyMap<string, JsonValue | undefined>

type WrittenPair = Pair<ParsedNode, ParsedNode | null>

/** The same text with other values: remarks, order and the spelling of everything else stay as somebody wrote them. */
export function editSettingsText(text: string, changes: SettingChanges): string {
  const wanted = { ...valuesOf(text) }
  for (const [key, value] of changes) {
    if (value === undefined) delete wanted[key]
    else wanted[key] = value
  }
  let edited = text
  for (const [key, value] of changes) edited = withOne(edited, key, value)
  // What is written in an unusual way is laid out anew rather than damaged.
  return isDeepStrictEqual(safeValuesOf(edited), wanted) ? edited : laidOutAnew(text, changes)
}

function withOne(text: string, key: string, value: JsonValue | undefined): string {
  const document = parseDocument(text)
  const pair = pairOf(document, key)
  const start = pair?.key.range?.[0]
  if (pair === null || start === undefined) return value === undefined ? text : `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${lineOf(key, value)}`
  const end = pair.value?.range?.[1] ?? pair.key.range?.[1] ?? start
  if (value !== undefined) {
    const written = lineOf(key, value).trimEnd()
    const rest = text.slice(end)
    // A text of several lines ends with its line; whatever follows begins on the next.
    return `${text.slice(0, start)}${written}${text[end - 1] === '\n' ? '\n' : ''}${rest}`
  }
  const line = text[end - 1] === '\n' ? end : text.indexOf('\n', end) + 1
  return `${text.slice(0, start)}${line === 0 ? '' : text.slice(line)}`
}

function lineOf(key: string, value: JsonValue): string {
  return stringify({ [key]: value }, { lineWidth: 0 })
}

function pairOf(document: Document.Parsed, key: string): WrittenPair | null {
  if (!isMap(document.contents)) return null
  const found = document.contents.items.find((one) => isScalar(one.key) && one.key.value === key)
  return (found as WrittenPair | undefined) ?? null
}

function laidOutAnew(text: string, changes: SettingChanges): string {
  const document = parseDocument(text)
  for (const [key, value] of changes) {
    if (value === undefined) document.delete(key)
    else document.set(key, document.createNode(value))
  }
  return document.toString({ lineWidth: 0 })
}

function valuesOf(text: string): Record<string, unknown> {
  return (parseDocument(text).toJS({ maxAliasCount: 100 }) ?? {}) as Record<string, unknown>
}

function safeValuesOf(text: string): unknown {
  const document = parseDocument(text)
  if (document.errors.length > 0 || document.warnings.length > 0) return null
  return document.toJS({ maxAliasCount: 100 }) ?? {}
}
