import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import type { Announcement, Event, EventOf } from '../../shared/domain/event.ts'
import type { EventFilter, EventLine } from '../../shared/domain/eventFilter.ts'
import type { AlertChannel } from '../../shared/domain/alert.ts'
import type { ApiToken, User } from '../../shared/contract/accounts.ts'
import type { CostRow, SpendPoint } from '../../shared/contract/costs.ts'
import type { LaunchChoices } from '../../shared/contract/launch.ts'
import type { Allowance, RecordId, RecordKind, SafetyCounts, SafetyRecord } from '../../shared/domain/safety.ts'
import type { SafetyRules } from '../../shared/domain/safetyRules.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import type { Millis, Nanodollars } from '../../shared/domain/units.ts'
import type { JsonValue } from '../../shared/errors.ts'
import type { ChainEnd } from '../audit/chain.ts'
import type { ChainVerdict } from '../audit/verifyChain.ts'
import type { KeyGenerations, SecretRepository } from './keptSecrets.ts'
import type { ServiceAnswers, ServiceRepository } from './keptServices.ts'

/** What is durable, behind asynchronous interfaces: SQLite now, PostgreSQL where several instances share one state. */

export interface EventStore {
  /** Stores in order, all or none, and gives each its place; what it resolves with is on disk. Projections move in the same transaction. */
  append(announcements: readonly { announcement: Announcement; at: Millis }[]): Promise<Event[]>
  /** Events after a place, oldest first. */
  after(seq: number, limit: number, agentId?: AgentId): Promise<Event[]>
  /** The last of these that an agent's budget has left, while it is kept. */
  lastOfBudget<N extends 'agent.progressed' | 'budget.exhausted'>(name: N, agentId: AgentId): Promise<EventOf<N> | null>
  /** How many events lie after a place; counting stops at `atMost`. */
  countAfter(seq: number, atMost: number): Promise<number>
  /** The place of the last event, and the place from which on every event is kept. */
  bounds(): Promise<{ oldest: number; latest: number }>
  /** Whether one who has seen everything up to this place can go on from it: nothing after it is forgotten, nothing up to it was lost. */
  canContinueFrom(seq: number): Promise<boolean>
  /** Forgets the events older than this moment, from the front of the sequence on; gives how many. */
  forgetBefore(moment: Millis): Promise<number>
}

/** Those that fit a filter, after a place and up to another. */
export interface EventLook {
  readonly filter: EventFilter
  readonly after: number
  readonly until: number
}

