import { isPlaceholderKey } from '../../gateway/placeholderKey.ts'
import { entropy, LENIENT } from './randomness.ts'
import { isDull, stretchEnd, type Reading } from './reading.ts'

const LONGEST_VALUE = 256
const LONGEST_NAME = 32
const MOST_SPACES = 4

/** What a name ends with whose value is to stay private. */
const KEY_NAME =
  /(?:api|secret|access|private|account|signing|encryption|master|subscription|auth|openai|azure|anthropic|service|session|storage|shared)[-_. ]?key$|secret$|credentials?$|authorization$|(?:api|access|auth)[-_. ]?pat$/
const TOKEN_NAME = /token$/
const PASSWORD_NAME = /(?:password|passwd|passphrase|passcode|pwd)$|password is$|(?:db|user|smtp|redis|mysql|pg)[-_.]?pass$/
/** Tokens that are no keys: places in lists, and marks of tokenisers. */
const OTHER_TOKEN =
  /(?:page|next|continuation|continue|cursor|sync|resume|skip|sequence|start|max|min|per|input|output|prompt|completion|cached|stop|eos|bos|pad|unk|sep|cls|mask|special)[-_. ]?token$/

const NAME = 1
const LAST_OF_NAME = 2
const SPACE = 4
const BEFORE_SEPARATOR = 8
const CLOSING = 16
const ENDS_ANY = 32
const ENDS_BARE = 64
const ENDS_ARGUMENT = 128
const BRACKET = 256

/** What each ASCII character may be here. */
const ROLES = Uint16Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return (
    (/[A-Za-z0-9_. -]/.test(character) ? NAME : 0) |
    // The last letters of all of these names.
    (/[ytdensl]/i.test(character) ? LAST_OF_NAME : 0) |
    (' \t'.includes(character) ? SPACE : 0) |
    ('"\'`\\]'.includes(character) ? BEFORE_SEPARATOR : 0) |
    ('.,;:)]}'.includes(character) ? CLOSING : 0) |
    ('\\\n\r'.includes(character) ? ENDS_ANY : 0) |
    ('\\\n\r \t"\'`<>|;'.includes(character) ? ENDS_BARE : 0) |
    ('&,'.includes(character) ? ENDS_ARGUMENT : 0) |
    ('()[]{}'.includes(character) ? BRACKET : 0)
  )
})

function isOf(code: number, role: number): boolean {
  return code < 128 && ((ROLES[code] ?? 0) & role) !== 0
}

function has(text: string, at: number, role: number): boolean {
  return isOf(text.charCodeAt(at), role)
}

/** `name: value`, `"name": "value"`, `name = 'value'`, `name=value&`; `at` is the separator, or the space after a flag. */
export function readAssignment(text: string, at: number, reading: Reading): void {
  reading.end = -1
  reading.open = false
  let nameEnd = at
  // `:=` and `==` are read at their second character.
  const next = text[at + 1]
  if (next === '=' && text[at] !== ' ') return
  if (text[at] === '=' && (text[at - 1] === ':' || text[at - 1] === '=')) nameEnd--
  nameEnd = skippedBack(text, nameEnd, SPACE, MOST_SPACES)
  nameEnd = skippedBack(text, nameEnd, BEFORE_SEPARATOR, 4)
  if (!has(text, nameEnd - 1, LAST_OF_NAME)) return
  const nameStart = skippedBack(text, nameEnd, NAME, LONGEST_NAME)
  const name = text.slice(nameStart, nameEnd).toLowerCase()
  const isPassword = PASSWORD_NAME.test(name)
  // A closing tag.
  if (text[at] === '>' && text[nameStart - 1] === '/') return
  const isToken = !isPassword && TOKEN_NAME.test(name)
  if (!isPassword && !isToken && !KEY_NAME.test(name)) return
  if (isToken && OTHER_TOKEN.test(name)) return

  let start = at + 1
  if (text[at] === '=' && next === '>') start++
  start = skipped(text, start, SPACE, MOST_SPACES)
  const opening = OPENING_QUOTE.exec(text.slice(start, start + 4))
  if (opening !== null) start += opening[0].length
  const scheme = SCHEME.exec(text.slice(start, start + 8))
  if (scheme !== null) start += scheme[0].length
  if (start === text.length) return
  reading.start = start
  const stretch = opening === null ? unquotedEnd(text, start, text[at] ?? '', isPassword, reading) : quotedEnd(text, start, opening[0].at(-1) ?? '"')
  const end = Math.min(stretch, start + LONGEST_VALUE)
  const touchesEnd = end === text.length && end < start + LONGEST_VALUE
  let last = end
  if (opening === null) while (last > start && has(text, last - 1, CLOSING)) last--
  const judged = Math.min(last, start + JUDGED)
  const isDullSoFar = !isPassword && last - start >= SHORTEST_KEY && isDull(text, start, judged, stretch, LENIENT, reading)
  if (isDullSoFar && (!touchesEnd || last - start >= JUDGED)) return
  const value = text.slice(start, last)
  const isNever = value !== '' && isNoSecret(value, opening !== null)
  if (touchesEnd && !isNever) reading.open = true
  if (isNever) return
  if (isPassword ? isPasswordValue(value, name.endsWith(' is')) : !isDullSoFar && isKeyValue(value, isToken, opening !== null)) reading.end = last
}

