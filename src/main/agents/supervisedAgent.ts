import type { Agent, Exit, LaunchPlan } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import { lostUptime, movedUptime } from '../../shared/domain/agentUptime.ts'
import type { Announcement, Severity } from '../../shared/domain/event.ts'
import { AppError, messageOf } from '../../shared/errors.ts'
import type { Clock, Random, Timer } from '../ports.ts'
import type { AgentRepository } from '../state/repositories.ts'
import { createTurn } from '../turns.ts'
import { advance, type EndCause, type Happening, type Lifecycle, type StopCause } from './lifecycle.ts'
import { plainLines } from './plainLines.ts'
import type { ProcessTable } from './processTable.ts'
import { endRun, membersOf, sendSignal, type KnownProcesses, type RunMark } from './processTree.ts'
import type { PtyProcess, SpawnPty } from './pty.ts'
import { afterExit } from './restartRule.ts'
import type { RunTokens } from './runTokens.ts'
import { describeExit, describeSurvivors } from './sentences.ts'
import type { Terminal } from './terminal.ts'

/** One agent under supervision. What is asked of it is carried out in turn, one thing after the other. */
export interface SupervisedAgent {
  snapshot(): Agent
  /** Starts a newborn; resolves when the process runs, or could not be started. */
  launch(): Promise<Agent>
  /** Resolves when nothing of it is left. */
  stop(cause: StopCause, reason?: string): Promise<Agent>
  restart(): Promise<Agent>
  readonly terminal: Terminal
  /** Looks at its processes now, so that those that will lose their parents are known by then. */
  observe(table: ProcessTable): Promise<{ processes: number; residentBytes: number; cpuMs: number }>
  /** For an agent from before the room's death: whatever it says it is, it is no longer. */
  recover(): Promise<void>
}

export interface SupervisedAgentOptions {
  /** With its plan as it may be shown. */
  readonly agent: Agent
  /** What its processes are started with; null where that was not kept, or no key has opened it yet. */
  readonly plan: () => LaunchPlan | null
  /** Before anything that it said or that went wrong is told. */
  readonly redact: (text: string) => string
  readonly terminal: Terminal
  readonly clock: Clock
  readonly random: Random
  readonly table: ProcessTable
  readonly spawn: SpawnPty
  readonly repository: AgentRepository
  readonly runTokens: RunTokens
  readonly announce: (announcement: Announcement) => Promise<unknown>
  /** What happened could not be stored, or a step failed that nobody waits for. Not thrown: an end must never stop halfway. */
  readonly onFailure: (problem: unknown) => void
  /** What the run told of as its undoing: `ValueError: no such lead`. */
  readonly lastUnhandled: () => string | null
  /** What its processes find in their environment. */
  readonly environmentFor: (agent: Agent, runToken: string) => Record<string, string> | Promise<Record<string, string>>
}

const LAST_LINES = 50
/** A line without an end would travel with every event about its agent. */
const LAST_LINE_CHARACTERS = 1_000
/** What a process that ended by itself left behind gets to say goodbye: the agent itself is waiting to come back. */
const LEFTOVER_GRACE_MS = 500

