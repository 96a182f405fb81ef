import type { SafetyStatus } from '../../../shared/contract/safety.ts'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Allowance, RecordId, SafetyRecord } from '../../../shared/domain/safety.ts'
import type { SafetyRules } from '../../../shared/domain/safetyRules.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { EventBus } from '../../events/bus.ts'
import type { Clock, Random } from '../../ports.ts'
import type { Keys } from '../../secrets/keys.ts'
import type { State } from '../../state/repositories.ts'
import type { AllowanceBook } from '../allowances/allowanceBook.ts'
import type { OriginalVault } from './originalVault.ts'
import type { SafetyDesk } from './safetyDesk.ts'
import type { Scanner } from '../scan/scanner.ts'
import type { ScannerOptions } from '../sinkRedactor.ts'

/** Every agent's safety. */
export interface RunningSafetyDesk extends SafetyDesk {
  list(): SafetyStatus[]
  /** Throws AGENT_NOT_FOUND. */
  status(agentId: AgentId): SafetyStatus
  roomRules(): SafetyRules
  /** Null is the whole room. A part that is left out stays as it is. */
  setRules(agentId: AgentId | null, change: Partial<SafetyRules>, actor: string): Promise<SafetyRules>
  readonly allowances: Pick<AllowanceBook, 'list' | 'get'>
  addAllowance(allowance: Allowance, about: RecordId | null): Promise<void>
  /** False when there was none. */
  removeAllowance(id: string, actor: string): Promise<boolean>
  /** A master key has come: what is in the audit without a seal comes under it. */
  keysOpened(): Promise<void>
  /** Originals are kept for another time than before. */
  retentionChanged(): void
  /** What is known of an agent's secrets changed. */
  secretsChanged(agentId: AgentId): void
  /** What looks for everything, for what is kept and is no agent's. */
  fullScanner(): Scanner
  /** What looks as an agent's rules say, or, for null, for everything that is not named as not private for all; for secrets only where whoever asks may know them. */
  checkScanner(agentId: AgentId | null, mayKnowSecrets: boolean): Scanner
  /** Rules and allowances may be others, where they are shared. */
  lookAgain(): Promise<void>
  readonly originals: OriginalVault
  hashOf(value: string): string
  freshId(): RecordId
  /** Resolves when it stands in the audit; rejects when it does not. */
  record(record: SafetyRecord, message: string): Promise<void>
  /** What was found so far stands in the audit, or could not be written down. */
  settled(): Promise<void>
  close(): Promise<void>
}

export interface SafetyDeskOptions {
  readonly state: Pick<State, 'agents' | 'safetyAudit' | 'originals' | 'safetySettings'>
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  /** Ends an agent's run. */
  readonly halt: (agentId: AgentId, reason: string) => Promise<unknown>
  /** Values that are secret for an agent, as things stand. */
  readonly secretsOf: (agentId: AgentId) => readonly string[]
  readonly createScanner: (options: ScannerOptions) => Scanner
  /** Asked whenever it matters; nothing is kept where it is nothing. */
  readonly keepOriginalsMs?: () => Millis
  /** What was named as not private is something else now. */
  readonly onAllowances?: () => void
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** What was found can no longer be written down. */
  readonly onFailure: (problem: unknown) => void
}
