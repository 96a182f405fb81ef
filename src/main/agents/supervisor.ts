import { join } from 'node:path'
import type { AgentMetrics } from '../../shared/contract/agents.ts'
import type { Agent, AgentId, LaunchPlan } from '../../shared/domain/agent.ts'
import { isAlive, isSettled } from '../../shared/domain/agentStatus.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import { isAttached } from '../../shared/domain/attached.ts'
import { AppError, messageOf } from '../../shared/errors.ts'
import type { Run } from '../gateway/run.ts'
import type { Clock, Random } from '../ports.ts'
import type { State } from '../state/repositories.ts'
import { createAgentId } from './agentId.ts'
import { createAttachedAgent, type AttachedAgent, type AttachedRun, type Leaving } from './attached/attachedAgent.ts'
import { findForeignProcess } from './attached/foreignProcess.ts'
import type { StopCause } from './lifecycle.ts'
import type { LaunchPlans } from './launchPlans.ts'
import type { ProcessTable } from './processTable.ts'
import { endOrphans } from './orphans.ts'
import type { SpawnPty } from './pty.ts'
import { createRecording, deleteRecording, NO_RECORDING, type Recording } from './recording.ts'
import { createRunTokens } from './runTokens.ts'
import { createSupervisedAgent, type SupervisedAgent } from './supervisedAgent.ts'
import { createTerminal, type Terminal, type TerminalOptions } from './terminal.ts'
import type { TerminalSize } from './terminalSize.ts'

export type ProcessMetrics = Pick<
  AgentMetrics,
  'agentId' | 'status' | 'uptimeMs' | 'restarts' | 'processes' | 'residentBytes' | 'cpuMs' | 'outputBytes'
>

export interface Supervisor {
  list(): Agent[]
  get(agentId: AgentId): Agent
  launch(plan: LaunchPlan, size?: TerminalSize): Promise<Agent>
  /** A process that is there already becomes an agent. */
  attach(plan: LaunchPlan, pid: number): Promise<AttachedRun>
  /** Its run is over, and its process goes on without us. Only for one that was attached. */
  detach(agentId: AgentId, leaving: Leaving): Promise<Agent>
  stop(agentId: AgentId, cause: StopCause, reason?: string): Promise<Agent>
  restart(agentId: AgentId): Promise<Agent>
  remove(agentId: AgentId): Promise<void>
  /** What its processes use; what its calls cost, the budget knows. */
  processMetrics(agentId: AgentId, table?: ProcessTable): Promise<ProcessMetrics>
  terminal(agentId: AgentId): Terminal
  /** Where an agent's terminal is recorded, once everything shown is in it. */
  recordingOf(agentId: AgentId): Promise<string>
  agentOfRunToken(token: string): AgentId | null
  /** The run that a token belongs to, at a cost that does not grow with the agents. */
  runOfToken(token: string): Run | null
  stopAll(): Promise<void>
}

export interface SupervisorOptions {
  readonly state: State
  readonly launchPlans: LaunchPlans
  readonly dataFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly table: ProcessTable
  readonly spawn: SpawnPty
  readonly announce: (announcement: Announcement) => Promise<unknown>
  readonly environmentFor: (agent: Agent, runToken: string) => Record<string, string> | Promise<Record<string, string>>
  /** Asks an attached process over the bridge to end; false where nobody of it listens. */
  readonly askToEnd: (agentId: AgentId, reason: string) => boolean
  /** The last exception that the agent's run told of and did not handle: `ValueError: no such lead`. */
  readonly lastUnhandled: (agentId: AgentId) => string | null
  readonly createFilter: (agentId: AgentId, output: Parameters<TerminalOptions['createFilter']>[0]) => ReturnType<TerminalOptions['createFilter']>
  readonly onDefect: (defect: unknown, where: string) => string
  /** An agent's life can no longer be stored, or went wrong where nobody waits for the answer. */
  readonly onFailure: (problem: unknown) => void
}

const USUAL_SIZE: TerminalSize = { columns: 100, rows: 30 }
/** How often running agents' processes are looked at, so that none can lose itself by losing its parent. */
const OBSERVE_EVERY_MS = 2_000

