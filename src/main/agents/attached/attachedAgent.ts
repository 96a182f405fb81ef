import { setTimeout as realPause } from 'node:timers/promises'
import type { Agent, AgentId, LaunchPlan } from '../../../shared/domain/agent.ts'
import { isSettled } from '../../../shared/domain/agentStatus.ts'
import { lostUptime, movedUptime } from '../../../shared/domain/agentUptime.ts'
import type { Severity } from '../../../shared/domain/event.ts'
import { AppError, messageOf } from '../../../shared/errors.ts'
import { createTurn } from '../../turns.ts'
import { advance, type Happening, type Lifecycle } from '../lifecycle.ts'
import { sendSignal } from '../processTree.ts'
import type { SupervisedAgent, SupervisedAgentOptions } from '../supervisedAgent.ts'
import { familyOf, rowOf, type ForeignProcess } from './foreignProcess.ts'

/** An agent whose process the room did not start. It has no terminal and no recording here, and is never started again. */
export interface AttachedAgent extends SupervisedAgent {
  begin(plan: LaunchPlan, process: ForeignProcess): Promise<AttachedRun>
  /** Its run is over; the process is left alone. Nothing happens where it is over already. */
  leave(leaving: Leaving): Promise<Agent>
}

export interface AttachedRun {
  readonly agent: Agent
  readonly runToken: string
  readonly environment: Record<string, string>
}

export interface Leaving {
  readonly isOk: boolean
  readonly reason: string | null
}

type Inherited = 'agent' | 'redact' | 'terminal' | 'clock' | 'random' | 'table' | 'runTokens' | 'announce' | 'onFailure' | 'environmentFor'

export interface AttachedAgentOptions extends Pick<SupervisedAgentOptions, Inherited> {
  /** Asks it over the bridge to end; false where nobody of it listens. */
  readonly askToEnd: (agentId: AgentId, reason: string) => boolean
}

export const WITHOUT_TERMINAL = 'The room did not start this process: what it prints stays where it was started.'

const LOOK_EVERY_MS = 40
/** How long the kernel may take to carry out SIGKILL. */
const KILL_PATIENCE_MS = 3_000

