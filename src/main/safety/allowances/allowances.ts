import { AppError, messageOf } from '../../../shared/errors.ts'
import type { Allowance } from '../../../shared/domain/safety.ts'
import { compileLinearPattern } from './linearPattern.ts'
import type { Match } from '../scan/scanner.ts'

/** What counts as not private, as it is compared: without who said so. */
export type NotPrivate = Pick<Allowance, 'kind' | 'value'>

/** Patterns are not tried on anything longer. */
const LONGEST_TRIED = 300

/** `@company.com`, which covers what is below it, `/pattern/`, or a value as somebody would write it. Throws a sentence where it is none. */
export function parseNotPrivate(text: string): NotPrivate {
  const written = text.trim()
  const kind = isPattern(written) ? 'pattern' : written.startsWith('@') ? 'domain' : 'value'
  const allowance: NotPrivate = { kind, value: written }
  requireAllowance(allowance)
  return allowance
}

/** Throws a sentence for what allows nothing, and for patterns that cannot be tried in linear time. */
export function requireAllowance(allowance: NotPrivate): void {
  judgeOf(allowance)
}

/** Whether one of them covers a match. What an agent was handed as a secret is covered by its very value only. */
export function createAllowances(entries: readonly NotPrivate[]): (match: Match) => boolean {
  if (entries.length === 0) return () => false
  const values = new Set(entries.flatMap((entry) => (entry.kind === 'value' ? [canonical(entry.value)] : [])))
  const judges = entries.filter(({ kind }) => kind !== 'value').map(judgeOf)
  return (match) => {
    if (match.type === 'secret') return values.has(canonical(match.value))
    return values.has(canonical(match.value)) || judges.some((covers) => covers(match))
  }
}

function judgeOf({ kind, value }: NotPrivate): (match: Match) => boolean {
  if (kind === 'value') {
    if (value.trim() === '') throw new AppError('INVALID_INPUT', 'An empty value is never found, so it cannot be named as not private.')
    return (match) => canonical(match.value) === canonical(value)
  }
  if (kind === 'domain') {
    const domain = value.trim().replace(/^@/, '').toLowerCase().normalize('NFC')
    if (!/^[^\s@/.]+(?:\.[^\s@/.]+)*$/u.test(domain)) {
      throw new AppError('INVALID_INPUT', `"${value}" is no domain; expected one such as @company.com, which also covers mail.company.com.`)
    }
    return ({ type, value: found }) => {
      const host = found.slice(found.lastIndexOf('@') + 1)
      return type === 'email' && (host === domain || host.endsWith(`.${domain}`))
    }
  }
  const pattern = compiled(value.trim())
  if (OF_ALL_KINDS.every((one) => pattern.test(one))) throw coversEverything(value.trim())
  return (match) => match.value.length <= LONGEST_TRIED && pattern.test(match.value)
}

/** A pattern that covers all of these says nothing of what is not private. */
const OF_ALL_KINDS = ['ceo@acme.com', '+14155550132', '078051120', '2001:db8::1', 'DE89370400440532013000']

function coversEverything(written: string): AppError {
  return new AppError('INVALID_INPUT', `The pattern ${written} covers everything that can be found. Say what is not private, or change the rules instead.`)
}

function compiled(written: string): ReturnType<typeof compileLinearPattern> {
  const source = isPattern(written) ? written.slice(1, -1) : written
  try {
    return compileLinearPattern(source)
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no regular expression' : messageOf(error)
    throw new AppError('INVALID_INPUT', `The pattern /${source}/ cannot be used: ${why}. Expected one such as /^ORD-[0-9]+$/.`)
  }
}

function isPattern(text: string): boolean {
  return text.length > 2 && text.startsWith('/') && text.endsWith('/')
}

const NUMBER = /^\+?[\d\s()./-]*\d[\d\s()./-]*$/

/** Numbers by their digits, with an American one's country or without; an IP address keeps its dots. The rest without capitals. */
function canonical(value: string): string {
  const bare = value.trim().toLowerCase().normalize('NFC')
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(bare)) return bare
  if (NUMBER.test(bare)) {
    const digits = bare.replace(/\D/g, '')
    return digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits
  }
  // An account is written in fours.
  return /^[a-z]{2}\d{2}[a-z0-9 ]{11,40}$/.test(bare) ? bare.replaceAll(' ', '') : bare
}
