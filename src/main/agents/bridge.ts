import type { AgentId } from '../../shared/domain/agent.ts'

/** The way to a running agent that speaks with us: a local socket of its own. */
export interface AgentBridge {
  /** What its process finds in its environment, so that it finds us. */
  environmentOf(agentId: AgentId, runToken: string): Readonly<Record<string, string>>
  /** Whether it has said that it handles SIGUSR1. Never for a process that has not. */
  handlesSignal(agentId: AgentId): boolean
  /** Tells it that its secrets have another generation; resolves with whether it said in time that it has them. */
  tellOfSecrets(agentId: AgentId, generation: number): Promise<'applied' | 'told' | 'unreachable'>
  /** Asks its processes to end, where they listen; false where none does. */
  tellToStop(agentId: AgentId, reason: string): boolean
  /** Hangs up on processes whose run is over. */
  closeOver(): void
  /** How many there are, of processes that have said who they are. */
  connections(): number
  close(): Promise<void>
}
