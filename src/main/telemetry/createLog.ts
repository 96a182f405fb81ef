import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import type { Severity } from '../../shared/domain/event.ts'
import { messageOf, type JsonValue } from '../../shared/errors.ts'
import type { Clock } from '../ports.ts'
import type { Log, Redactor } from './log.ts'
import { LOG_FILE, logFolder } from './logFiles.ts'
import { redactEntry, type RedactedEntry } from './redactEntry.ts'
import { createRotatingFile } from './rotatingFile.ts'

export interface LogOptions {
  /** The data folder; the files lie in its `logs`. */
  readonly folder: string
  readonly clock: Clock
  readonly redact?: Redactor
  /** What is less than this is not written anywhere. */
  readonly level?: Severity
  /** A second sink, such as a terminal. */
  readonly onEntry?: (entry: RedactedEntry) => void
  readonly largestBytes?: number
  /** For how long files that are full are kept; a week when left out. */
  readonly keptMs?: number
  /** Where the log complains when it cannot be written. */
  readonly complain?: (text: string) => void
}

export interface RunningLog extends Log {
  close(): Promise<void>
}

const MEGABYTE = 1024 * 1024
const WEEK_MS = 7 * 24 * 60 * 60 * 1000
const MOST_FILES = 50
const RANK: Record<Severity, number> = { DEBUG: 0, INFO: 1, WARN: 2, ERROR: 3 }
const METHOD = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

/** JSON lines in `logs/control-room.log`. It never throws: a room that cannot log goes on, and says so once on standard error. */
export function createLog({
  folder,
  clock,
  redact = (text) => text,
  level = 'INFO',
  onEntry,
  largestBytes = 10 * MEGABYTE,
  keptMs = WEEK_MS,
  complain = complainOnStandardError,
}: LogOptions): RunningLog {
  const path = join(logFolder(folder), LOG_FILE)
  let hasComplainedOfSink = false
  const file = createRotatingFile({
    folder: logFolder(folder),
    clock,
    largestBytes,
    keptMs,
    mostFiles: MOST_FILES,
    onFailure: (problem) => complain(`The log ${path} cannot be written (${messageOf(problem)}): mend that; until then its lines wait or are lost.\n`),
    onRecovery: (lost) => {
      write({ level: 'WARN', event: 'log.recovered', msg: `The log can be written again; lines lost: ${lost}.`, fields: { lost } })
    },
  })
  const logger = createPino((line) => file.write(line))

  function write(entry: Parameters<Log['write']>[0]): void {
    try {
      if (RANK[entry.level] < RANK[level]) return
      const redacted = redactEntry(entry, clock.now(), redact)
      logger[METHOD[redacted.level]](toLine(redacted), redacted.msg)
      onEntry?.(redacted)
    } catch (problem) {
      if (hasComplainedOfSink) return
      hasComplainedOfSink = true
      complain(`A log entry could not be written (${messageOf(problem)}); this is said once.\n`)
    }
  }

  return {
    write,
    flush: async () => file.flush(),
    close: async () => file.close(),
  }
}

function createPino(write: (line: string) => void): Logger {
  return pino(
    {
      level: 'debug',
      base: null,
      // The entry brings its own moment, from the injected clock.
      timestamp: false,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    { write },
  )
}

const OWN_KEYS = new Set(['ts', 'level', 'agent_id', 'user_id', 'event', 'msg'])

function toLine({ at, agentId, userId, event, fields }: RedactedEntry): Record<string, JsonValue> {
  const line: Record<string, JsonValue> = { ts: new Date(at).toISOString(), agent_id: agentId, user_id: userId, event }
  for (const [key, value] of Object.entries(fields)) line[OWN_KEYS.has(key) || key === '__proto__' ? `field_${key}` : key] = value
  return line
}

/** Not through the stream: its errors come later, as events that nobody awaits. */
function complainOnStandardError(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // Nobody is left to be told.
  }
}
