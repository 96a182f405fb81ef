/** What stands for a plain character, and how it is read. */

const ESCAPE = 0x1b

const SPACES_AROUND = 4
const SPACES_WITHIN = 2

const INVISIBLE = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]/
const WIDE_OR_SMALL = /[\uff01-\uff5e\ufe50-\ufe6b]/
const DIGIT = /\p{Nd}/u
const SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/
const DOT = /[\u2024\u3002\uff61]/
const HYPHEN = /[\u2010-\u2012\u2043\u2212]/
/** They part words too, so they are a hyphen only after a digit or a closing parenthesis. */
const LONG_DASH = /[\u2013-\u2015]/

const UNKNOWN = 0
/** Stands for nothing. */
export const GONE = 1
/** A hyphen after a digit or a closing parenthesis, else itself. */
export const DASH = 2
export const FIRST_OF_PAIR = 3

/** What a character beyond ASCII stands for, filled as they come. */
const folds = new Uint16Array(0x10000)

/** What a character stands for: itself, a plain one, or one of the three above. */
export function foldOf(code: number): number {
  if (code < 0x80) return code
  const known = folds[code]!
  return known === UNKNOWN ? (folds[code] = judgeCharacter(code)) : known
}

function judgeCharacter(code: number): number {
  if (code >= 0xd800 && code <= 0xdbff) return FIRST_OF_PAIR
  const character = String.fromCharCode(code)
  if (INVISIBLE.test(character)) return GONE
  if (SPACE.test(character)) return 0x20
  if (DOT.test(character)) return 0x2e
  if (HYPHEN.test(character)) return 0x2d
  if (LONG_DASH.test(character)) return DASH
  if (WIDE_OR_SMALL.test(character)) {
    const plain = character.normalize('NFKC').charCodeAt(0)
    return plain < 0x80 ? plain : code
  }
  if (!DIGIT.test(character)) return code
  // Decimal digits stand in blocks of ten, beginning with their nought.
  let nought = code
  while (DIGIT.test(String.fromCharCode(nought - 1))) nought--
  return 0x30 + ((code - nought) % 10)
}

/** A full stop of Chinese and Japanese, which is a dot in a host's name. */
export const isIdeographicStop = (code: number): boolean => code === 0x3002 || code === 0xff61

/** What a pair of surrogates stands for; 0 for itself. */
export function foldPair(first: number, second: number): number {
  const point = ((first - 0xd800) << 10) + (second - 0xdc00) + 0x10000
  if (point >= 0xe0000 && point <= 0xe01ef) return GONE
  if (point < 0x1d400 || point > 0x1d7ff) return UNKNOWN
  const plain = String.fromCodePoint(point).normalize('NFKC').charCodeAt(0)
  return plain < 0x80 ? plain : UNKNOWN
}

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isAsciiLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a

