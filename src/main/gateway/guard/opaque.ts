import type { Segment } from '../../safety/json/jsonPath.ts'
import { scanOften } from '../../safety/scan/knownClean.ts'
import type { Match, Scanner } from '../../safety/scan/scanner.ts'
import type { JsonLiteral } from './eventStrings.ts'

const ID = /(?:^|_)id$|^(?:system_)?fingerprint$|^obfuscation$/
/** Begins with letters, as no number of anybody does. */
const ID_SHAPE = /^[A-Za-z]{2,16}[_-][A-Za-z0-9_-]{6,160}$|^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const ENCODED = /^(?:signature|data|encrypted_content|b64_json|partial_image_b64|embedding|result|delta)$/
const ENCODED_SHAPE = /^[A-Za-z0-9+/_-]{200,}={0,2}$/

/** Ids and encoded bytes: numbers that show up in them by chance are nobody's. Secrets are looked for all the same. */
export function isOpaque(scanner: Scanner, { segments, isKey, text }: JsonLiteral): boolean {
  if (isKey || !hasOpaqueShape(segments, text)) return false
  return !scanOften(scanner, text).some((match) => !isOpaqueMatch(segments, text, match))
}

export function isOpaqueMatch(segments: readonly Segment[], text: string, { type }: Match): boolean {
  const name = nameOf(segments)
  return isEncoded(name, text) ? type !== 'secret' : isId(name, text) && type !== 'secret' && type !== 'api-key'
}

const nameOf = (segments: readonly Segment[]): string => String(segments.findLast((segment) => typeof segment === 'string') ?? '')
const isEncoded = (name: string, text: string): boolean => ENCODED.test(name) && ENCODED_SHAPE.test(text)
const isId = (name: string, text: string): boolean => ID.test(name) && ID_SHAPE.test(text)

function hasOpaqueShape(segments: readonly Segment[], text: string): boolean {
  const name = nameOf(segments)
  return isEncoded(name, text) || isId(name, text)
}
