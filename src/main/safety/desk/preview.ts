import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import type { Match, Scanner } from '../scan/scanner.ts'

/** What is shown on either side of a finding. */
const SHOWN = 40
/** What is looked through on either side, so that what stands at the edge of the preview is seen whole. */
const LOOKED_THROUGH = 400

/**
 * What stands around a match, fit to be kept: everything private replaced by its marker, one line, nothing that a screen would obey.
 * `base` is the place of the text's first character in the match's own count.
 */
export function previewOf(scanner: Scanner, text: string, base: number, match: Match): string {
  const start = clamp(match.start - base, text.length)
  const end = clamp(match.end - base, text.length)
  const from = Math.max(0, start - LOOKED_THROUGH)
  const to = Math.min(text.length, end + LOOKED_THROUGH)
  const before = base > 0 && from === 0 ? fromWholeWord(text.slice(0, start)) : text.slice(from, start)
  const after = to === text.length ? settledPart(scanner, text.slice(end)) : text.slice(end, to)
  const { marker } = PRIVATE_TYPES[match.type]
  const safe = harmless(scanner, `${before.replaceAll(SEAM, ' ')}${SEAM}${after.replaceAll(SEAM, ' ')}`)
  const seam = safe.indexOf(SEAM)
  // Something private lies across the finding itself.
  if (seam === -1) return marker
  const [left, right] = [safe.slice(0, seam), safe.slice(seam + 1)]
  const shown = `${left.length > SHOWN ? `…${left.slice(-SHOWN)}` : left}${marker}${right.length > SHOWN ? `${right.slice(0, SHOWN)}…` : right}`
  // What a cut has made is looked for once more.
  return withoutFragments(redacted(scanner, shown)).trim()
}

/** Where the finding stood; of no script, and in nobody's text. */
const SEAM = '\ue000'

/** A text that does not begin with its stream may begin in the middle of something. */
function fromWholeWord(text: string): string {
  const place = text.search(/\s/)
  return place === -1 ? '' : text.slice(place)
}

/** A text may end in the middle of something: what more of it could still make private is not shown. */
function settledPart(scanner: Scanner, text: string): string {
  return text.slice(0, scanner.stream().push(text).settled)
}

/** A short text fit to be kept. */
export function safeExcerpt(scanner: Scanner, text: string, longest: number): string {
  const whole = harmless(scanner, text.slice(0, longest + LOOKED_THROUGH)).trim()
  const cut = whole.length > longest ? `${whole.slice(0, longest)}…` : whole
  return withoutFragments(redacted(scanner, cut))
}

/** Redacted before and after it was made plain: control characters hide a value from nobody, and hold none together. */
function harmless(scanner: Scanner, text: string): string {
  const line = plain(text)
  return redacted(scanner, line === text ? line : plain(redacted(scanner, text)))
}

function redacted(scanner: Scanner, text: string): string {
  let safe = ''
  let done = 0
  for (const { start, end, type } of scanner.scan(text)) {
    safe += text.slice(done, start) + PRIVATE_TYPES[type].marker
    done = end
  }
  return safe + text.slice(done)
}

const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,400}(?:\u0007|\u001b\\)?|[ -~]?)/g

/** One line without anything that a terminal, a spreadsheet or a reader's eye would obey. */
function plain(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(ESCAPES, '')
    .replaceAll(/[\p{Zl}\p{Zp}\p{Cc}]+/gu, ' ')
    .replaceAll(/\p{Cf}/gu, '')
  // Most texts have nothing but single spaces, and looking is cheaper than writing them anew.
  return /\s\s|[^\S ]/.test(line) ? line.replaceAll(/\s+/g, ' ') : line
}

/** Half a number, half an address or half a key, as a cut may leave it, is no finding any more, and says too much all the same. */
function withoutFragments(text: string): string {
  return text
    .replaceAll(/[^\s\]]*@[^\s[]*/g, '…')
    .replaceAll(/\d(?:[ .\-()/]{0,2}\d){5,}/g, '…')
    .replaceAll(/[A-Za-z0-9+/=_-]{20,}/g, (run) => (/\d/.test(run) && /[A-Za-z]/.test(run) ? '…' : run))
}

function clamp(place: number, length: number): number {
  return Math.min(Math.max(0, place), length)
}
