import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { JsonValue } from '../../shared/errors.ts'

/** What is durable, behind asynchronous interfaces: SQLite now, PostgreSQL where several instances share one state. */

export interface EventStore {
  /** Stores in order and gives each its place; what it resolves with is on disk. Projections move in the same transaction. */
  append(announcements: readonly { announcement: Announcement; at: Millis }[]): Promise<Event[]>
  /** Events after a place, oldest first. */
  after(seq: number, limit: number, agentId?: AgentId): Promise<Event[]>
  /** The place of the last event, and of the oldest one still kept. */
  bounds(): Promise<{ oldest: number; latest: number }>
  /** Forgets events older than this moment; gives how many. */
  forgetBefore(moment: Millis): Promise<number>
}

/** What a process is known by after we are gone: a pid alone may belong to somebody else by then. */
export interface ProcessMark {
  readonly agentId: AgentId
  readonly runToken: string
  readonly pid: number | null
  /** The operating system's own word for when it started; compared, never interpreted. */
  readonly processStart: string | null
}

export interface AgentRepository {
  all(): Promise<Agent[]>
  /** Marks are written before a process is spawned and completed after: a run without a pid may still have a process. */
  saveMark(mark: ProcessMark): Promise<void>
  marks(): Promise<ProcessMark[]>
  deleteMark(agentId: AgentId): Promise<void>
}

export interface CheckpointRepository {
  /** Durable against power loss when it resolves. */
  save(agentId: AgentId, document: JsonValue, at: Millis): Promise<{ bytes: number }>
  load(agentId: AgentId): Promise<{ document: JsonValue; savedAt: Millis } | null>
}

export interface RecentScripts {
  touch(script: string, at: Millis): Promise<void>
  list(limit: number): Promise<{ script: string; lastStartedAt: Millis }[]>
}

export interface State {
  readonly events: EventStore
  readonly agents: AgentRepository
  readonly checkpoints: CheckpointRepository
  readonly recentScripts: RecentScripts
  close(): Promise<void>
}
