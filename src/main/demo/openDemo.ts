import { join } from 'node:path'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { OWNER } from '../access/owner.ts'
import type { Supervisor } from '../agents/supervisor.ts'
import { resourcesIn } from '../application.ts'
import type { RunningBudgetDesk } from '../budget/budgetDesk.ts'
import type { LaunchPlanner } from '../configuration/launchPlanner.ts'
import type { Random } from '../ports.ts'
import type { ServiceDesk } from '../reliability/serviceDesk.ts'
import type { Router } from '../router/router.ts'
import type { RunSecrets } from '../secrets/runSecrets.ts'
import type { SecretStore } from '../secrets/secretStore.ts'
import { demoHandlers, type DemoHandlers } from './demoHandlers.ts'
import { createDemoKey } from './demoKey.ts'
import { createDirector, type Director, type DirectorOptions } from './director.ts'
import { createDemoEngine } from './engine/createDemoEngine.ts'
import { interpreterSetting } from './engine/interpreterSetting.ts'

export interface DemoRooms extends Pick<DirectorOptions, 'clock' | 'bus' | 'prices' | 'tokens' | 'onDefect'> {
  readonly dataFolder: string
  readonly applicationFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly searchPath?: Promise<string | null>
  readonly random: Random
  readonly planner: Pick<LaunchPlanner, 'layers'>
  readonly secrets: SecretStore
  readonly runSecrets: Pick<RunSecrets, 'rotate'>
  readonly services: Pick<ServiceDesk, 'keep'>
  readonly budgets: Pick<RunningBudgetDesk, 'list'>
  readonly supervisor: Pick<Supervisor, 'list'>
  /** The room's own door: the demo's agent is started as any other is. */
  readonly request: Router['request']
}

/** The demo among the rooms. */
export interface DemoRoom extends DemoHandlers {
  close(): Promise<void>
}

export async function openDemo(rooms: DemoRooms): Promise<DemoRoom> {
  const { dataFolder, applicationFolder, environment, searchPath, random, planner, secrets, runSecrets, services, budgets, supervisor, request } = rooms
  const folder = join(dataFolder, 'demo')
  const agentOf = (agentId: AgentId): Agent | null => supervisor.list().find(({ id }) => id === agentId) ?? null
  const engine = createDemoEngine({ folder, environment, searchPath, platform: process.platform, interpreterSetting: () => interpreterSetting(planner), onChange: () => director.changed() })
  const director: Director = await createDirector({
    ...rooms,
    folder,
    shippedFolder: join(resourcesIn(applicationFolder), 'demo'),
    key: createDemoKey({ secrets, rotate: (secret) => runSecrets.rotate(secret), random }),
    engine,
    agents: {
      start: async (wanted) => (await request('agent.start', wanted, OWNER)) as unknown as Agent,
      restart: (agentId) => request('agent.restart', { agentId }, OWNER),
      stop: (agentId) => request('agent.stop', { agentId }, OWNER),
      remove: (agentId) => request('agent.remove', { agentId }, OWNER),
      find: agentOf,
    },
    spentOf: (agentId) => budgets.list().find((budget) => budget.agentId === agentId)?.spent ?? 0,
    keepAnswer: (agentId, answer) => services.keep(agentId, answer),
  })
  return {
    ...demoHandlers(director, engine),
    async close() {
      await engine.close()
      await director.close()
    },
  }
}