/** Events as a log that is looked through, oldest first. Who looks for long lets others have their turn. */
export interface EventLog {
  places(look: EventLook, visit: (seq: number) => void): Promise<void>
  lines(look: EventLook, limit: number): Promise<EventLine[]>
  each(look: EventLook, visit: (event: Event) => void): Promise<void>
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

/** A document in which nothing private was found, or a sealed one. */
export type KeptCheckpoint = { readonly document: JsonValue } | { readonly sealed: Buffer }

export interface CheckpointRepository {
  /** Durable against power loss when it resolves. */
  save(agentId: AgentId, kept: KeptCheckpoint, at: Millis): Promise<void>
  load(agentId: AgentId): Promise<{ kept: KeptCheckpoint; savedAt: Millis } | null>
  /** Whose documents are from a version that looked for nothing in them. */
  unlooked(): Promise<AgentId[]>
  /** Puts another in the place of such a document; its bytes are overwritten. */
  replace(agentId: AgentId, kept: KeptCheckpoint): Promise<void>
}

/** What it takes to start agents again and may be private: sealed, or null where there was no key to seal it with. */
export interface LaunchPlanRepository {
  save(agentId: AgentId, sealed: Buffer | null): Promise<void>
  all(): Promise<ReadonlyMap<AgentId, Buffer | null>>
  /** For agents of earlier versions, whose plans were stored in the clear: those are overwritten. All or none. */
  replace(agents: readonly { readonly agent: Agent; readonly sealed?: Buffer | null }[]): Promise<void>
  /** Forgets those whose agents are not there. */
  forgetStrays(): Promise<void>
}

export interface RecentScripts {
  touch(script: string, at: Millis): Promise<void>
  /** What was chosen for one that is known; forgotten with it. */
  remember(script: string, choices: LaunchChoices): Promise<void>
  /** Empty where nothing was chosen, or nothing that this version understands. */
  remembered(script: string): Promise<LaunchChoices>
  list(limit: number): Promise<{ script: string; lastStartedAt: Millis }[]>
}

/**
 * What sets how much money there is, or holds some. Entries are only ever appended; every total is derived from them.
 * What was held is settled by the `llm.callFinished` of its call, in the event's own transaction: there is no other way.
 */
export type LedgerEntry = {
  readonly agentId: AgentId
  readonly at: Millis
} & (
  | { readonly kind: 'limit'; readonly amount: Nanodollars }
  | { readonly kind: 'raise'; readonly amount: Nanodollars; readonly actor: string; readonly reason: string }
  | { readonly kind: 'reserve'; readonly callId: CallId; readonly attempt: number; readonly model: string; readonly amount: Nanodollars }
)

export interface LedgerTotals {
  readonly agentId: AgentId
  readonly limit: Nanodollars
  readonly spent: Nanodollars
  readonly raises: number
  /** Settled calls that were charged or answered. */
  readonly calls: number
}

export interface OpenReservation {
  readonly agentId: AgentId
  readonly callId: CallId
  readonly attempt: number
  readonly model: string
  readonly at: Millis
  readonly amount: Nanodollars
}

/** Of SQLite it is done when it returns, and a call that waits for it loses no turn; of a server, when the promise resolves. In order of the asking. */
export type Stored = void | Promise<void>

export interface Ledger {
  /** All or none; once stored, not even SIGKILL takes it back. */
  append(entries: readonly LedgerEntry[]): Stored
  /** Gives back what is held for a try that cost nothing, before its call is over. */
  release(held: { readonly callId: CallId; readonly attempt: number }, at: Millis): Stored
  totals(): Promise<LedgerTotals[]>
  /** Of the calls under way; at a start, of those whose room died. Of this instance, or of another one that shares the state. */
  openReservations(of?: InstanceId): Promise<OpenReservation[]>
}

export interface CostRange {
  readonly agentId?: AgentId
  readonly from?: Millis
  readonly until?: Millis
}

/** Settled calls. They are written by the event store, with the very event that tells of them. */
export interface CallRepository {
  list(query: { agentId?: AgentId; before?: number; limit: number }): Promise<{ calls: Call[]; next: number | null }>
  get(callId: CallId): Promise<Call | null>
  breakdown(by: 'agent' | 'model' | 'hour', range: CostRange): Promise<{ rows: CostRow[]; total: Nanodollars }>
  /** What an agent had spent by a few hundred moments at most, oldest first. */
  history(agentId: AgentId): Promise<SpendPoint[]>
  /** In the order of their events, a page at a time; `at` is when they were charged. */
  each(range: CostRange, visit: (call: Call, at: Millis) => void): Promise<void>
  refusals(agentId: AgentId): Promise<Record<string, number>>
}

/** One message to one target about one threshold of one budget. */
export interface AlertMark {
  readonly agentId: AgentId
  /** How often the limit had been raised by then: each limit is a budget of its own. */
  readonly raises: number
  readonly threshold: number
  readonly channel: AlertChannel
}

export interface AlertRepository {
  /** False when it was claimed before: then it was sent, or somebody is at it. */
  claim(mark: AlertMark, at: Millis): Promise<boolean>
  settle(mark: AlertMark, outcome: 'sent' | 'failed', attempts: number, at: Millis): Promise<void>
  /** Claimed and neither sent nor failed: the room died meanwhile. */
  unsettled(): Promise<AlertMark[]>
}

export interface RecordRange {
  readonly agentId?: AgentId
  readonly kind?: RecordKind
  readonly type?: string
  readonly from?: Millis
  readonly until?: Millis
}

/** The safety audit: only ever appended, each row chained to the one before. It is written by the event store, with the very event that tells of it. */
export interface SafetyAudit {
  list(query: RecordRange & { readonly before?: number; readonly limit: number }): Promise<{ records: SafetyRecord[]; next: number | null }>
  get(id: RecordId): Promise<SafetyRecord | null>
  /** Oldest first, a page at a time; with the place in the chain and its hash. */
  each(range: RecordRange, visit: (record: SafetyRecord, link: ChainEnd) => void): Promise<void>
  counts(): Promise<ReadonlyMap<AgentId, SafetyCounts>>
  verify(): Promise<ChainVerdict>
  /** Records from before there was a master key, or from while it was not there: they come under the seal with the next one. */
  unsealed(): Promise<{ from: number; to: number } | null>
}

/** What was found, as it was: sealed. */
export interface Originals {
  /** All or none. */
  save(originals: readonly { readonly id: RecordId; readonly at: Millis; readonly sealed: Buffer }[]): Stored
  get(id: RecordId): Promise<Buffer | null>
  /** Newest first. */
  recent(limit: number): Promise<{ id: RecordId; sealed: Buffer }[]>
  /** Forgets what is older; gives how many. Their bytes are overwritten. */
  forgetBefore(moment: Millis): Promise<number>
}

/** What was said in the room about safety, and outlives it. */
export interface SafetySettings {
  rules(): Promise<{ agentId: AgentId | null; rules: SafetyRules }[]>
  saveRules(agentId: AgentId | null, rules: SafetyRules): Promise<void>
  allowances(): Promise<Allowance[]>
  saveAllowance(allowance: Allowance): Promise<void>
  /** False when there was none. */
  deleteAllowance(id: string): Promise<boolean>
}

export interface StoredUser extends User {
  /** bcrypt's. */
  readonly passwordHash: string
  /** New with each password: a session that carries another one has ended. */
  readonly stamp: string
}

export interface UserRepository {
  /** By name. */
  all(): Promise<StoredUser[]>
  get(name: string): Promise<StoredUser | null>
  /** False when there is one of that name. */
  add(user: StoredUser): Promise<boolean>
  /** False when there is nobody of that name. The hash from before is overwritten, as that of a user who is removed. */
  setPassword(name: string, passwordHash: string, stamp: string): Promise<boolean>
  remove(name: string): Promise<boolean>
  seen(name: string, at: Millis): Promise<void>
}

export interface StoredStageLock {
  /** bcrypt's; of a password for this lock, or a copy of the hash that the account had then. */
  readonly passwordHash: string
  readonly opensWith: 'stage-password' | 'account-password'
  readonly lockedBy: string
  readonly lockedAt: Millis
}

export interface StageLockRepository {
  /** Null where secrets are not locked. */
  get(): Promise<StoredStageLock | null>
  /** False when they are locked already. Durable when it resolves. */
  add(lock: StoredStageLock): Promise<boolean>
  /** Its hash is overwritten. */
  remove(): Promise<void>
}

/** Found by the SHA-256 of what opens the door, in hexadecimal; the token itself is nowhere. Revoked ones are never given out. */
export interface ApiTokenRepository {
  /** Oldest first. */
  all(): Promise<ApiToken[]>
  find(tokenHash: string): Promise<ApiToken | null>
  add(token: ApiToken, tokenHash: string): Promise<void>
  /** False when there is none, or none any more. */
  revoke(id: string, at: Millis): Promise<boolean>
  used(id: string, at: Millis): Promise<void>
}

/** Sessions that were ended before their time. */
export interface RevokedSessions {
  /** Durable against power loss when it resolves; false when it was revoked before. */
  revoke(id: string, expiresAt: Millis): Promise<boolean>
  has(id: string): Promise<boolean>
  forgetExpired(now: Millis): Promise<void>
}

/** A control room among those that share one state; it keeps its name over restarts. */
export type InstanceId = string

export interface Instances {
  readonly own: InstanceId
  /** All who share this state, for servers that others use too. */
  readonly group: string
  /** Goes on living for a lease; false once somebody else has taken it for dead. */
  renew(): Promise<boolean>
  /** One whose lease is over and that nobody has settled: given to one asker alone, for the length of a lease. */
  claimDead(): Promise<InstanceId | null>
  settled(instance: InstanceId): Promise<void>
  /** Whose an agent is; null where there is no such agent. */
  ownerOf(agentId: AgentId): Promise<InstanceId | null>
  agentsOf(instance: InstanceId): Promise<Agent[]>
  /** Newest first. */
  agentsOfOthers(): Promise<Agent[]>
  /** The others whose lease is not over. */
  living(): Promise<InstanceId[]>
  /** Its lease is over at once. */
  leave(): Promise<void>
}

export interface State {
  /** Null where nobody shares it. Then everything belongs to this room. */
  readonly instances: Instances | null
  readonly events: EventStore
  readonly eventLog: EventLog
  readonly agents: AgentRepository
  readonly launchPlans: LaunchPlanRepository
  readonly checkpoints: CheckpointRepository
  readonly recentScripts: RecentScripts
  readonly ledger: Ledger
  readonly calls: CallRepository
  readonly alerts: AlertRepository
  readonly safetyAudit: SafetyAudit
  readonly originals: Originals
  readonly safetySettings: SafetySettings
  readonly keyGenerations: KeyGenerations
  readonly secrets: SecretRepository
  readonly services: ServiceRepository
  readonly serviceAnswers: ServiceAnswers
  readonly stageLock: StageLockRepository
  readonly users: UserRepository
  readonly apiTokens: ApiTokenRepository
  readonly revokedSessions: RevokedSessions
  /** The key of the audits' seals has come: what was added meanwhile comes under it with the next record. */
  sealAudits(key: Buffer): Stored
  /** Whatever is asked after this is refused with UNAVAILABLE. Safe to call twice. */
  close(): Promise<void>
}