/** Each is a program that we only watch. */
const MOST_ATTACHED = 200

interface Place {
  readonly supervised: SupervisedAgent
  /** The same, where its process is not ours. */
  readonly attached: AttachedAgent | null
  readonly recording: Recording
  readonly file: string
}

const NO_FILTER: ReturnType<TerminalOptions['createFilter']> = { push: () => undefined, flush: () => undefined }

function notRecorded({ plan }: Agent, problem: unknown): AppError {
  const why = messageOf(problem)
  return new AppError('UNAVAILABLE', `What ${plan.name} shows is no longer recorded (${why}); it runs on.`)
}

function isClosing(): AppError {
  return new AppError('UNAVAILABLE', 'The control room is stopping; nothing can be started any more.')
}

export async function createSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { state, launchPlans, clock, random, table, announce, onDefect } = options
  const places = new Map<AgentId, Place>()
  const runTokens = createRunTokens()
  let isStopping = false

  const fileOf = (agentId: AgentId): string => join(options.dataFolder, 'terminals', `${agentId}.cast`)

  function houseAttached(agent: Agent): AttachedAgent {
    const { environmentFor, askToEnd, onFailure } = options
    const terminal = createTerminal({ clock, recording: NO_RECORDING, createFilter: () => NO_FILTER, size: USUAL_SIZE })
    const own = { agent, redact: launchPlans.redact, terminal, runTokens }
    const attached = createAttachedAgent({ ...own, clock, random, table, announce, environmentFor, askToEnd, onFailure })
    places.set(agent.id, { supervised: attached, attached, recording: NO_RECORDING, file: fileOf(agent.id) })
    return attached
  }

  function house(agent: Agent, plan: LaunchPlan | null, size: TerminalSize): SupervisedAgent {
    if (isAttached(agent.plan)) return houseAttached(agent)
    const file = fileOf(agent.id)
    const recording = createRecording({ file, clock, size, onFailure: (problem) => onDefect(notRecorded(agent, problem), `recording of ${agent.id}`) })
    const createFilter: TerminalOptions['createFilter'] = (output) => options.createFilter(agent.id, output)
    const terminal = createTerminal({ clock, recording, createFilter, size })
    const { environmentFor, spawn, onFailure } = options
    const repository = state.agents
    const own = { agent, plan: () => plan ?? launchPlans.openedLater(agent.id), redact: launchPlans.redact, terminal, runTokens, lastUnhandled: () => options.lastUnhandled(agent.id) }
    const supervised = createSupervisedAgent({ ...own, clock, random, table, spawn, repository, announce, environmentFor, onFailure })
    places.set(agent.id, { supervised, attached: null, recording, file })
    return supervised
  }

  function place(agentId: AgentId): Place {
    const found = places.get(agentId)
    if (!found) throw new AppError('AGENT_NOT_FOUND', `There is no agent ${agentId}.`)
    return found
  }

  async function leave(agentId: AgentId): Promise<void> {
    const { supervised, recording, file } = place(agentId)
    places.delete(agentId)
    launchPlans.forget(agentId)
    supervised.terminal.close()
    await recording.close()
    await deleteRecording(file)
  }

  async function newborn(plan: LaunchPlan): Promise<Agent> {
    if (isStopping) throw isClosing()
    const id = freshId(plan.script)
    const shown = await launchPlans.keep(id, plan)
    if (isStopping) throw isClosing()
    return {
      id,
      plan: shown,
      status: 'starting',
      reason: null,
      pid: null,
      createdAt: clock.now(),
      startedAt: null,
      endedAt: null,
      restartAt: null,
      restarts: 0,
      uptime: null,
      exit: null,
      survivors: null,
      lastOutput: [],
    }
  }

  /** What could not even be announced. */
  async function neverWas(agentId: AgentId): Promise<void> {
    await leave(agentId)
    await launchPlans.forgetStrays()
  }

  function freshId(script: string): AgentId {
    for (;;) {
      const id = createAgentId(script, random)
      if (!places.has(id)) return id
    }
  }

  function observeLater(): void {
    clock.after(OBSERVE_EVERY_MS, () => {
      if (isStopping) return
      observeAll()
        .catch((problem: unknown) => onDefect(problem, 'observing processes'))
        .finally(observeLater)
    })
  }

  async function observeAll(): Promise<void> {
    const alive = [...places.values()].filter(({ supervised }) => isAlive(supervised.snapshot().status))
    if (alive.length === 0) return
    const rows = await table.rows()
    const oneLook: ProcessTable = { rows: async () => rows, environmentOf: table.environmentOf }
    for (const { supervised } of alive) await supervised.observe(oneLook)
  }

  for (const { agent, plan } of await launchPlans.recover(await state.agents.all())) house(agent, plan, USUAL_SIZE)
  await endOrphans({ marks: await state.agents.marks(), agents: state.agents, table, announce })
  for (const { supervised } of places.values()) await supervised.recover()
  observeLater()

  return {
    list: () => [...places.values()].map(({ supervised }) => supervised.snapshot()).sort((a, b) => b.createdAt - a.createdAt),
    get: (agentId) => place(agentId).supervised.snapshot(),

    async launch(plan, size = USUAL_SIZE) {
      const agent = await newborn(plan)
      try {
        return await house(agent, plan, size).launch()
      } catch (problem) {
        await neverWas(agent.id)
        throw problem
      }
    },

    async attach(plan, pid) {
      const found = await findForeignProcess(pid, table)
      const others = [...places.values()].filter(({ supervised, attached }) => attached && isAlive(supervised.snapshot().status))
      if (others.length >= MOST_ATTACHED) {
        throw new AppError('RATE_LIMITED', `${MOST_ATTACHED} processes are attached already, and no more can be: let one of them leave first.`)
      }
      const agent = await newborn(plan)
      const attached = houseAttached(agent)
      try {
        return await attached.begin(plan, found)
      } catch (problem) {
        if (attached.snapshot().status === 'starting') await neverWas(agent.id)
        throw problem
      }
    },

    async detach(agentId, leaving) {
      const { attached, supervised } = place(agentId)
      if (attached) return attached.leave(leaving)
      throw new AppError('CONFLICT', `${supervised.snapshot().plan.name} was started by the control room: stop it instead.`)
    },

    stop: (agentId, cause, reason) => place(agentId).supervised.stop(cause, reason),
    async restart(agentId) {
      const { supervised } = place(agentId)
      // What is asked for from now on would come after the agent's end.
      if (isStopping) throw isClosing()
      return supervised.restart()
    },

    async remove(agentId) {
      const { status, plan } = place(agentId).supervised.snapshot()
      if (!isSettled(status)) throw new AppError('CONFLICT', `${plan.name} is ${status}: stop it first.`)
      await leave(agentId)
      await announce({ name: 'agent.removed', agentId, severity: 'INFO', message: `${plan.name} was taken off the list.`, payload: {} })
    },

    async processMetrics(agentId, rows = table) {
      const { supervised } = place(agentId)
      const { status, startedAt, endedAt, restarts } = supervised.snapshot()
      const used = await supervised.observe(rows)
      const until = isAlive(status) ? clock.now() : (endedAt ?? clock.now())
      return {
        agentId,
        status,
        uptimeMs: startedAt === null ? 0 : Math.max(0, until - startedAt),
        restarts,
        outputBytes: supervised.terminal.ring.end,
        ...used,
      }
    },

    terminal: (agentId) => place(agentId).supervised.terminal,

    async recordingOf(agentId) {
      const { recording, file } = place(agentId)
      await recording.flush()
      return file
    },

    agentOfRunToken: (token) => runTokens.find(token)?.agentId ?? null,
    runOfToken: (token) => runTokens.find(token),

    async stopAll() {
      isStopping = true
      const reason = 'The control room was closed.'
      // A process that is not ours lives on; its run is over.
      const end = ({ supervised, attached }: Place): Promise<Agent> => attached?.leave({ isOk: true, reason }) ?? supervised.stop('asked', reason)
      const ends = await Promise.allSettled([...places.values()].map(end))
      for (const { supervised, recording } of places.values()) {
        supervised.terminal.close()
        await recording.close()
      }
      // Told when nobody is left.
      for (const one of ends) if (one.status === 'rejected') throw one.reason
    },
  }
}
