import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Agent, AgentStatus, LaunchPlan } from '../../shared/domain/agent.ts'
import { samplePlan } from '../../shared/domain/testAgents.ts'
import type { Event } from '../../shared/domain/event.ts'
import { createEventBus } from '../events/eventBus.ts'
import { openState } from '../state/openState.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { createLaunchPlans } from './launchPlans.ts'
import { systemProcessTable } from './processTable.ts'
import { spawnPty } from './pty.ts'
import { createSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts'

/** A real supervisor on a real database with real processes, in a folder of its own. For specs only. */
export interface TestSupervisor {
  readonly supervisor: Supervisor
  readonly folder: string
  readonly events: Event[]
  /** From now on nothing can be stored, as on a full disk. */
  breakStore(): void
  /** What the room was told of because of that. */
  readonly failures: unknown[]
  onFailure(listener: () => void): void
  /** Resolves with the agent as soon as it has, or has had, this status. */
  reached(agentId: string, status: AgentStatus): Promise<Agent>
  /** Resolves when the terminal has shown this text. */
  shown(agentId: string, text: string): Promise<string>
  /** How attached processes take it when they are asked to end; nobody listens at first. */
  askToEnd: SupervisorOptions['askToEnd']
  close(): Promise<void>
}

/** What this supervisor takes for private. */
export const INVENTED_ADDRESS = 'ceo@acme.test'

export async function createTestSupervisor(folder?: string, key: Buffer | null = null, changes: Partial<SupervisorOptions> = {}): Promise<TestSupervisor> {
  const dataFolder = folder ?? (await mkdtemp(join(tmpdir(), 'iron-cage-agents-')))
  const state = await openState({ dataFolder, clock: systemClock })
  const onDefect = (defect: unknown, where: string): string => {
    throw new Error(`Defect at ${where}`, { cause: defect })
  }
  const bus = await createEventBus({ events: state.events, clock: systemClock, onDefect })
  const events: Event[] = []
  const failures: unknown[] = []
  let failureListener = (): void => undefined
  let isBroken = false
  bus.listen((batch) => void events.push(...batch))
  const sink = { redact: (text: string) => text.replaceAll(INVENTED_ADDRESS, '[EMAIL_REDACTED]'), knowSecrets: () => undefined }
  const supervisor = await createSupervisor({
    state,
    launchPlans: createLaunchPlans({ state, sink, key: () => key }),
    dataFolder,
    clock: systemClock,
    random: systemRandom,
    table: systemProcessTable(),
    spawn: spawnPty,
    lastUnhandled: () => null,
    announce: (announcement) => (isBroken ? Promise.reject(new Error('invented: the disk is full')) : bus.announce(announcement)),
    environmentFor: ({ plan }, runToken) => ({ PATH: process.env['PATH'] ?? '', ...plan.variables, IRON_CAGE_RUN_TOKEN: runToken }),
    askToEnd: (agentId, reason) => test.askToEnd(agentId, reason),
    createFilter: (_agentId, output) => ({ push: (data) => output({ shown: data, kept: data }), flush: () => undefined }),
    onDefect,
    onFailure(problem) {
      failures.push(problem)
      failureListener()
    },
    ...changes,
  })

  const test: TestSupervisor = {
    supervisor,
    folder: dataFolder,
    askToEnd: () => false,
    events,
    failures,
    onFailure(listener) {
      failureListener = listener
    },
    breakStore() {
      isBroken = true
    },
    reached: (agentId, status) =>
      new Promise((resolve) => {
        const look = (batch: readonly Event[]): boolean =>
          batch.some((event) => {
            if (event.name !== 'agent.changed' || event.agentId !== agentId || event.payload.agent.status !== status) return false
            resolve(event.payload.agent)
            return true
          })
        if (look(events)) return
        const stopListening = bus.listen((batch) => {
          if (look(batch)) stopListening()
        })
      }),
    shown: (agentId, text) =>
      new Promise((resolve) => {
        const terminal = supervisor.terminal(agentId)
        const following = terminal.follow(0, {
          push(item) {
            if (item.kind !== 'data') return
            setImmediate(() => following.acknowledge?.(item.data.length))
            if (!terminal.ring.text().includes(text)) return
            following.close()
            resolve(terminal.ring.text())
          },
          end: () => undefined,
        })
      }),
    async close() {
      await supervisor.stopAll()
      await bus.settled()
      await state.close()
      if (folder === undefined) await rm(dataFolder, { recursive: true, force: true })
    },
  }
  return test
}

/** A plan that runs Python or shell text given on the command line. */
export function planOf(program: 'python3' | 'sh', text: string, changes: Partial<LaunchPlan> = {}): LaunchPlan {
  return samplePlan({ command: [program, '-c', text], interpreter: program, workingDirectory: tmpdir(), ...changes })
}
