import type { Finder } from '../scan/scanner.ts'
import { COMMON_ENDINGS, FILE_ENDINGS } from './domainEndings.ts'

const MOST_LOCAL = 64
const MOST_DOMAIN = 255
/** Letters of scripts without spaces between words: a name of them cannot be told from the sentence around it, so less of it is taken. */
const MOST_LOCAL_UNSPACED = 16

const LETTER = 1
const DIGIT = 2
/** What else may stand in front of the @, and what else behind it. */
const LOCAL = 4
const DOMAIN = 8

const KINDS = new Uint8Array(0x80)
for (let code = 0; code < 0x80; code++) {
  const character = String.fromCharCode(code)
  if (/[a-z]/i.test(character)) KINDS[code] = LETTER
  else if (/\d/.test(character)) KINDS[code] = DIGIT
  else if (/[._-]/.test(character)) KINDS[code] = LOCAL | DOMAIN
  else if (/['%+]/.test(character)) KINDS[code] = LOCAL
}

const FOREIGN = /[\p{L}\p{M}\p{N}]/u

function isForeign(code: number): boolean {
  return code >= 0x80 && FOREIGN.test(String.fromCharCode(code))
}

/** Thai to Khmer, and from the CJK radicals on. */
function isUnspaced(code: number): boolean {
  return (code >= 0x2e80 && isForeign(code)) || (code >= 0xe00 && code < 0xf00) || (code >= 0x1000 && code < 0x10a0) || (code >= 0x1780 && code < 0x1800)
}

function isLocal(code: number, isUnspacedToo: boolean): boolean {
  if (code < 0x80) return KINDS[code] !== 0
  return isUnspaced(code) ? isUnspacedToo : isForeign(code)
}

/** Where a run of what may stand in front of an @ begins that ends at `end`. */
function localRun(text: string, end: number, floor: number, isUnspacedToo: boolean): number {
  const least = Math.max(floor, end - (isUnspacedToo ? MOST_LOCAL_UNSPACED : MOST_LOCAL))
  let start = end
  while (start > least && isLocal(text.charCodeAt(start - 1), isUnspacedToo)) start--
  return start
}

/** Past what no name begins with. */
function pastDecoration(text: string, from: number, end: number): number {
  let start = from
  while (start < end) {
    const code = text.charCodeAt(start)
    if (code >= 0x80 || code === 0x5f || (KINDS[code]! & (LETTER | DIGIT)) !== 0) return start
    start++
  }
  return end
}

/** Where the name begins that ends at `end`; `end` where there is none. */
function localStart(text: string, end: number, floor: number): number {
  if (end <= floor) return end
  const last = text.charCodeAt(end - 1)
  if (last === 0x22) {
    const opening = localRun(text, end - 1, floor, false) - 1
    return opening >= floor && opening < end - 2 && text.charCodeAt(opening) === 0x22 ? opening : end
  }
  return pastDecoration(text, localRun(text, end, floor, isUnspaced(last)), end)
}

/** Where the run ends that may be a domain; within a label, letters of scripts without spaces follow only their like. */
function domainRun(text: string, from: number): number {
  const most = Math.min(text.length, from + MOST_DOMAIN)
  let isUnspacedLabel = false
  let at = from
  for (; at < most; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x80) {
      if ((KINDS[code]! & (LETTER | DIGIT | DOMAIN)) === 0) break
      if (code === 0x2e && (at === from || text.charCodeAt(at - 1) === 0x2e)) break
    } else if (isUnspaced(code)) {
      if (at === from || text.charCodeAt(at - 1) === 0x2e) isUnspacedLabel = true
      else if (!isUnspacedLabel) break
    } else if (!isForeign(code)) break
    if (code === 0x2e) isUnspacedLabel = false
  }
  return at
}

const ENDING = /^(?:xn--[a-z0-9-]{2,59}|[a-z\p{L}\p{M}]{2,24})$/iu
/** `acme.com-and`, `acme.com_`. */
const ENDING_BEFORE_HYPHEN = /^([a-z\p{L}\p{M}]{2,24})[-_]/iu
/** `acme.com2`. */
const ENDING_BEFORE_DIGIT = /^([a-z]{2,24})\d/i
const VERSION = /^v?\d+$/i
const SCALE = /^\d+x$/i
/** `acme.com.Then`: a sentence that begins without a space. */
const CAPITALISED = /^\p{Lu}\p{Ll}+$/u

/** Where the domain ends that begins here; -1 where there is none. */
function domainEnd(text: string, from: number): number {
  let run = domainRun(text, from)
  if (run > from && text.charCodeAt(run - 1) === 0x2e) run--
  // `a.io` is the shortest of all.
  if (run - from < 4) return -1
  const labels = text.slice(from, run).split('.')
  if (labels.length < 2) return -1
  // `left-pad@1.2.3-rc.one` is a version.
  if (isDigit(labels[1]!.charCodeAt(0)) && VERSION.test(labels[0]!)) return -1
  let end = run
  let index = labels.length - 1
  const last = labels[index]!
  const lower = last.toLowerCase()
  if (last.length > 1 && ENDING.test(last) && !FILE_ENDINGS.has(lower)) {
    if (index >= 2 && isCommon(labels[index - 1]!) && CAPITALISED.test(last)) end -= last.length + 1
    return isCode(text, labels, lower, end) ? -1 : end
  }
  const cut = last.length < 3 ? null : (ENDING_BEFORE_HYPHEN.exec(last)?.[1] ?? commonBeforeDigit(last))
  if (cut !== null) return end - last.length + cut.length
  // `ceo@acme.com.2`: what follows a common ending is no part of it.
  for (; index >= 1; index--) {
    if (isCommon(labels[index]!) && !SCALE.test(labels[0]!)) return end
    end -= labels[index]!.length + 1
  }
  return -1
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

const isCommon = (label: string): boolean => COMMON_ENDINGS.has(label.toLowerCase())

function commonBeforeDigit(label: string): string | null {
  const ending = ENDING_BEFORE_DIGIT.exec(label)?.[1]
  return ending !== undefined && isCommon(ending) ? ending : null
}

/** `weights@self.value`, `a@b.inverse()`: a matrix product. */
function isCode(text: string, labels: readonly string[], ending: string, end: number): boolean {
  if (COMMON_ENDINGS.has(ending)) return false
  return labels[0] === 'self' || labels[0] === 'this' || (ending.length > 2 && text.charCodeAt(end) === 0x28)
}

function canonical(local: string, domain: string): string {
  const bare = local.startsWith('"') ? local.slice(1, -1) : local
  const address = `${bare}@${domain}`.toLowerCase()
  return isAscii(address) ? address : address.normalize('NFC')
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x80) return false
  return true
}

/**
 * Email addresses as people write them: around each @, at most 64 characters before and 255 behind. Not one are `name@host` without a dot,
 * `git@host`, which is nobody's mailbox, versions, file names and handles.
 */
export const emailFinder: Finder = {
  find(text, found) {
    let floor = 0
    for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      const start = localStart(text, at, floor)
      if (start === at) continue
      const end = domainEnd(text, at + 1)
      if (end < 0) continue
      const local = text.slice(start, at)
      if (local === 'git') continue
      found({ type: 'email', start, end, value: canonical(local, text.slice(at + 1, end)) })
      floor = end
    }
  },
  openFrom(text) {
    const length = text.length
    let at = length
    const least = Math.max(0, length - MOST_DOMAIN)
    while (at > least && isLocalOrDomain(text.charCodeAt(at - 1))) at--
    if (at > 0 && text.charCodeAt(at - 1) === 0x40 && domainRun(text, at) === length) {
      const start = localStart(text, at - 1, 0)
      if (start < at - 1) return start
    }
    return openLocal(text, length)
  },
}

function isLocalOrDomain(code: number): boolean {
  return code < 0x80 ? KINDS[code] !== 0 : isForeign(code)
}

/** What is at the end may become the name of an address. */
function openLocal(text: string, length: number): number {
  if (length === 0) return 0
  const last = text.charCodeAt(length - 1)
  if (last === 0x22) {
    const start = localStart(text, length, 0)
    // It may also be an opening one.
    return start === length ? length - 1 : start
  }
  const run = localRun(text, length, 0, false)
  if (run > 0 && text.charCodeAt(run - 1) === 0x22) return run - 1
  const start = pastDecoration(text, run, length)
  return Math.min(start, pastDecoration(text, localRun(text, length, 0, true), length))
}
