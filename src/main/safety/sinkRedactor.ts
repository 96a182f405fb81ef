import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'
import { PrivateType } from '../../shared/domain/safetyRules.ts'
import type { Redactor } from '../telemetry/log.ts'
import { redactNamed } from './json/namedValue.ts'
import type { Match, Scanner } from './scan/scanner.ts'
import { withEdits } from './scan/withEdits.ts'

/** The one redactor before our own sinks: log, events, database, crash reports. All types are on, whatever the rules of an agent say. */
export interface SinkRedactor {
  readonly redact: Redactor
  /** What it looks with at this moment. */
  scanner(): Scanner
  /** Values that are secret from now on. */
  knowSecrets(values: readonly string[]): void
  /** What is named as not private for everybody; replaces what was said before. */
  allow(isNotPrivate: (match: Match) => boolean): void
}

export const WITHHELD = '[WITHHELD]'

/** For whoever cannot go without an answer: what cannot be redacted is withheld. */
export function withholding(redact: Redactor): Redactor {
  return (text, name) => {
    try {
      return redact(text, name)
    } catch {
      return WITHHELD
    }
  }
}

export interface ScannerOptions {
  readonly types: ReadonlySet<PrivateType>
  readonly secrets?: readonly string[]
  readonly isNotPrivate?: (match: Match) => boolean
}

const ALL_TYPES: ReadonlySet<PrivateType> = new Set(PrivateType.options)
/** Ids of agents, calls, findings and secrets: hexadecimal digits that may happen to look like a number. */
const OUR_ID = /^(?:[a-z0-9]{2}-[0-9a-f]{8}|(?:call|find)-[0-9a-f]{16}|secret-[0-9a-f]{12})$/
/** This machine itself: our own addresses stand in many a sentence. */
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?|0:0:0:0:0:0:0:1)$/
/** The shortest that is looked for everywhere: `true` and `1234` would tear holes into every sentence. */
const SHORTEST_SECRET = 8

export function createSinkRedactor(createScanner: (options: ScannerOptions) => Scanner): SinkRedactor {
  const secrets = new Set<string>()
  let isAllowed: (match: Match) => boolean = () => false
  const isNotPrivate = (match: Match): boolean => (match.type === 'ip' && LOOPBACK.test(match.value)) || isAllowed(match)
  let current: Scanner | null = null
  let clean = createRecentTexts()
  const forget = (): void => {
    current = null
    clean = createRecentTexts()
  }
  const scanner = (): Scanner => (current ??= createScanner({ types: ALL_TYPES, secrets: [...secrets], isNotPrivate }))

  function redact(text: string): string {
    if (clean.has(text) || OUR_ID.test(text)) return text
    const matches = scanner().scan(text)
    if (matches.length > 0) return withMarkers(text, matches)
    clean.add(text)
    return text
  }

  return {
    scanner,
    redact: (text, name) => (name === undefined ? redact(text) : redactNamed(redact, name, text)),
    knowSecrets(values) {
      const known = secrets.size
      for (const value of values) if (value.length >= SHORTEST_SECRET) secrets.add(value)
      if (secrets.size > known) forget()
    },
    allow(rule) {
      isAllowed = rule
      forget()
    },
  }
}

interface RecentTexts {
  has(text: string): boolean
  add(text: string): void
}

const MOST_RECENT = 1_000
const LONGEST_RECENT = 200

/** Short texts that held nothing: what comes again soon, as names do and an event's sentence in the log, is not looked through again. */
function createRecentTexts(): RecentTexts {
  let young = new Set<string>()
  let old = new Set<string>()

  function add(text: string): void {
    if (text.length > LONGEST_RECENT) return
    if (young.size >= MOST_RECENT) {
      old = young
      young = new Set()
    }
    young.add(text)
  }

  return {
    add,
    has(text) {
      if (young.has(text)) return true
      if (!old.has(text)) return false
      add(text)
      return true
    },
  }
}

/** The text with each match's marker in its place. */
export function withMarkers(text: string, matches: readonly Match[]): string {
  return withEdits(
    text,
    matches.map(({ start, end, type }) => ({ start, end, replacement: PRIVATE_TYPES[type].marker })),
  )
}
