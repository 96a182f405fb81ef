import type { Severity } from '../../shared/domain/event.ts'
import type { JsonValue } from '../../shared/errors.ts'

export interface LogEntry {
  readonly level: Severity
  /** A stable name such as `agent.changed`, for machines. */
  readonly event: string
  /** One sentence, for people. */
  readonly msg: string
  readonly agentId?: string | null
  readonly userId?: string | null
  readonly fields?: Readonly<Record<string, JsonValue>>
}

/** Where the room writes down what happened. Everything passes the redactor before any sink sees it. */
export interface Log {
  write(entry: LogEntry): void
  /** Resolves when everything written so far is in the file. */
  flush(): Promise<void>
}

/** Takes private things out of a text on its way to where it is kept. A value's name may say that it is private. */
export type Redactor = (text: string, name?: string) => string
