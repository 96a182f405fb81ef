import type { Agent, AgentId } from '../../shared/domain/agent.ts'

/** What running agents have as secrets, and what was superseded under them. */
export interface RunSecrets {
  /** Decrypts what the run is to have, before its process is spawned; written into the audit. Throws where that cannot be: then nothing starts. */
  inject(agent: Agent): Promise<Readonly<Record<string, string>>>
  /** Its values at this moment, superseded and sealed ones too: none of them may be seen by anybody. Cheap. */
  valuesOf(agentId: AgentId): readonly string[]
  /** The value that is to leave for a host in place of one that an agent sent: the current one of a superseded or sealed one. Null where it is none of ours. Cheap. */
  currentOf(agentId: AgentId, sent: string, host: string): string | null
  /** The run is over. */
  forget(agentId: AgentId): void
}
