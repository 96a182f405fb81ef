import type { Finder, Match } from '../scan/scanner.ts'
import { codeAt, createDigitFinder, isDigit, isRunAt, isWord, isWordAfter, isWordBefore, openFromOf, type Reading } from './digitWalk.ts'
import { findSixes, judgeSixAt } from './ip6.ts'
import { hintBefore, type Vocabulary } from './nearbyWords.ts'

const VOCABULARY: Vocabulary = {
  names: new Set(['ip', 'ips', 'ipv', 'address', 'addresses', 'host', 'hosts', 'server', 'client', 'peer', 'from', 'ping', 'dns', 'gateway', 'subnet']),
  asks: new Set(),
  denies: new Set([
    'v', 'ver', 'vers', 'version', 'versions', 'release', 'releases', 'build', 'firmware', 'revision', 'rev', 'driver', 'upgrade', 'upgraded',
    'section', 'sections', 'chapter', 'clause', 'paragraph', 'figure', 'table', 'appendix', 'step', 'assembly', 'oid', 'patch', 'kernel', 'changelog',
  ]),
}

const PERCENT = 37
const HYPHEN = 45
const PLUS = 43
const DOT = 46
const SLASH = 47

/** Reads an octet; its end, or -1. A leading zero might mean octal: that is nobody's way to write an address. */
function endOfOctet(reading: Reading, from: number): number {
  let at = from
  let value = 0
  while (at - from < 4 && isDigit(codeAt(reading, at))) {
    value = value * 10 + codeAt(reading, at) - 48
    at += 1
  }
  const hasLeadingZero = at - from > 1 && codeAt(reading, from) === 48
  return at === from || at - from > 3 || value > 255 || hasLeadingZero ? -1 : at
}

function endOfAddress(reading: Reading, start: number): number {
  let at = start
  for (let octet = 0; octet < 4; octet += 1) {
    if (octet > 0) {
      if (codeAt(reading, at) !== DOT) return -1
      at += 1
    }
    at = endOfOctet(reading, at)
    if (at === -1) return -1
  }
  return at
}

/** `Chrome/120.0.0.0`: a product and its version. `http://10.0.0.1` and `/hosts/10.0.0.1` are none. */
const PRODUCT = /(?:^|[\s("'])[A-Za-z][A-Za-z0-9_-]*\/$/

const SECTION = /§ ?$/
/** `zlib (>= 1:1.2.3.4)` */
const COMPARED_VERSION = /[<>=] ?\d:$|(?:[<>]=|~>) ?$|[~^]$/
/** `OpenSSL 1.1.1.0` */
const NAMED_VERSION = /[a-z][A-Z][A-Za-z]*\s$/

function isGlued(text: string, start: number): boolean {
  if (start === 0) return false
  if (isWordBefore(text, start)) return true
  const before = text.charCodeAt(start - 1)
  // Behind a percent sign stands the zone of an IPv6 address.
  if (before === DOT || before === PERCENT) return true
  if (before === HYPHEN) return isWordBefore(text, start - 1) && !/\d\.\d{1,3}-$/.test(text.slice(Math.max(0, start - 8), start))
  const nearby = text.slice(Math.max(0, start - 6), start)
  if (SECTION.test(nearby) || COMPARED_VERSION.test(nearby)) return true
  return before === SLASH && PRODUCT.test(text.slice(Math.max(0, start - 40), start))
}

/** A suffix makes it a version: `1.2.3.4.5`, `1.2.3.4-rc1`, `1.2.3.4+build`. A range goes on with another address. */
function goesOn(reading: Reading, end: number): boolean {
  const code = codeAt(reading, end)
  if (isWordAfter(reading, end)) return true
  if (code === DOT) return isDigit(codeAt(reading, end + 1))
  if (code === PLUS) return isWord(codeAt(reading, end + 1))
  return code === HYPHEN && isWord(codeAt(reading, end + 1)) && endOfAddress(reading, end + 1) === -1
}

/** Every machine has it: this host, this net, several at once, a netmask. */
function isNobodys(address: string): boolean {
  const first = Number(address.slice(0, address.indexOf('.')))
  return first === 0 || first === 127 || first >= 224
}

function judgeAddress(reading: Reading, run: number): Match | null {
  const { text } = reading
  if (isGlued(text, run)) return null
  const end = endOfAddress(reading, run)
  if (end === -1 || goesOn(reading, end)) return null
  const value = text.slice(run, end)
  if (isNobodys(value) || (Number.parseInt(value) < 10 && NAMED_VERSION.test(text.slice(Math.max(0, run - 16), run)))) return null
  if (hintBefore(text, run, VOCABULARY) === 'against') return null
  return { type: 'ip', start: run, end, value }
}

const ip4Finder = createDigitFinder(judgeAddress, /\d\.\d{1,3}\.\d/g)

export const ipFinder: Finder = {
  find(text, found) {
    const sixes: Match[] = []
    findSixes(text, (match) => sixes.push(match))
    let next = 0
    ip4Finder.find(text, (match) => {
      let six = sixes[next]
      while (six !== undefined && six.start < match.start) {
        found(six)
        next += 1
        six = sixes[next]
      }
      // The tail of `::ffff:192.0.2.1` has been told already.
      const last = sixes[next - 1]
      if (last === undefined || last.end <= match.start) found(match)
    })
    for (; next < sixes.length; next += 1) {
      const six = sixes[next]
      if (six !== undefined) found(six)
    }
  },
  openFrom: (text, from = 0) => openFromOf(text, text.length, from, (reading, at) => judgeSixAt(reading, at) ?? (isRunAt(text, at) ? judgeAddress(reading, at) : null)),
}
