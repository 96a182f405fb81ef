import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentId } from '../../shared/domain/agent.ts'
import { createAccess } from '../access/access.ts'
import { OWNER_TOKEN_FILE } from '../access/ownerToken.ts'
import type { ControlRoom } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import type { CommandHandlers, StreamHandlers } from '../router/router.ts'
import { createTestRouter } from '../router/testRouter.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import type { LogEntry } from '../telemetry/log.ts'

export const AGENT_ID: AgentId = 'lg-7a3f9c2d'
export const OTHER_AGENT_ID: AgentId = 'ot-00000001'
export const RUN_TOKEN = 'run-token-of-the-lead-agent'
/** Viewers get tokens with accounts; until then the tests have one of their own. */
export const VIEWER_TOKEN = 'token-of-a-guest'

export interface TestRoom {
  readonly room: ControlRoom
  readonly ownerToken: string
  readonly defects: unknown[]
  readonly logged: LogEntry[]
  readonly published: { url: string; port: number }[]
  remove(): Promise<void>
}

export interface TestRoomOptions {
  readonly commandHandlers?: Partial<CommandHandlers>
  readonly streamHandlers?: Partial<StreamHandlers>
  readonly clock?: Clock
}

/** A room with real access and a real router, in a temporary folder. */
export async function createTestRoom(options: TestRoomOptions = {}): Promise<TestRoom> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'iron-cage-api-'))
  const access = await createAccess({
    dataFolder,
    clock: options.clock ?? systemClock,
    random: systemRandom,
    agentIdOfRunToken: (token) => (token === RUN_TOKEN ? AGENT_ID : null),
  })
  const { router, defects } = createTestRouter(options.commandHandlers, options.streamHandlers)
  const logged: LogEntry[] = []
  const published: { url: string; port: number }[] = []
  return {
    room: {
      router,
      access: {
        ...access,
        fromBearer: (token) => (token === VIEWER_TOKEN ? { role: 'viewer', id: 'guest' } : access.fromBearer(token)),
      },
      dataFolder,
      log: { write: (entry) => void logged.push(entry), flush: async () => {} },
      bus: { announce: () => Promise.reject(new Error('no bus here')), listen: () => () => {}, latest: () => 0 },
      publish: (address) => void published.push(address),
      stop: async () => {},
    },
    ownerToken: (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim(),
    defects,
    logged,
    published,
    remove: () => rm(dataFolder, { recursive: true, force: true }),
  }
}
