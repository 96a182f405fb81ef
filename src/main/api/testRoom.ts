import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentId } from '../../shared/domain/agent.ts'
import { accountHandlers } from '../access/accountHandlers.ts'
import { OWNER_TOKEN_FILE } from '../access/ownerToken.ts'
import type { Passwords } from '../access/passwords.ts'
import { createTestAccess, type TestAccess } from '../access/testAccess.ts'
import type { ControlRoom } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import type { CommandHandlers, StreamHandlers } from '../router/router.ts'
import { createTestRouter } from '../router/testRouter.ts'
import { openState } from '../state/openState.ts'
import { systemClock } from '../systemPorts.ts'
import type { Log, LogEntry } from '../telemetry/log.ts'

export const AGENT_ID: AgentId = 'lg-7a3f9c2d'
export const OTHER_AGENT_ID: AgentId = 'ot-00000001'
export const RUN_TOKEN = 'run-token-of-the-lead-agent'

export interface TestRoom extends Pick<TestAccess, 'accounts' | 'apiTokens'> {
  readonly room: ControlRoom
  readonly ownerToken: string
  /** An API token. */
  readonly viewerToken: string
  readonly defects: unknown[]
  readonly logged: LogEntry[]
  readonly published: { url: string; port: number }[]
  /** Commands that strangers asked for. */
  readonly turnedAway: string[]
  remove(): Promise<void>
}

export interface TestRoomOptions {
  readonly commandHandlers?: Partial<CommandHandlers>
  readonly streamHandlers?: Partial<StreamHandlers>
  readonly clock?: Clock
  readonly passwords?: Passwords
}

/** A room with real access, real accounts and a real router, in a temporary folder. One agent of it runs. */
export async function createTestRoom(options: TestRoomOptions = {}): Promise<TestRoom> {
  const { clock = systemClock, passwords } = options
  const dataFolder = await mkdtemp(join(tmpdir(), 'iron-cage-api-'))
  const state = await openState({ dataFolder: join(dataFolder, 'state'), clock })
  const { access, accounts, apiTokens } = await createTestAccess({
    dataFolder,
    state,
    clock,
    passwords,
    agentIdOfRunToken: (token) => (token === RUN_TOKEN ? AGENT_ID : null),
    statusOf: (agentId) => (agentId === AGENT_ID ? 'running' : agentId === OTHER_AGENT_ID ? 'stopped' : null),
  })
  const logged: LogEntry[] = []
  const log: Log = { write: (entry) => void logged.push(entry), flush: async () => {} }
  const { router, defects } = createTestRouter({ ...accountHandlers({ accounts, apiTokens, log }), ...options.commandHandlers }, options.streamHandlers)
  const published: { url: string; port: number }[] = []
  const turnedAway: string[] = []
  return {
    room: {
      router,
      access,
      dataFolder,
      onTurnedAway: async (name) => void turnedAway.push(name),
      log,
      bus: { announce: () => Promise.reject(new Error('no bus here')), listen: () => () => {}, follow: () => () => {}, hearOthers: () => () => {}, latest: () => 0 },
      publish: ({ url, port }) => void published.push({ url, port }),
      stop: async () => {},
    },
    accounts,
    apiTokens,
    ownerToken: (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim(),
    viewerToken: (await apiTokens.create({ label: 'invented', role: 'viewer', agentId: null })).token,
    defects,
    logged,
    published,
    turnedAway,
    async remove() {
      await state.close()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
