import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'
import { PrivateType } from '../../shared/domain/safetyRules.ts'
import type { Redactor } from '../telemetry/log.ts'
import { scanOften } from './knownClean.ts'
import type { Match, Scanner } from './scanner.ts'
import { withEdits } from './withEdits.ts'

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
  return (text) => {
    try {
      return redact(text)
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
/** Ids of agents, calls and findings: hexadecimal digits that may happen to look like a number. */
const OUR_ID = /^(?:[a-z0-9]{2}-[0-9a-f]{8}|(?:call|find)-[0-9a-f]{16})$/
/** This machine itself: our own addresses stand in many a sentence. */
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?|0:0:0:0:0:0:0:1)$/
/** The shortest that is looked for everywhere: `true` and `1234` would tear holes into every sentence. */
const SHORTEST_SECRET = 8

export function createSinkRedactor(createScanner: (options: ScannerOptions) => Scanner): SinkRedactor {
  const secrets = new Set<string>()
  let isAllowed: (match: Match) => boolean = () => false
  const isNotPrivate = (match: Match): boolean => (match.type === 'ip' && LOOPBACK.test(match.value)) || isAllowed(match)
  let current: Scanner | null = null
  const scanner = (): Scanner => (current ??= createScanner({ types: ALL_TYPES, secrets: [...secrets], isNotPrivate }))

  return {
    scanner,
    redact(text) {
      if (OUR_ID.test(text)) return text
      const matches = scanOften(scanner(), text)
      return withMarkers(text, matches)
    },
    knowSecrets(values) {
      const known = secrets.size
      for (const value of values) if (value.length >= SHORTEST_SECRET) secrets.add(value)
      if (secrets.size > known) current = null
    },
    allow(rule) {
      isAllowed = rule
      current = null
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
