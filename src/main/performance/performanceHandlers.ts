import type { AgentId } from '../../shared/domain/agent.ts'
import type { EventBus } from '../events/bus.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { PerformanceDesk } from './performanceDesk.ts'

export interface PerformanceHandlerOptions {
  readonly performance: PerformanceDesk
  readonly bus: EventBus
  readonly agents: () => readonly { readonly id: AgentId }[]
  /** Throws where there is no such agent. */
  readonly requireAgent: (agentId: AgentId) => unknown
}

export function performanceHandlers({ performance, bus, agents, requireAgent }: PerformanceHandlerOptions): Pick<CommandHandlers, 'agent.performance' | 'performance.list' | 'performance.history'> {
  return {
    'agent.performance': ({ agentId }) => {
      requireAgent(agentId)
      return performance.of(agentId)
    },
    // The place is read first: a change in between is told twice, never left out.
    'performance.list': () => {
      const seq = bus.latest()
      return { performances: agents().map(({ id }) => performance.of(id)), seq }
    },
    'performance.history': ({ agentId }) => {
      requireAgent(agentId)
      const seq = bus.latest()
      return { points: [...performance.history(agentId)], seq }
    },
  }
}