const BARE = 1
const BARE_ARGUMENT = 2
const BARE_KEY = 3
const BARE_BEFORE_HOST = 250
const JUDGED = 64
const SHORTEST_KEY = 12
const OPENING_QUOTE = /^\\{0,3}["'`]/
const SCHEME = /^(?:bearer|basic|token|bot) {1,2}/i

/** Passwords may hold any sign; of keys and tokens a bracket is no part. */
function unquotedEnd(text: string, start: number, separator: string, isPassword: boolean, reading: Reading): number {
  if (separator !== '=' && isPassword) return stretchEnd(text, start, BARE, reading, (code) => !isOf(code, ENDS_BARE))
  // `https://access-token:key@host`
  if (separator !== '=') return stretchEnd(text, start, BARE_BEFORE_HOST, reading, (code) => !isOf(code, ENDS_BARE) && code !== 0x40)
  return isPassword
    ? stretchEnd(text, start, BARE_ARGUMENT, reading, (code) => !isOf(code, ENDS_BARE | ENDS_ARGUMENT))
    : stretchEnd(text, start, BARE_KEY, reading, (code) => !isOf(code, ENDS_BARE | ENDS_ARGUMENT | BRACKET))
}

function quotedEnd(text: string, start: number, quote: string): number {
  const limit = Math.min(text.length, start + LONGEST_VALUE)
  let end = start
  while (end < limit && text[end] !== quote && !has(text, end, ENDS_ANY | SPACE)) end++
  return end
}

/** What stands for a value that is somewhere else, or for none. Holds for its beginning as well as for all of it. */
function isNoSecret(value: string, isQuoted: boolean): boolean {
  if (/^(?:<|\$\{|\$\(|\$[A-Za-z_]|\{|\[|%\(|%[A-Za-z]|@|&|-----BEGIN|\/\^|data:|https?:|file:|your[-_]|process\.env|os\.|env\.)/i.test(value)) return true
  if (/\*\*\*|\.\.\.|…|•|x{5}|\bREDACTED/i.test(value)) return true
  if (isPlaceholderKey(value)) return true
  // A call or an index is a program's text.
  return !isQuoted && /^[A-Za-z_$][\w$.]*[([]/.test(value)
}

const PATH = /^(?:~|\.{1,2})?(?:\/[a-z0-9._-]+){2,}\/?$/
const LETTERS = /^[A-Za-z_$.]+$/
const LEAST_CAPITALS = 0.3
const DOTTED_NAMES = /^[A-Za-z_$][\w$]{0,40}(?:\.[A-Za-z_$][\w$]{0,24})+$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function isPasswordValue(value: string, isInSentence: boolean): boolean {
  if (value.length < 6 || DOTTED_NAMES.test(value) || PATH.test(value)) return false
  if (/^(.)\1*$/.test(value)) return false
  if (/\d/.test(value)) return true
  // `password: wrong!`
  return !isInSentence && /[A-Za-z]/.test(value) && /[!@#$%^&*+=?~]./.test(value)
}

function isKeyValue(value: string, isToken: boolean, isQuoted: boolean): boolean {
  if (value.length < SHORTEST_KEY || DOTTED_NAMES.test(value) || PATH.test(value)) return false
  if (isToken && UUID.test(value)) return false
  // `apiKey: azureADTokenProvider` is a program's text.
  if (!isQuoted && LETTERS.test(value) && value.replace(/[^A-Z]/g, '').length < value.length * LEAST_CAPITALS) return false
  return entropy(value) >= 2.8
}

function skipped(text: string, from: number, role: number, most: number): number {
  let at = from
  while (at - from < most && has(text, at, role)) at++
  return at
}

function skippedBack(text: string, from: number, role: number, most: number): number {
  let at = from
  while (at > 0 && from - at < most && has(text, at - 1, role)) at--
  return at
}
