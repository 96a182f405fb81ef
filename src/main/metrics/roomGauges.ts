import { AgentStatus, type Agent, type AgentId } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import { BreakerState, type ServiceView } from '../../shared/domain/service.ts'
import { formatExactDollars } from '../../shared/format.ts'
import type { ProcessMetrics } from '../agents/supervisor.ts'
import { gauge, single, type Family, type Sample } from './exposition.ts'

/** As things stand in the room at this moment. */
export interface RoomFigures {
  readonly version: string
  readonly host: string
  readonly agents: readonly Agent[]
  readonly budgets: readonly Budget[]
  /** Of the agents that run. */
  readonly processes: readonly ProcessMetrics[]
  readonly services: readonly ServiceView[]
  readonly bridgeConnections: number
  readonly viewers: number
  /** Bytes by file; none where it lies elsewhere. */
  readonly database: Readonly<Record<string, number>>
}

/** Of so many agents each has figures of its own: those that run, then the newest. */
const MOST_AGENTS = 200
const MOST_SERVICES = 100

export function roomGauges(figures: RoomFigures): Family[] {
  const { agents, budgets, processes, services, database } = figures
  const shown = new Set(shownAgents(agents))
  const ofAgents = <T extends { readonly agentId: AgentId }>(rows: readonly T[], value: (row: T) => number | string): Sample[] =>
    rows.filter(({ agentId }) => shown.has(agentId)).map((row) => ({ labels: { agent: row.agentId }, value: value(row) }))
  const sum = <T>(rows: readonly T[], value: (row: T) => number): number => rows.reduce((total, row) => total + value(row), 0)
  return [
    gauge('iron_cage_info', 'Which room this is.', [{ labels: { version: figures.version, host: figures.host }, value: 1 }]),
    gauge('iron_cage_agents', 'Agents on the list, by status.', AgentStatus.options.map((status) => ({ labels: { status }, value: agents.filter((agent) => agent.status === status).length }))),
    gauge('iron_cage_agent_budget_limit_dollars', 'The limit of an agent\'s budget.', ofAgents(budgets, ({ limit }) => formatExactDollars(limit))),
    gauge('iron_cage_agent_budget_spent_dollars', 'What an agent has spent of it.', ofAgents(budgets, ({ spent }) => formatExactDollars(spent))),
    gauge('iron_cage_agent_budget_reserved_dollars', 'The worst cases of an agent\'s calls under way.', ofAgents(budgets, ({ reserved }) => formatExactDollars(reserved))),
    gauge('iron_cage_agent_processes', 'Processes of an agent that runs.', ofAgents(processes, (one) => one.processes)),
    gauge('iron_cage_agent_resident_memory_bytes', 'Memory of these processes.', ofAgents(processes, ({ residentBytes }) => residentBytes)),
    gauge('iron_cage_agent_cpu_seconds', 'Processor time of these processes; it falls when one of them ends.', ofAgents(processes, ({ cpuMs }) => cpuMs / 1000)),
    gauge('iron_cage_agent_restarts', 'How often an agent was restarted in a row.', ofAgents(processes, ({ restarts }) => restarts)),
    gauge('iron_cage_llm_calls_open', 'LLM calls under way.', single(sum(budgets, ({ openCalls }) => openCalls))),
    gauge('iron_cage_llm_calls_parked', 'LLM calls that wait for somebody to approve an increase or to decline.', single(sum(budgets, ({ parked }) => parked.length))),
    ...serviceGauges(services),
    gauge('iron_cage_bridge_connections', 'Connections of agents over the bridge.', single(figures.bridgeConnections)),
    gauge('iron_cage_websocket_connections', 'Viewers over WebSocket.', single(figures.viewers)),
    gauge('iron_cage_database_bytes', 'Size of the database\'s files.', Object.entries(database).map(([file, value]) => ({ labels: { file }, value }))),
  ]
}

export function shownAgents(agents: readonly Agent[]): AgentId[] {
  const byImportance = [...agents].sort((one, other) => Number(isAlive(other.status)) - Number(isAlive(one.status)) || other.createdAt - one.createdAt)
  return byImportance.slice(0, MOST_AGENTS).map(({ id }) => id)
}

/** A service of many agents is one row; names beyond so many are one too, for agents name services themselves. */
function serviceGauges(services: readonly ServiceView[]): Family[] {
  const byName = new Map<string, ServiceView[]>()
  for (const view of services) {
    const name = byName.has(view.service) || byName.size < MOST_SERVICES ? view.service : 'other'
    const views = byName.get(name)
    if (views) views.push(view)
    else byName.set(name, [view])
  }
  const samples = (value: (view: ServiceView) => number): Sample[] =>
    [...byName].map(([service, views]) => ({ labels: { service }, value: views.reduce((total, view) => total + value(view), 0) }))
  const breakers = BreakerState.options.flatMap((state) => samples((view) => Number(view.state === state)).map(({ labels, value }) => ({ labels: { ...labels, state }, value })))
  return [
    gauge('iron_cage_breakers', 'Breakers by state; a service has one for each agent and part of it.', breakers),
    gauge('iron_cage_service_calls', 'Calls that went to a service, of agents on the list.', samples(({ calls }) => calls)),
    gauge('iron_cage_service_failures', 'Calls of these that failed.', samples(({ failures }) => failures)),
    gauge('iron_cage_service_calls_kept_away', 'Calls that a breaker kept away from a service, of agents on the list.', samples(({ blocked }) => blocked)),
  ]
}
