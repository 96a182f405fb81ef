import type { Redactor } from '../../telemetry/log.ts'
import { scanOften } from '../scan/knownClean.ts'
import type { Match, Scanner } from '../scan/scanner.ts'

/** A password looks like nothing: it is known by its name, and in structured data the name stands elsewhere. */
const SECRET_NAME = /(?:key|token|secret|pass(?:word|wd|phrase|code)?|pwd|credentials?|authorization|auth|pat)$/i
/** Nobody's password is longer; keys that are have a shape of their own. */
const LONGEST = 512

/** Whether a value must be looked at together with this name. */
export function namesSecret(name: string | undefined): name is string {
  return name !== undefined && name.length <= 64 && SECRET_NAME.test(name)
}

export const mayBeNamed = (text: string): boolean => text.length <= LONGEST

/** What is found in a value behind its name; in the value's own count. */
export function scanNamed(scanner: Scanner, name: string, text: string): readonly Match[] {
  if (!mayBeNamed(text)) return []
  const before = lead(name)
  const end = before.length + text.length
  return scanOften(scanner, `${before}${text}"`)
    .filter((match) => match.start >= before.length && match.end <= end)
    .map((match) => ({ ...match, start: match.start - before.length, end: match.end - before.length }))
}

/** A value as it may be kept: by itself, and behind its name. */
export function redactNamed(redact: Redactor, name: string, text: string): string {
  const alone = redact(text)
  if (alone !== text || !namesSecret(name) || !mayBeNamed(text)) return alone
  const before = lead(name)
  const whole = redact(`${before}${text}"`)
  return whole.startsWith(before) && whole.endsWith('"') ? whole.slice(before.length, -1) : alone
}

function lead(name: string): string {
  return `"${name}": "`
}
