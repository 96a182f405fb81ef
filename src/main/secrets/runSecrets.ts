import type { Agent, AgentId, Environment } from '../../shared/domain/agent.ts'
import type { RotationOutcome, SecretId } from '../../shared/domain/secret.ts'

/** What running agents have as secrets, and what was superseded under them. */
export interface RunSecrets {
  /** Decrypts what the run is to have, before its process is spawned; written into the audit. Throws where that cannot be: then nothing starts. */
  inject(agent: Agent): Promise<Readonly<Record<string, string>>>
  /** Its values at this moment, superseded and sealed ones too: none of them may be seen by anybody. Cheap. */
  valuesOf(agentId: AgentId): readonly string[]
  /** How often its values have changed since its process was started. */
  generationOf(agentId: AgentId): number
  /** What the agent itself gets when it asks: its values, and placeholders for sealed ones. Written into the audit. */
  forAgent(agentId: AgentId): Promise<{ secrets: Record<string, string>; generation: number }>
  /** The value that is to leave for a host in place of one that an agent sent: the current one of a superseded or sealed one. Null where it is none of ours. Cheap. */
  currentOf(agentId: AgentId, sent: string, host: string): string | null
  /** Why a call with this placeholder is not to leave, in one sentence; null where nothing is in its way. Cheap. */
  refusalOf(agentId: AgentId, sent: string): string | null
  /** A secret was deleted: from now on it is put in for nobody, and given to nobody who asks. What an agent has itself, it keeps until it starts again. */
  withdraw(id: SecretId): void
  /** The deletion was taken back. */
  giveBack(id: SecretId): void
  /** How a call with a key was answered. True where it was refused, and there is another key to try at once. */
  answered(agentId: AgentId, call: KeyedCall): boolean
  /** Its provider has taken this value, which is about to be a secret's: if it is refused later, the former one comes back. */
  noteProbed(id: SecretId, value: string): void
  /** A secret has another value: every running agent that has it gets the new one, each in its own way. */
  rotate(secret: RotatedSecret): Promise<{ agentId: AgentId; outcome: RotationOutcome }[]>
  /** The run is over. */
  forget(agentId: AgentId): void
}

export interface RotatedSecret {
  readonly id: SecretId
  readonly name: string
  readonly environment: Environment
  readonly version: number
}

export interface KeyedCall {
  /** What the agent sent. */
  readonly sent: string
  /** What has left in its stead. */
  readonly used: string
  readonly host: string
  readonly status: number
}