function hexDigit(code: number): number {
  if (isDigit(code)) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** ASCII characters with which a disguise may begin. */
export const BEGINNINGS = new Uint8Array(0x80)
for (const character of ' ([{<%&\\\u001b') BEGINNINGS[character.charCodeAt(0)] = 1

const CLOSING: Readonly<Record<number, number>> = { 0x28: 0x29, 0x5b: 0x5d, 0x7b: 0x7d, 0x3c: 0x3e }

const ENTITIES: Readonly<Record<string, number>> = {
  commat: 0x40,
  period: 0x2e,
  nbsp: 0x20,
  hyphen: 0x2d,
  dash: 0x2d,
  ndash: 0x2d,
  plus: 0x2b,
  lowbar: 0x5f,
  lpar: 0x28,
  rpar: 0x29,
  colon: 0x3a,
  shy: GONE,
  zwj: GONE,
  zwnj: GONE,
}
const LONGEST_ENTITY = 6
const LONGEST_CONTROL = 24

export const NO_DISGUISE = 0
export const TOO_SHORT_TO_TELL = -1

/** Length and meaning in one number, so that no object is made for each. */
const meaning = (length: number, code: number): number => (length << 16) | code
export const lengthOf = (disguise: number): number => disguise >>> 16
export const codeOf = (disguise: number): number => disguise & 0xffff

/** What may follow each of the beginnings; what is beyond ASCII may be anything. */
const MAY_FOLLOW: Readonly<Record<number, RegExp>> = { 0x25: /[0-9a-f]/i, 0x26: /[#a-z]/i, 0x5c: /[nrtux0e]/, 0x1b: /\[/ }
const followers = Array.from({ length: 0x80 }, (_, begin) =>
  Uint8Array.from({ length: 0x80 }, (_, code) => Number((MAY_FOLLOW[begin] ?? /[ @.ad]/i).test(String.fromCharCode(code)))),
)

/** Whether it need not be looked at any closer: most brackets and per cent signs are only that. */
export function isMerely(begin: number, text: string, next: number): boolean {
  if (next >= text.length || begin === 0x20) return false
  const code = text.charCodeAt(next)
  return code < 0x80 && followers[begin]![code] === 0
}

/**
 * The disguise that begins at `from`, for `lengthOf` and `codeOf`; else one of the two above. `begin` is the character there, folded.
 * Looks ahead some thirty characters at most.
 */
export function readDisguise(text: string, from: number, begin: number, isLast: boolean): number {
  const read = READERS[begin] ?? readBrackets
  const disguise = read(text, from, isLast)
  return disguise === TOO_SHORT_TO_TELL && isLast ? NO_DISGUISE : disguise
}

/** A character by its number; what is no text stays as it is written. */
function byNumber(code: number, length: number): number {
  const isText = code >= 0x20 ? code !== 0x7f && code <= 0xffff && (code < 0xd800 || code >= 0xe000) : code === 0x09 || code === 0x0a || code === 0x0d
  if (!isText) return NO_DISGUISE
  const folded = foldOf(code)
  return meaning(length, folded === DASH ? 0x2d : folded)
}

/** `%40`, and `%2540` that was encoded twice. */
function readPercent(text: string, from: number): number {
  let at = from + 1
  for (let times = 0; times < 3 && text.charCodeAt(at) === 0x32 && text.charCodeAt(at + 1) === 0x35; times++) at += 2
  if (at >= text.length) return TOO_SHORT_TO_TELL
  const high = hexDigit(text.charCodeAt(at))
  if (high < 0 || high > 7) return NO_DISGUISE
  if (at + 1 >= text.length) return TOO_SHORT_TO_TELL
  const low = hexDigit(text.charCodeAt(at + 1))
  return low < 0 ? NO_DISGUISE : byNumber(high * 16 + low, at + 2 - from)
}

/** `&#64;`, `&#x40;`, `&commat;`, also behind `&amp;`. */
function readEntity(text: string, from: number, isLast: boolean): number {
  let at = from + 1
  for (let times = 0; times < 2 && text.startsWith('amp;', at); times++) at += 4
  if (at >= text.length) return TOO_SHORT_TO_TELL
  if (text.charCodeAt(at) !== 0x23) return readNamed(text, from, at)
  at++
  const isHex = (text.charCodeAt(at) | 0x20) === 0x78
  if (isHex) at++
  const first = at
  let code = 0
  while (at < text.length && at - first < 7) {
    const digit = hexDigit(text.charCodeAt(at))
    if (digit < 0 || (!isHex && digit > 9)) break
    code = code * (isHex ? 16 : 10) + digit
    at++
  }
  if (at >= text.length && !isLast) return TOO_SHORT_TO_TELL
  if (at === first) return NO_DISGUISE
  return byNumber(code, at - from + (text.charCodeAt(at) === 0x3b ? 1 : 0))
}

function readNamed(text: string, from: number, first: number): number {
  let at = first
  while (at < text.length && at - first <= LONGEST_ENTITY && isAsciiLetter(text.charCodeAt(at))) at++
  if (at >= text.length) return TOO_SHORT_TO_TELL
  if (text.charCodeAt(at) !== 0x3b) return NO_DISGUISE
  const code = ENTITIES[text.slice(first, at).toLowerCase()]
  return code === undefined ? NO_DISGUISE : meaning(at + 1 - from, code)
}

/** Colours within or before a word are nothing, and what moves the cursor parts words. `from` to `at` is the escape, however it is written. */
function readControl(text: string, from: number, at: number): number {
  if (at >= text.length) return TOO_SHORT_TO_TELL
  if (text.charCodeAt(at) !== 0x5b) return NO_DISGUISE
  for (let next = at + 1; next - at < LONGEST_CONTROL; next++) {
    if (next >= text.length) return TOO_SHORT_TO_TELL
    const code = text.charCodeAt(next)
    if (code >= 0x20 && code <= 0x3f) continue
    return code < 0x40 || code > 0x7e ? NO_DISGUISE : meaning(next + 1 - from, code === 0x6d || code === 0x4b ? GONE : 0x20)
  }
  return NO_DISGUISE
}

/** `\u0040`, `\u{40}`, `\x40`; and `\n`, `\r`, `\t` of JSON within JSON, whose letter belongs to no word. */
function readEscape(text: string, from: number): number {
  if (from + 1 >= text.length) return TOO_SHORT_TO_TELL
  const kind = text.charCodeAt(from + 1)
  if (kind === 0x6e || kind === 0x72 || kind === 0x74) return meaning(2, 0x0a)
  if (kind === 0x65) return readControl(text, from, from + 2)
  if (kind === 0x30) return readOctal(text, from)
  if (kind !== 0x75 && kind !== 0x78) return NO_DISGUISE
  if (from + 2 >= text.length) return TOO_SHORT_TO_TELL
  const isBraced = kind === 0x75 && text.charCodeAt(from + 2) === 0x7b
  const first = from + (isBraced ? 3 : 2)
  const most = isBraced ? 6 : kind === 0x75 ? 4 : 2
  let code = 0
  let at = first
  for (; at < first + most; at++) {
    if (at >= text.length) return TOO_SHORT_TO_TELL
    const digit = hexDigit(text.charCodeAt(at))
    if (digit < 0) break
    code = code * 16 + digit
  }
  if (!isBraced) return at - first < most ? NO_DISGUISE : escaped(text, from, at, code)
  if (at >= text.length) return TOO_SHORT_TO_TELL
  return at === first || text.charCodeAt(at) !== 0x7d ? NO_DISGUISE : escaped(text, from, at + 1, code)
}

const escaped = (text: string, from: number, end: number, code: number): number =>
  code === ESCAPE ? readControl(text, from, end) : byNumber(code, end - from)

/** `\033`, as shells write the escape. */
function readOctal(text: string, from: number): number {
  for (const [index, digit] of [0x33, 0x33].entries()) {
    if (from + 2 + index >= text.length) return TOO_SHORT_TO_TELL
    if (text.charCodeAt(from + 2 + index) !== digit) return NO_DISGUISE
  }
  return readControl(text, from, from + 4)
}

const READERS: Readonly<Record<number, (text: string, from: number, isLast: boolean) => number>> = {
  0x25: readPercent,
  0x26: readEntity,
  0x5c: readEscape,
  [ESCAPE]: (text, from) => readControl(text, from, from + 1),
}

/** What a space or a bracket is that stands at the beginning of ` [at] `. */
export const isOpening = (code: number): boolean => code === 0x20 || CLOSING[code] !== undefined

/** Where the spaces begin that stand before `at` and may belong to a bracket there. */
export function beforeSpaces(text: string, at: number, floor: number): number {
  let begin = at
  while (begin > floor && at - begin < SPACES_AROUND && text.charCodeAt(begin - 1) === 0x20) begin--
  return begin
}

function skipSpaces(text: string, from: number, most: number): number {
  let at = from
  while (at < text.length && at - from < most && foldOf(text.charCodeAt(at)) === 0x20) at++
  return at
}

/** ` [at] `, `(dot)`, `{.}`, with the spaces around it. */
function readBrackets(text: string, from: number, isLast: boolean): number {
  let at = skipSpaces(text, from, SPACES_AROUND)
  if (at >= text.length) return TOO_SHORT_TO_TELL
  const closing = CLOSING[foldOf(text.charCodeAt(at))]
  if (closing === undefined) return NO_DISGUISE
  at = skipSpaces(text, at + 1, SPACES_WITHIN)
  if (at >= text.length) return TOO_SHORT_TO_TELL
  const first = foldOf(text.charCodeAt(at))
  const isAt = first === 0x40 || (first | 0x20) === 0x61
  const rest = first === 0x40 || first === 0x2e ? '' : isAt ? 't' : (first | 0x20) === 0x64 ? 'ot' : null
  if (rest === null) return NO_DISGUISE
  at++
  for (let index = 0; index < rest.length; index++, at++) {
    if (at >= text.length) return TOO_SHORT_TO_TELL
    if ((foldOf(text.charCodeAt(at)) | 0x20) !== rest.charCodeAt(index)) return NO_DISGUISE
  }
  at = skipSpaces(text, at, SPACES_WITHIN)
  if (at >= text.length) return TOO_SHORT_TO_TELL
  if (foldOf(text.charCodeAt(at)) !== closing) return NO_DISGUISE
  const end = skipSpaces(text, at + 1, SPACES_AROUND)
  // Whether more of the spaces belong to it is not known before what follows them.
  if (end >= text.length && !isLast) return TOO_SHORT_TO_TELL
  return meaning(end - from, isAt ? 0x40 : 0x2e)
}
