import type { Severity } from '../../shared/domain/event.ts'
import { formatLogLine } from '../../shared/formatLogLine.ts'
import { printable } from '../../shared/printable.ts'
import type { Clock } from '../ports.ts'
import type { LogEntry } from '../telemetry/log.ts'
import type { Screen } from './terminalText.ts'

export interface Note extends LogEntry {
  readonly at: number
}

/** Our own lines beside an agent's output: for people, or one JSON object each. */
export interface Notes {
  write(note: Note): void
  say(level: Severity, event: string, msg: string, agentId?: string): void
  /** The last words about an agent: said whatever the log level is. */
  conclude(msg: string, agentId: string): void
  /** What it has cost: a line each for people, one object with the figures for programs. */
  sumUp(lines: readonly string[], agentId: string, figures: LogEntry['fields']): void
}

export interface NotesOptions {
  readonly screen: Screen
  readonly format: 'text' | 'json'
  readonly least: Severity
  readonly clock: Clock
}

const RANK: Record<Severity, number> = { DEBUG: 0, INFO: 1, WARN: 2, ERROR: 3 }

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return RANK[severity] >= RANK[least]
}

export function createNotes({ screen, format, least, clock }: NotesOptions): Notes {
  function write(note: Note): void {
    if (!isAtLeast(note.level, least)) return
    screen.note(format === 'json' ? toJson(note) : formatLogLine(note, screen.colour))
  }
  return {
    write,
    say: (level, event, msg, agentId) => write({ at: clock.now(), level, event, msg, agentId }),
    sumUp(lines, agentId, fields) {
      if (format === 'json') screen.note(toJson({ at: clock.now(), level: 'INFO', event: 'agent.costs', msg: lines.join('; '), agentId, fields }))
      else for (const line of lines) screen.note(printable(line))
    },
    conclude(msg, agentId) {
      screen.note(format === 'json' ? toJson({ at: clock.now(), level: 'INFO', event: 'agent.concluded', msg, agentId }) : printable(msg))
    },
  }
}

function toJson({ at, level, agentId, userId, event, msg, fields }: Note): string {
  return JSON.stringify({ ...fields, ts: new Date(at).toISOString(), level, agent_id: agentId ?? null, user_id: userId ?? null, event, msg })
}
