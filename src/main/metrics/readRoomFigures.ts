import { isAlive } from '../../shared/domain/agentStatus.ts'
import { AppError } from '../../shared/errors.ts'
import type { AgentBridge } from '../agents/bridge.ts'
import type { ProcessTable } from '../agents/processTable.ts'
import type { ProcessMetrics, Supervisor } from '../agents/supervisor.ts'
import type { RunningBudgetDesk } from '../budget/budgetDesk.ts'
import type { ServiceDesk } from '../reliability/serviceDesk.ts'
import { databaseBytes } from '../state/databaseBytes.ts'
import { shownAgents, type RoomFigures } from './roomGauges.ts'

export interface RoomSources extends Pick<RoomFigures, 'version' | 'host'> {
  readonly dataFolder: string
  readonly supervisor: Pick<Supervisor, 'list' | 'processMetrics'>
  readonly table: ProcessTable
  readonly budgets: Pick<RunningBudgetDesk, 'list'>
  readonly services: Pick<ServiceDesk, 'list'>
  readonly bridge: Pick<AgentBridge, 'connections'>
  readonly viewers: () => number
}

export async function readRoomFigures({ version, host, dataFolder, supervisor, table, budgets, services, bridge, viewers }: RoomSources): Promise<RoomFigures> {
  const agents = supervisor.list()
  let rows: ReturnType<ProcessTable['rows']> | null = null
  // The system's processes are read once, however many agents there are.
  const seen: ProcessTable = { ...table, rows: () => (rows ??= table.rows()) }
  const shown = new Set(shownAgents(agents))
  const running = agents.filter(({ id, status }) => isAlive(status) && shown.has(id))
  const processes = await Promise.all(running.map(({ id }) => supervisor.processMetrics(id, seen).catch(isGone)))
  return {
    version,
    host,
    agents,
    budgets: budgets.list(),
    processes: processes.filter((one): one is ProcessMetrics => one !== null),
    services: services.list(),
    bridgeConnections: bridge.connections(),
    viewers: viewers(),
    database: databaseBytes(dataFolder),
  }
}

/** Null for one that was taken off the list meanwhile. */
function isGone(problem: unknown): null {
  if (problem instanceof AppError && problem.code === 'AGENT_NOT_FOUND') return null
  throw problem
}
