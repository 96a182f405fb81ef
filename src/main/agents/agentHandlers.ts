import type { LaunchRequest } from '../../shared/contract/agents.ts'
import type { ExplainedSetting } from '../../shared/contract/launch.ts'
import type { LaunchPlan } from '../../shared/domain/agent.ts'
import { describeProvider } from '../../shared/providerSentences.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock } from '../ports.ts'
import type { PerformanceDesk } from '../performance/performanceDesk.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { CallRepository, RecentScripts } from '../state/repositories.ts'
import { readAgentMetrics, type AgentMetricsOptions } from './agentMetrics.ts'
import type { Supervisor } from './supervisor.ts'

export interface AgentHandlerOptions {
  readonly supervisor: Supervisor
  readonly plan: (request: LaunchRequest) => Promise<{ plan: LaunchPlan; settings: readonly ExplainedSetting[] }>
  /** Refuses a plan whose secrets cannot be opened. */
  readonly requireSecrets: (plan: LaunchPlan) => Promise<void>
  readonly recentScripts: RecentScripts
  readonly budgets: AgentMetricsOptions['budgets']
  readonly calls: CallRepository
  readonly performance: Pick<PerformanceDesk, 'of'>
  readonly bus: EventBus
  readonly clock: Clock
}

type AgentCommand = 'agent.list' | 'agent.status' | 'agent.start' | 'agent.stop' | 'agent.restart' | 'agent.remove' | 'agent.metrics'

export function agentHandlers(options: AgentHandlerOptions): Pick<CommandHandlers, AgentCommand> {
  const { supervisor, plan, requireSecrets, recentScripts, bus, clock } = options
  return {
    // The place is read first: a change in between is told twice, never left out.
    'agent.list': () => {
      const seq = bus.latest()
      return { agents: supervisor.list(), seq }
    },
    'agent.status': ({ agentId }) => supervisor.get(agentId),
    'agent.start': async (request) => {
      const { plan: decided, settings } = await plan(request)
      await requireSecrets(decided)
      await recentScripts.touch(decided.script, clock.now())
      const { columns, rows } = request
      const agent = await supervisor.launch(decided, columns !== undefined && rows !== undefined ? { columns, rows } : undefined)
      if (decided.llm.mode === 'simulated') {
        await bus.announce({ name: 'log.written', agentId: agent.id, severity: 'INFO', message: describeProvider(decided.llm, settings), payload: { fields: {} } })
      }
      return agent
    },
    'agent.stop': ({ agentId }) => supervisor.stop(agentId, 'asked'),
    'agent.restart': ({ agentId }) => supervisor.restart(agentId),
    'agent.remove': async ({ agentId }) => {
      await supervisor.remove(agentId)
      return {}
    },
    'agent.metrics': ({ agentId }) => readAgentMetrics(agentId, options),
  }
}
