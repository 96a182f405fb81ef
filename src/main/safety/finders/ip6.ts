import type { Match } from '../scan/scanner.ts'
import { codeAt, isDigit, isWord, isWordAfter, isWordBefore, type Reading } from './digitWalk.ts'

const COLON = 58
const PLUS = 43
const DOT = 46
/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const LONGEST = 45

const isHex = (code: number): boolean => isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)

/** The eight groups of an address, or null where it is none. */
function groupsOf(written: string): readonly number[] | null {
  let plain = written
  const lastColon = written.lastIndexOf(':')
  if (written.includes('.')) {
    const octets = written.slice(lastColon + 1).split('.')
    if (octets.length !== 4 || !octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)) return null
    const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number)
    plain = `${written.slice(0, lastColon + 1)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  }
  const halves = plain.split('::')
  if (halves.length > 2) return null
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : null
}

/** As RFC 5952 writes it: lower-case, no leading zeros, the longest run of zeros as `::`. */
function canonical(groups: readonly number[]): string {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  const [high = 0, low = 0] = groups.slice(6)
  if (isMapped) return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  let longest = 1
  let from = -1
  for (let start = 0; start < groups.length; start += 1) {
    let end = start
    while (groups[end] === 0) end += 1
    if (end - start > longest) {
      longest = end - start
      from = start
    }
    start = Math.max(start, end - 1)
  }
  const written = groups.map((group) => group.toString(16))
  return from === -1 ? written.join(':') : `${written.slice(0, from).join(':')}::${written.slice(from + longest).join(':')}`
}

/** Unspecified, this host, several at once, or an IPv4 address that is nobody's. */
function isNobodys(groups: readonly number[]): boolean {
  const [first = 0] = groups
  if (first >= 0xff00) return true
  if (groups.slice(0, 5).some((group) => group !== 0)) return false
  const [sixth = 0, high = 0, low = 0] = groups.slice(5)
  if (sixth === 0) return high === 0 && low <= 1
  const octet = high >> 8
  return sixth === 0xffff && (octet === 0 || octet === 127 || octet >= 224)
}

/** What else has colons: C++ scopes, slices `[100::2]`, MAC addresses and fingerprints in pairs. */
function isSomethingElse(written: string): boolean {
  const groups = written.split(':')
  if (!/\d/.test(written)) return true
  if (!written.includes('::')) return groups.every((group) => group.length === 2)
  if (written.startsWith('::')) return groups.length < 4 && !written.includes('.')
  const filled = groups.filter((group) => group !== '').length
  const [first = ''] = groups
  if (filled >= 3) return false
  return !(first.length === 4 && /^(?:[23]\d*[a-f]?|[23][0-9a-f]{3}|f[cde][0-9a-f]{2})$/i.test(first)) && !/^64:ff9b::/i.test(written)
}

function judge(reading: Reading, start: number): Match | null {
  const { text } = reading
  let end = start
  let colons = 0
  let lastColon = start
  for (let code = codeAt(reading, end); end - start <= LONGEST; code = codeAt(reading, end)) {
    if (code === COLON) {
      colons += 1
      lastColon = end
    } else if (code === DOT) {
      if (!isDigit(codeAt(reading, end + 1)) || colons < 2 || end - lastColon > 12) break
    } else if (!isHex(code)) break
    end += 1
  }
  if (colons < 2 || end - start > LONGEST || goesOn(reading, end)) return null
  // `2001:db8::1: unreachable`
  if (text.charCodeAt(end - 1) === COLON && text.charCodeAt(end - 2) !== COLON) end -= 1
  const written = text.slice(start, end)
  if (isSomethingElse(written)) return null
  const groups = groupsOf(written)
  if (groups === null || isNobodys(groups)) return null
  return { type: 'ip', start, end, value: canonical(groups) }
}

function goesOn(reading: Reading, end: number): boolean {
  return isWordAfter(reading, end) || (codeAt(reading, end) === PLUS && isWord(codeAt(reading, end + 1)))
}

function isGlued(text: string, start: number): boolean {
  if (start === 0) return false
  const before = text.charCodeAt(start - 1)
  return before === COLON || isWordBefore(text, start) || (before === DOT && start > 1 && isDigit(text.charCodeAt(start - 2)))
}

/** Where the group begins that ends before `colon`. */
function beginOfGroup(text: string, colon: number): number {
  let start = colon
  while (start > 0 && colon - start < 4 && isHex(text.charCodeAt(start - 1))) start -= 1
  return start
}

/** `node:2001:db8::1`: the first colon belongs to a word. */
const isLabel = (text: string, colon: number): boolean => isWordBefore(text, beginOfGroup(text, colon))

/** What may begin at `at`, where it stands free. */
export function judgeSixAt(reading: Reading, at: number): Match | null {
  const { text } = reading
  const code = text.charCodeAt(at)
  if (code !== COLON && !isHex(code)) return null
  const isAfterLabel = at > 0 && text.charCodeAt(at - 1) === COLON && isLabel(text, at - 1)
  return isAfterLabel || !isGlued(text, at) ? judge(reading, at) : null
}

export function findSixes(text: string, found: (match: Match) => void): void {
  const reading: Reading = { text, reachedEnd: false, begin: 0 }
  const colon = /:[0-9a-fA-F:]/g
  const other = /[^0-9a-fA-F:.]/g
  let from = 0
  while (colon.test(text)) {
    const at = colon.lastIndex - 2
    const start = isLabel(text, at) ? at + 1 : beginOfGroup(text, at)
    const match = start >= from ? judgeSixAt(reading, start) : null
    if (match !== null) {
      found(match)
      from = match.end
    } else {
      other.lastIndex = at
      if (!other.test(text)) return
      from = other.lastIndex
    }
    colon.lastIndex = from
  }
}