export function createAttachedAgent(options: AttachedAgentOptions): AttachedAgent {
  const { terminal, clock, random, table, runTokens, announce, redact } = options
  let agent = options.agent
  let life = { status: agent.status } as Lifecycle
  let process: ForeignProcess | null = null
  let token: string | null = null
  /** Said while it was being stopped. */
  let left: Leaving | null = null
  const inTurn = createTurn()
  const { name } = agent.plan

  terminal.ring.append(`${WITHOUT_TERMINAL}\r\n`)

  async function meet(happening: Happening, changes: Partial<Agent>, severity: Severity, message: string): Promise<void> {
    life = advance(life, happening)
    const pid = life.status === 'running' || life.status === 'stopping' ? life.pid : null
    agent = { ...agent, pid, uptime: movedUptime(agent.uptime, life.status, clock.now()), ...changes, status: life.status }
    await announce({ name: 'agent.changed', agentId: agent.id, severity, message, payload: { agent } }).catch(options.onFailure)
  }

  /** A token that nobody may use any more opens nothing, before anybody hears that the run is over. */
  function endRun(): void {
    if (token !== null) runTokens.close(token)
    token = null
    process = null
  }

  async function settle({ isOk, reason }: Leaving, survivors: 0 | null): Promise<void> {
    endRun()
    const changes = { reason: reason === null ? null : redact(reason), survivors, endedAt: clock.now() }
    if (isOk) await meet({ kind: 'finished' }, changes, 'INFO', `${name} has left the room.`)
    else await meet({ kind: 'crashed' }, changes, 'ERROR', `${name} has left the room in trouble.${changes.reason === null ? '' : ` ${changes.reason}`}`)
  }

  /** Where the system does not tell, for want of memory or files, it counts as there for as long as there is time to look again. */
  async function isThere(one: ForeignProcess, isPatient: boolean): Promise<boolean> {
    try {
      return rowOf(one, await table.rows()) !== null
    } catch (problem) {
      if (isPatient) return true
      throw problem
    }
  }

  /** It may end by itself when it is asked to; SIGTERM follows, and SIGKILL when its time is over. None of them reaches anybody but this one process. */
  async function endProcess(one: ForeignProcess, reason: string): Promise<'gone' | 'left' | 'survived'> {
    const { gracePeriodMs } = agent.plan
    // Not the time of day: whoever sets that would have it killed at once, or never.
    const began = performance.now()
    const hardAt = began + gracePeriodMs
    const softAt = options.askToEnd(agent.id, reason) ? began + gracePeriodMs / 2 : began
    let isAsked = false
    for (;;) {
      if (left !== null) return 'left'
      const now = performance.now()
      if (!(await isThere(one, now < hardAt + KILL_PATIENCE_MS))) return 'gone'
      if (now >= hardAt + KILL_PATIENCE_MS) return 'survived'
      if (now >= hardAt) sendSignal(one.pid, 'SIGKILL')
      else if (now >= softAt && !isAsked) {
        isAsked = true
        sendSignal(one.pid, 'SIGTERM')
        // A stopped process would sleep through the signal.
        sendSignal(one.pid, 'SIGCONT')
      }
      await realPause(LOOK_EVERY_MS)
    }
  }

  return {
    snapshot: () => agent,
    terminal,

    begin: (plan, found) =>
      inTurn(async () => {
        const message = `${name} is being attached.`
        await announce({ name: 'agent.changed', agentId: agent.id, severity: 'INFO', message, payload: { agent } })
        const exact = { ...agent, plan }
        const runToken = random.hex(16)
        token = runToken
        runTokens.open(runToken, exact)
        try {
          const environment = await options.environmentFor(exact, runToken)
          const startedAt = clock.now()
          process = found
          await meet({ kind: 'spawned', pid: found.pid, at: startedAt }, { startedAt }, 'INFO', `${name} is attached with pid ${found.pid}.`)
          return { agent, runToken, environment }
        } catch (problem) {
          endRun()
          const why = messageOf(problem).replace(/\.$/, '')
          const reason = redact(`${name} could not be attached: ${why}.`)
          await meet({ kind: 'spawnFailed' }, { reason, endedAt: clock.now() }, 'ERROR', reason)
          throw problem
        }
      }),

    async leave(leaving) {
      // Whoever stops it sees that by itself, and nobody waits for anybody.
      if (life.status === 'stopping') left = leaving
      return inTurn(async () => {
        if (life.status === 'running') await settle(leaving, null)
        return agent
      })
    },

    stop: (cause, reason) =>
      inTurn(async () => {
        if (life.status !== 'running' || process === null) return agent
        const told = reason === undefined ? null : redact(reason)
        await meet({ kind: 'stopAsked', cause }, { reason: told }, 'INFO', `${name} is being stopped.`)
        const end = await endProcess(process, told ?? 'Somebody stopped it in the control room.')
        endRun()
        const survivors = end === 'gone' ? 0 : end === 'survived' ? 1 : null
        const lasting = 'The operating system did not end its process; its calls are refused.'
        const changes = { survivors, endedAt: clock.now(), reason: end === 'survived' ? lasting : told }
        await meet({ kind: 'ended' }, changes, end === 'survived' ? 'ERROR' : 'INFO', `${name} has ${end === 'left' ? 'left the room' : 'stopped'}.`)
        return agent
      }),

    async launch() {
      throw startedElsewhere(name)
    },

    async restart() {
      throw startedElsewhere(name)
    },

    async recover() {
      if (isSettled(life.status)) return
      const reason = 'The control room ended while it was attached; its process was left alone.'
      const happening: Happening = life.status === 'running' ? { kind: 'finished' } : { kind: 'lost' }
      await meet(happening, { reason, endedAt: clock.now(), uptime: lostUptime(agent.uptime, clock.now()) }, 'WARN', `${name} is no longer attached: the control room had ended.`)
    },

    async observe(source) {
      const one = process
      if (one === null) return { processes: 0, residentBytes: 0, cpuMs: 0 }
      const rows = await source.rows()
      const row = rowOf(one, rows)
      if (row === null) {
        // Of a stop, the end is noticed by whoever stops it.
        if (life.status === 'running') {
          await inTurn(async () => {
            if (life.status === 'running') await settle({ isOk: false, reason: 'Its process ended without leaving the room.' }, 0)
          })
        }
        return { processes: 0, residentBytes: 0, cpuMs: 0 }
      }
      const family = familyOf(row, rows)
      return {
        processes: family.length,
        residentBytes: family.reduce((sum, member) => sum + member.residentBytes, 0),
        cpuMs: Math.round(family.reduce((sum, member) => sum + member.cpuMs, 0)),
      }
    },
  }
}

function startedElsewhere(name: string): AppError {
  return new AppError('CONFLICT', `${name} was not started by the control room, which can therefore not start it again: run it once more where it was run.`)
}
