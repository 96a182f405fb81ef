import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { JsonValue } from '../../shared/errors.ts'

/** What is durable, behind asynchronous interfaces: SQLite now, PostgreSQL where several instances share one state. */

export interface EventStore {
  /** Stores in order, all or none, and gives each its place; what it resolves with is on disk. Projections move in the same transaction. */
  append(announcements: readonly { announcement: Announcement; at: Millis }[]): Promise<Event[]>
  /** Events after a place, oldest first. */
  after(seq: number, limit: number, agentId?: AgentId): Promise<Event[]>
  /** How many events lie after a place; counting stops at `atMost`. */
  countAfter(seq: number, atMost: number): Promise<number>
  /** The place of the last event, and the place from which on every event is kept. */
  bounds(): Promise<{ oldest: number; latest: number }>
  /** Whether one who has seen everything up to this place can go on from it: nothing after it is forgotten, nothing up to it was lost. */
  canContinueFrom(seq: number): Promise<boolean>
  /** Forgets the events older than this moment, from the front of the sequence on; gives how many. */
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
  /** Newest first. */
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
  /** Whatever is asked after this is refused with UNAVAILABLE. Safe to call twice. */
  close(): Promise<void>
}
