import { scanOften } from '../../safety/scan/knownClean.ts'
import { withEdits, type RequestJudge } from './requestJudge.ts'

/** They carry credentials, which are for the provider. */
const CREDENTIALS = new Set(['authorization', 'x-api-key', 'api-key', 'cookie'])
const PARTS = /([/?&=])/
/** A path of words alone, as all but those of models are. */
const FIXED = /^(?:\/v1)?[a-z/_]+$/
const ESCAPES = /%[0-9a-f]{2}|\+/i

/** Names and values in turn; the very same list where nothing is taken out. */
export function* lookThroughHeaders(list: readonly string[], judge: RequestJudge): Generator<void, readonly string[]> {
  let changed: string[] | null = null
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i]!
    const value = list[i + 1]!
    const inName = scanOften(judge.scanner, name)
    const inValue = CREDENTIALS.has(name.toLowerCase()) ? [] : scanOften(judge.scanner, value)
    if (inName.length === 0 && inValue.length === 0) {
      changed?.push(name, value)
      continue
    }
    changed ??= list.slice(0, i)
    const found = { direction: 'to-model', text: name, base: 0, matches: inName } as const
    const nameEdits = yield* judge.judge({ ...found, place: 'headers' })
    const place = inName.length > 0 ? 'headers' : `headers.${name.toLowerCase()}`
    const valueEdits = yield* judge.judge({ ...found, place, text: value, matches: inValue })
    // No marker is a name for a header: it goes.
    if (nameEdits.length === 0) changed.push(name, withEdits(value, valueEdits))
  }
  return changed ?? list
}

/** A path with its query: each part is decoded, and encoded anew only where something was taken out. */
export function* lookThroughPath(path: string, judge: RequestJudge): Generator<void, string> {
  if (FIXED.test(path)) return path
  const parts = path.split(PARTS)
  let isChanged = false
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1 || part === '') continue
    const text = ESCAPES.test(part) ? decodedPart(part) : part
    const matches = scanOften(judge.scanner, text)
    if (matches.length === 0) continue
    const edits = yield* judge.judge({ direction: 'to-model', place: 'path', text, base: 0, matches })
    if (edits.length === 0) continue
    isChanged = true
    parts[index] = encodeURIComponent(withEdits(text, edits))
  }
  return isChanged ? parts.join('') : path
}

function decodedPart(part: string): string {
  const spaced = part.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
