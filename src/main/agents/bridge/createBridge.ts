import { chmod } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'
import type { AgentBridge } from '../bridge.ts'
import type { Router } from '../../router/router.ts'
import { createConnection, type BridgeConnection } from './bridgeConnection.ts'
import { createComplaints } from './complaints.ts'
import { createFairTurns } from './fairTurns.ts'
import { findSocketPlace } from './socketPlace.ts'

export interface BridgeOptions {
  readonly dataFolder: string
  readonly clock: Clock
  /** The run that a token belongs to, found in a time that tells nothing of the token; null where it is over. */
  readonly findRun: (token: string) => { readonly agentId: AgentId } | null
  /** What an agent has as secrets at this moment. */
  readonly secretsOf: (agentId: AgentId) => Promise<{ secrets: Record<string, string>; generation: number }>
  /** Zero where nothing has changed since its process was started. */
  readonly generationOf: (agentId: AgentId) => number
  /** The router behind every door; it is made after the bridge, and before any agent is. */
  readonly request: Router['request']
  /** Of the room. */
  readonly version: string
  /** Sends SIGUSR1 to a process that has said that it handles it, unless `isAsked` says otherwise at the last moment; false where it was not sent. */
  readonly signal: (agentId: AgentId, pid: number, runToken: string, isAsked: () => boolean) => Promise<boolean>
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** Somebody does not speak as agreed; null where nobody knows who it is. One sentence, with how often it was meanwhile. */
  readonly onMisbehaved: (agentId: AgentId | null, message: string) => unknown
  readonly limits?: Partial<BridgeLimits>
  readonly platform?: NodeJS.Platform
}

export interface BridgeLimits {
  /** Whoever has not said by then who it is, is nobody. */
  readonly helloMs: Millis
  readonly mostStrangers: number
  /** Of one agent, with all its processes. */
  readonly mostConnections: number
  /** Of one process: what is asked or told beyond waits until others are answered. */
  readonly mostUnderWay: number
  readonly mostCharactersUnderWay: number
  /** A line that was begun is ended by then. */
  readonly halfLineMs: Millis
  /** The longest that all agents together hold the room's one thread before others have their turn. */
  readonly roundMs: Millis
  /** What is told of somebody again within this time is counted. */
  readonly toldAgainMs: Millis
  /** What it has not read by then it will not read. */
  readonly mostUnreadBytes: number
  /** How long an agent is waited for that was told of new values. */
  readonly appliedMs: Millis
}

const LIMITS: BridgeLimits = {
  helloMs: 5_000,
  mostStrangers: 64,
  mostConnections: 64,
  mostUnderWay: 1_024,
  mostCharactersUnderWay: 1024 * 1024,
  halfLineMs: 30_000,
  roundMs: 2,
  toldAgainMs: 10_000,
  mostUnreadBytes: 8 * 1024 * 1024,
  appliedMs: 3_000,
}

/** One local socket for all agents of the room. Nothing of it is needed for an agent to run. */
export async function createBridge(options: BridgeOptions): Promise<AgentBridge> {
  const { clock, findRun, onDefect, platform = process.platform } = options
  const limits = { ...LIMITS, ...options.limits }
  const strangers = new Set<BridgeConnection>()
  const known = new Map<AgentId, Set<BridgeConnection>>()
  const turns = createFairTurns({ roundMs: limits.roundMs })
  const complaints = createComplaints({ clock, againMs: limits.toldAgainMs, tell: options.onMisbehaved })

  function accept(socket: Socket): void {
    const [longest] = strangers
    if (longest && strangers.size >= limits.mostStrangers) {
      // Whoever is honest says who it is at once; it shall not wait behind those who never do.
      strangers.delete(longest)
      const reason = `More than ${limits.mostStrangers} connections have not said hello.`
      complaints.about(null, reason)
      longest.leave(reason)
    }
    const connection = createConnection({
      socket,
      clock,
      limits,
      turns,
      findRun,
      secretsOf: options.secretsOf,
      request: options.request,
      version: options.version,
      onDefect,
      onMisbehaved: complaints.about,
      turnAway(agentId) {
        const others = known.get(agentId) ?? new Set()
        if (others.size >= limits.mostConnections) return `An agent has ${limits.mostConnections} connections at most.`
        strangers.delete(connection)
        known.set(agentId, others.add(connection))
        return null
      },
      onReady(agentId) {
        // It was started with values that were superseded before it could be told.
        const generation = options.generationOf(agentId)
        if (generation > 0) void tell(agentId, connection, generation)
      },
      onClosed(agentId) {
        strangers.delete(connection)
        if (agentId === null) return
        const others = known.get(agentId)
        others?.delete(connection)
        if (others?.size === 0) known.delete(agentId)
      },
    })
    strangers.add(connection)
  }

  /** Resolves with whether it said in time that it has the new values. */
  async function tell(agentId: AgentId, connection: BridgeConnection, generation: number): Promise<boolean> {
    const applied = connection.applied(generation, limits.appliedMs)
    connection.send({ kind: 'secrets', generation })
    const { pid, token } = connection
    if (connection.handles.signal && pid !== null && token !== null) {
      const isAsked = (): boolean => connection.isOpen && connection.handles.signal
      await options.signal(agentId, pid, token, isAsked).catch((problem: unknown) => onDefect(problem, 'signalling an agent'))
    }
    return applied
  }

  function listening(agentId: AgentId): BridgeConnection[] {
    closeOver()
    return [...(known.get(agentId) ?? [])].filter(({ isOpen, handles }) => isOpen && handles.secrets)
  }

  function closeOver(): void {
    for (const connections of known.values()) for (const connection of connections) connection.closeIfOver()
  }

  const place = await findSocketPlace(options.dataFolder, platform)
  const server = createServer(accept)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place.path, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', (problem) => onDefect(problem, 'the bridge to agents'))
  if (platform !== 'win32') await chmod(place.path, 0o600)

  async function close(): Promise<void> {
    const isClosed = new Promise((resolve) => server.close(resolve))
    for (const connection of [...strangers, ...[...known.values()].flatMap((connections) => [...connections])]) connection.leave('The room closes.')
    await isClosed
    complaints.close()
    await place.remove()
  }

  let closing: Promise<void> | null = null
  return {
    environmentOf: () => ({ IRON_CAGE_BRIDGE: place.path }),
    handlesSignal: (agentId) => listening(agentId).some(({ handles }) => handles.signal),
    async tellOfSecrets(agentId, generation) {
      const connections = listening(agentId)
      if (connections.length === 0) return 'unreachable'
      const answers = await Promise.all(connections.map((connection) => tell(agentId, connection, generation)))
      return answers.every(Boolean) ? 'applied' : 'told'
    },
    tellToStop(agentId, reason) {
      const connections = [...(known.get(agentId) ?? [])].filter(({ isOpen }) => isOpen)
      for (const connection of connections) connection.send({ kind: 'stop', reason })
      return connections.length > 0
    },
    closeOver,
    connections: () => [...known.values()].reduce((sum, { size }) => sum + size, 0),
    close: () => (closing ??= close()),
  }
}