export function createSupervisedAgent(options: SupervisedAgentOptions): SupervisedAgent {
  const { terminal, clock, random, table, spawn, repository, runTokens, announce } = options
  const { plan: exactPlan, redact } = options
  let agent = options.agent
  let life: Lifecycle = { status: agent.status } as Lifecycle
  let mark: RunMark | null = null
  let known: KnownProcesses = new Map()
  let restartsInARow = 0
  let restartTimer: Timer | null = null
  const inTurn = createTurn()
  /** Resolves with how the current process ended, when it has. */
  let ending: Promise<Exit> = Promise.resolve({ code: null, signal: null })

  async function record(action: () => Promise<unknown>): Promise<void> {
    await action().catch(options.onFailure)
  }

  async function meet(happening: Happening, changes: Partial<Agent>, severity: Severity, message: string): Promise<void> {
    life = advance(life, happening)
    agent = {
      ...agent,
      pid: life.status === 'running' || life.status === 'stopping' ? life.pid : null,
      restartAt: life.status === 'restarting' ? life.at : null,
      uptime: movedUptime(agent.uptime, life.status, clock.now()),
      ...changes,
      status: life.status,
    }
    await record(() => announce({ name: 'agent.changed', agentId: agent.id, severity, message, payload: { agent } }))
  }

  /** Nothing of it has changed when this throws. */
  function requirePlan(): LaunchPlan {
    const plan = exactPlan()
    if (plan) return plan
    throw new AppError(
      'CONFLICT',
      `${agent.plan.name} cannot be started again: what it was started with is private, and is kept beyond the control room's life only ` +
        'encrypted with the master key, which was or is not there. Start it anew from its script.',
    )
  }

  async function spawnProcess(): Promise<void> {
    const token = random.hex(16)
    const exact = { ...agent, plan: requirePlan() }
    mark = { root: null, token }
    runTokens.open(token, exact)
    known = new Map()
    let process: PtyProcess
    try {
      // On disk before there is a process: whoever kills us in between leaves a trace by which the process is found.
      await repository.saveMark({ agentId: agent.id, runToken: token, pid: null, processStart: null })
      process = spawn({
        command: [...exact.plan.command, ...exact.plan.args],
        workingDirectory: exact.plan.workingDirectory,
        environment: await options.environmentFor(exact, token),
        size: terminal.size,
      })
    } catch (problem) {
      return couldNotStart(token, problem)
    }
    const startedAt = clock.now()
    terminal.attach(process)
    ending = new Promise((resolve) => process.onExit(resolve))
    ending.then((exit) => inTurn(() => processEnded(process.pid, exit))).catch(options.onFailure)
    try {
      await identify(process.pid, token)
    } catch (problem) {
      // Nobody could watch over it, nor find what it starts. Its pid is nobody else's before we have heard of its end.
      sendSignal(process.pid, 'SIGKILL')
      await ending
      terminal.detach()
      return couldNotStart(token, new AppError('UNAVAILABLE', `the system does not tell which processes there are (${messageOf(problem)})`))
    }
    const fresh = { startedAt, endedAt: null, exit: null, reason: null, survivors: null, lastOutput: [] }
    await meet({ kind: 'spawned', pid: process.pid, at: startedAt }, fresh, 'INFO', `${agent.plan.name} is running with pid ${process.pid}.`)
  }

  async function couldNotStart(token: string, problem: unknown): Promise<void> {
    // A token that no process carries opens nothing.
    mark = null
    runTokens.close(token)
    await record(() => repository.deleteMark(agent.id))
    const why = messageOf(problem).replace(/\.$/, '')
    const reason = redact(`${agent.plan.name} could not be started: ${why}.`)
    await meet({ kind: 'spawnFailed' }, { reason, endedAt: clock.now() }, 'ERROR', reason)
  }

  async function identify(pid: number, token: string): Promise<void> {
    const row = (await table.rows()).find((candidate) => candidate.pid === pid)
    mark = { root: { pid, start: row?.start ?? '' }, token }
    await record(() => repository.saveMark({ agentId: agent.id, runToken: token, pid, processStart: row?.start ?? null }))
  }

  /** Ends what is left of the run and forgets it; gives how many processes outlived even SIGKILL. */
  async function clear(gracePeriodMs: number): Promise<number> {
    const survivors = mark ? await endRun(mark, known, { table, gracePeriodMs }) : []
    if (survivors.length === 0) {
      await ending
      await record(() => repository.deleteMark(agent.id))
    }
    terminal.detach()
    if (mark) runTokens.close(mark.token)
    mark = null
    return survivors.length
  }

  async function reportExit(exit: Exit, survivors: number, isAsked: boolean): Promise<void> {
    const how = isAsked ? 'was ended' : 'ended by itself'
    await record(() =>
      announce({
        name: 'agent.exited',
        agentId: agent.id,
        severity: survivors === 0 && (isAsked || exit.code === 0) ? 'INFO' : 'ERROR',
        message: `${agent.plan.name} ${how}: ${describeExit(exit)}, ${describeSurvivors(survivors)}.`,
        payload: { exit, survivors },
      }),
    )
  }

  /** The process ended without being asked to. */
  async function processEnded(pid: number, exit: Exit): Promise<void> {
    if (life.status !== 'running' || life.pid !== pid) return
    const endedAt = clock.now()
    const ranMs = endedAt - life.since
    const survivors = await clear(Math.min(LEFTOVER_GRACE_MS, agent.plan.gracePeriodMs))
    if (ranMs >= agent.plan.healthyAfterMs) restartsInARow = 0
    const { restart: rule, maxRestarts } = agent.plan
    const answer = afterExit({ exit, rule, restartsInARow, maxRestarts, chance: random.fraction() })
    const ended = { exit, survivors, endedAt }
    await reportExit(exit, survivors, false)
    const how = withCause(exit)
    if (answer.outcome === 'done') {
      await meet({ kind: 'finished' }, ended, 'INFO', `${agent.plan.name} has finished.`)
    } else if (answer.outcome === 'again') {
      const at = clock.now() + answer.delayMs
      const reason = `It ended with ${how} and starts again (${restartsInARow + 1} of ${maxRestarts}).`
      await meet({ kind: 'restartPlanned', at }, { ...ended, reason }, 'WARN', `${agent.plan.name} starts again in ${(answer.delayMs / 1000).toFixed(1)} s.`)
      restartTimer = clock.after(answer.delayMs, () => void inTurn(restartDue).catch(options.onFailure))
    } else {
      const reason =
        restartsInARow > 0
          ? `It ended with ${how} after ${restartsInARow} restarts in a row without ${agent.plan.healthyAfterMs / 1000} s of healthy running.`
          : `It ended with ${how}.`
      const lastOutput = lastLines()
      await meet({ kind: 'crashed' }, { ...ended, reason, lastOutput }, 'ERROR', `${agent.plan.name} has crashed. ${reason}`)
    }
  }

  /** `exit code 1: ValueError: no such lead`. Whoever was ended by a signal did not end of what it told. */
  function withCause(exit: Exit): string {
    const cause = exit.signal === null && exit.code !== 0 ? options.lastUnhandled() : null
    return cause === null ? describeExit(exit) : `${describeExit(exit)} (${cause})`
  }

  /** Redacted before it is cut: half a value is no value any more, and would stay. */
  function lastLines(): string[] {
    const { ring } = terminal
    const lines = plainLines(ring.text())
    // What the ring has given up may have been the beginning of a value.
    if (ring.start > 0) lines.shift()
    if (lines.length === 0) return []
    return redact(lines.slice(-LAST_LINES).join('\n')).split('\n').map(shortened)
  }

  async function restartDue(): Promise<void> {
    if (life.status !== 'restarting') return
    restartTimer = null
    restartsInARow++
    await meet({ kind: 'restartDue' }, { restarts: agent.restarts + 1 }, 'INFO', `${agent.plan.name} is being restarted.`)
    await spawnProcess()
  }

  async function startAnew(): Promise<void> {
    restartsInARow = 0
    const hasRun = agent.startedAt !== null
    await meet({ kind: 'startAsked' }, { reason: null, restarts: agent.restarts + (hasRun ? 1 : 0) }, 'INFO', `${agent.plan.name} is being started.`)
    await spawnProcess()
  }

  /** Ends it; `next` is what it is from then on, where that is more than settled. */
  async function doStop(cause: EndCause, reason: string | null, next: Partial<Agent> = {}): Promise<void> {
    const follows = cause === 'restart' ? 'is being started again' : null
    if (life.status === 'restarting') {
      restartTimer?.cancel()
      restartTimer = null
      await meet({ kind: 'stopAsked', cause }, { reason, endedAt: clock.now(), ...next }, 'INFO', `${agent.plan.name} ${follows ?? 'will not be restarted'}.`)
    } else if (life.status === 'running') {
      await meet({ kind: 'stopAsked', cause }, { reason }, 'INFO', `${agent.plan.name} is being stopped.`)
      const survivors = await clear(agent.plan.gracePeriodMs)
      const exit = survivors === 0 ? await ending : { code: null, signal: null }
      await reportExit(exit, survivors, true)
      const left = survivors > 0 ? `${describeSurvivors(survivors)}: the operating system did not end them.` : reason
      await meet(
        { kind: 'ended' },
        { exit, survivors, endedAt: clock.now(), reason: left, ...next },
        survivors > 0 ? 'ERROR' : 'INFO',
        `${agent.plan.name} ${follows ?? 'has stopped'}.`,
      )
    }
  }

  return {
    snapshot: () => agent,
    terminal,
    launch: () =>
      inTurn(async () => {
        const message = `${agent.plan.name} is being started.`
        await announce({ name: 'agent.changed', agentId: agent.id, severity: 'INFO', message, payload: { agent } })
        await spawnProcess()
        return agent
      }),
    stop: (cause, reason) =>
      inTurn(async () => {
        await doStop(cause, reason === undefined ? null : redact(reason))
        return agent
      }),
    restart: () =>
      inTurn(async () => {
        requirePlan()
        if (isSettled(life.status)) await startAnew()
        else {
          restartsInARow = 0
          await doStop('restart', null, { restarts: agent.restarts + 1 })
          await spawnProcess()
        }
        return agent
      }),
    async recover() {
      if (isSettled(life.status)) return
      const reason = 'The control room ended without stopping it.'
      await meet({ kind: 'lost' }, { reason, endedAt: clock.now(), uptime: lostUptime(agent.uptime, clock.now()) }, 'WARN', `${agent.plan.name} was lost: the control room ended without stopping it.`)
    },
    async observe(rows) {
      const members = mark ? await membersOf(mark, known, rows, 'without token') : []
      return {
        processes: members.length,
        residentBytes: members.reduce((sum, row) => sum + row.residentBytes, 0),
        cpuMs: Math.round(members.reduce((sum, row) => sum + row.cpuMs, 0)),
      }
    },
  }
}

function shortened(line: string): string {
  return line.length > LAST_LINE_CHARACTERS ? `${line.slice(0, LAST_LINE_CHARACTERS)}…` : line
}
