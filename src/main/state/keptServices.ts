import type { AgentId } from '../../shared/domain/agent.ts'
import type { Destination } from '../../shared/domain/service.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { JsonValue } from '../../shared/errors.ts'

/** A breaker as it was written down; whose document it is, the reliability room knows. */
export interface KeptBreaker {
  /** Null: of the room itself. */
  readonly agentId: AgentId | null
  readonly service: string
  readonly endpoint: string
  readonly breaker: JsonValue
}

/** An answer, sealed; `question` is a keyed hash of what was asked. */
export interface KeptAnswer {
  readonly owner: string
  readonly service: string
  readonly question: string
  readonly sealed: Buffer
  readonly keptAt: Millis
  /** Nobody gets it after this moment. */
  readonly until: Millis
}

/** What is known of services. It survives the end of the process at any moment, not a loss of power. */
export interface ServiceRepository {
  breakers(): Promise<KeptBreaker[]>
  destinations(): Promise<Destination[]>
  /** All or none; stored when it returns. */
  save(breakers: readonly KeptBreaker[], destinations: readonly Destination[]): void
  forgetAgent(agentId: AgentId): void
}

export interface ServiceAnswers {
  /** Stored when it returns. Of this service of this owner only so many are kept, those that were used last. */
  put(answer: KeptAnswer, mostEntries: number): void
  /** Null where there is none, or none any more. */
  get(owner: string, service: string, question: string, now: Millis): { sealed: Buffer; keptAt: Millis } | null
  remove(owner: string, service: string, question: string): void
  forgetBefore(moment: Millis): Promise<number>
}
