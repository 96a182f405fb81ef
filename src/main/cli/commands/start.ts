import { resolve } from 'node:path'
import type { ControlRoomClient } from '../../../shared/client.ts'
import type { AgentMetrics } from '../../../shared/contract/agents.ts'
import type { Agent, AgentId, LaunchPlan } from '../../../shared/domain/agent.ts'
import { isSettled } from '../../../shared/domain/agentStatus.ts'
import type { Event } from '../../../shared/domain/event.ts'
import type { Call } from '../../../shared/domain/llm.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatCount, formatDuration } from '../../../shared/format.ts'
import { requestFor } from '../../configuration/launchPlanner.ts'
import { keysWanted } from '../../configuration/providers.ts'
import { systemClock } from '../../systemPorts.ts'
import { followChanges, wasStopped, type AgentChanges } from '../agentChanges.ts'
import { forwardInput } from '../agentInput.ts'
import { drain, showAgentOutput, toScreen } from '../agentOutput.ts'
import { describeRun } from '../agentSentences.ts'
import { adviseAboutParked, adviseAtLimit, describeCosts, doubtfulCharges, hasCalls, type DoubtfulCharges } from '../costSentences.ts'
import type { Connection } from '../connection.ts'
import { connectOrCompose, type Command, type CommandContext } from '../context.ts'
import { describeShownPlan } from '../describeShownPlan.ts'
import { exitCodeOfAgent, exitCodeOfInterruption } from '../exitCodes.ts'
import type { Interruptions } from '../interruptions.ts'
import { isAtLeast } from '../notes.ts'
import { describePerformance } from '../performanceSentences.ts'
import { describeSafety } from '../safetySentences.ts'

const CALLS_AT_ONCE = 500
/** How long a summary waits for calls that were cut off with their agent: what they cost is being counted. */
const LAST_CALLS_MS = 2000

/** Plans first: what is wrong is told before anything is written or started. */
export const start: Command = async (context) => {
  const { line, planner, callerFolder, screen, notes } = context
  const config = line.options.config === undefined ? undefined : resolve(callerFolder, line.options.config)
  const { plan, settings } = await planner.plan({ script: line.operands[0] ?? '', args: line.rest ? [...line.rest] : undefined, config }, line.flags)

  if (context.settings.leastSeverity === 'DEBUG') notes.say('DEBUG', 'agent.planned', await describeShownPlan(plan, context.environment))

  const interruptions = context.interruptions()
  screen.onBroken(() => interruptions.raise('SIGPIPE'))
  const roomFailed = Promise.withResolvers<never>()
  roomFailed.promise.catch(() => undefined)
  const connection = await connectOrCompose(context, (problem) => {
    if (problem === undefined) interruptions.raise('room.stop')
    else roomFailed.reject(problem)
  })
  // A room of our own decides as we did, and can say why.
  const isAutomatic = settings.find(({ key }) => key === 'provider')?.value === 'auto'
  const isKeyStored = !connection.isOwn && isAutomatic && plan.llm.mode === 'simulated' && (await hasStoredKey(connection.client, plan))
  const provider = connection.isOwn && isAutomatic ? 'auto' : isKeyStored ? 'live' : plan.llm.mode
  if (!connection.isOwn) {
    notes.say('INFO', 'host.joined', 'A control room is open already: the agent runs there, with its environment, and ends with it.')
    if (isAutomatic && provider === 'simulated') notes.say('INFO', 'agent.planned', 'No API key and no upstream is known here; --provider live asks the providers nevertheless.')
  }
  const changes = followChanges(connection.client)
  try {
    // Asked to end before it began.
    if (interruptions.first !== null) return exitCodeOfInterruption(interruptions.first)
    const agent = await connection.client.request('agent.start', { ...requestFor(plan, config), provider, ...screen.size() })
    const code = await attend({ context, connection, roomFailed: roomFailed.promise, changes, interruptions, agent })
    if (connection.isOwn) await waitForOthers({ context, connection, roomFailed: roomFailed.promise, interruptions })
    return code
  } finally {
    changes.close()
    await connection.close()
  }
}

/** The room that is joined may keep a key that nobody knows here. */
async function hasStoredKey(client: ControlRoomClient, plan: LaunchPlan): Promise<boolean> {
  const names = keysWanted(plan.variables, plan.secrets)
  const { secrets } = await client.request('secret.list', { environment: plan.environment })
  return secrets.some(({ name }) => names.includes(name))
}

interface Attendance {
  readonly context: CommandContext
  readonly connection: Connection
  /** Rejects when a room of our own cannot go on. */
  readonly roomFailed: Promise<never>
  readonly interruptions: Interruptions
}

/** Stays with one agent until it has settled; gives our exit code. */
async function attend(attendance: Attendance & { changes: AgentChanges; agent: Agent }): Promise<number> {
  const { context, connection, roomFailed, changes, interruptions, agent } = attendance
  const { client } = connection
  const { screen, notes, stdin } = context
  const { id: agentId, plan } = agent
  const output = showAgentOutput(client, agentId, toScreen(screen))
  const settled = Promise.withResolvers<{ agent: Agent; wasStopped: boolean }>()
  let callFinished = Promise.withResolvers<void>()
  roomFailed.catch(settled.reject)
  const input = forwardInput({ client, agentId, stdin, screen, onInterrupt: () => interruptions.raise('SIGINT') })
  const stopListening = screen.onResize(() => {
    const size = screen.size()
    if (size) client.request('terminal.resize', { agentId, ...size }).catch(() => undefined)
  })

  changes.watch(agentId, {
    onEvent(event) {
      const isRotation = event.name === 'secret.rotated' && event.payload.agents.some((one) => one.agentId === agentId)
      const isAbout = event.agentId === agentId || isRotation || (event.agentId === null && isAtLeast(event.severity, 'WARN'))
      if (isAbout && !(screen.isShared && isSeenThere(event))) notes.write({ at: event.at, level: event.severity, event: event.name, msg: event.message, agentId: event.agentId })
      if (event.agentId === agentId && event.name === 'llm.callFinished') {
        callFinished.resolve()
        callFinished = Promise.withResolvers()
      }
      const isWaiting = event.agentId === agentId && event.name === 'budget.exhausted' && event.payload.budget.parked.length > 0
      if (isWaiting) notes.say('INFO', 'budget.advice', adviseAboutParked(event.payload.budget), agentId)
    },
    onChange(now, before) {
      if (now.status !== 'running' && before?.status === 'running') screen.takeBack()
      if (now.status === 'running' && before?.status === 'starting' && now.restarts > 0) input.processStarted()
      if (isSettled(now.status)) settled.resolve({ agent: now, wasStopped: wasStopped(now, before) })
    },
    onLost: (error) => settled.reject(error),
  })
  if (isSettled(agent.status)) settled.resolve({ agent, wasStopped: false })

  interruptions.listen((interruption, isFirst) => {
    if (!isFirst) {
      const patience = formatDuration(plan.gracePeriodMs)
      notes.say('WARN', 'agent.stopping', `${plan.name} is being stopped already: what does not end within ${patience} is killed.`, agentId)
      return
    }
    const level = interruption === 'SIGPIPE' ? 'DEBUG' : 'INFO'
    notes.say(level, 'agent.stopping', `${interruption}: ${plan.name} and everything that it started is being stopped.`, agentId)
    client.request('agent.stop', { agentId }).catch((problem: unknown) => settled.reject(problem))
  })

  try {
    const end = await settled.promise
    await drain(client, agentId, output)
    input.close()
    await untilCallsAreSettled(client, agentId, () => callFinished.promise)
    await conclude(context, client, end.agent)
    return interruptions.first === null ? exitCodeOfAgent(end.agent, end.wasStopped) : exitCodeOfInterruption(interruptions.first)
  } finally {
    input.close()
    output.close()
    stopListening()
  }
}

/** A marker in the terminal tells of itself; a line about it would stand in the middle of a prompt. */
function isSeenThere(event: Event): boolean {
  return event.name === 'safety.recorded' && event.payload.records.every(({ direction, action }) => direction === 'terminal' && action === 'redacted')
}

async function untilCallsAreSettled(client: ControlRoomClient, agentId: AgentId, next: () => Promise<void>): Promise<void> {
  const late = Promise.withResolvers<'late'>()
  const timer = systemClock.after(LAST_CALLS_MS, () => late.resolve('late'))
  try {
    for (let ended: Promise<void> = next(); ; ended = next()) {
      const { budget } = await client.request('agent.metrics', { agentId })
      if (budget.openCalls === 0 || (await Promise.race([ended, late.promise])) === 'late') return
    }
  } catch (problem) {
    if (!(problem instanceof AppError)) throw problem
  } finally {
    timer.cancel()
  }
}

/** How it ended and what it has cost; a room that has closed meanwhile tells no costs any more. */
async function conclude({ notes }: CommandContext, client: ControlRoomClient, agent: Agent): Promise<void> {
  const { id: agentId } = agent
  const unlessClosed = (problem: unknown): null => {
    if (problem instanceof AppError) return null
    throw problem
  }
  const told = await readCosts(client, agentId).catch(unlessClosed)
  const safety = await client.request('safety.status', { agentId }).catch(unlessClosed)
  const safetyLines = safety === null ? [] : describeSafety(safety.counts)
  const isWithout = told !== null && !hasCalls(told.metrics)
  notes.conclude(isWithout ? `${describeRun(agent)}, no LLM calls` : describeRun(agent), agentId)
  const workLines = told === null ? [] : describePerformance(told.metrics)
  if (told === null || isWithout) {
    const lines = [...workLines, ...safetyLines]
    if (lines.length > 0) notes.sumUp(lines, agentId, { safety: safety?.counts ?? null })
    return
  }
  const { budget, models, refusals } = told.metrics
  const advice = agent.status === 'over-budget' ? [adviseAtLimit(agent, budget)] : []
  const figures = { spent: budget.spent, limit: budget.limit, calls: budget.calls, models, refusals, ...told.doubtful, safety: safety?.counts ?? null }
  notes.sumUp([...workLines, ...describeCosts(told.metrics, told.doubtful), ...safetyLines, ...advice], agentId, figures)
}

async function readCosts(client: ControlRoomClient, agentId: AgentId): Promise<{ metrics: AgentMetrics; doubtful: DoubtfulCharges }> {
  const metrics = await client.request('agent.metrics', { agentId })
  const calls: Call[] = []
  let before: number | undefined
  for (let isMore = hasCalls(metrics); isMore; isMore = before !== undefined) {
    const page = await client.request('call.list', { agentId, before, limit: CALLS_AT_ONCE })
    calls.push(...page.calls)
    before = page.next ?? undefined
  }
  return { metrics, doubtful: doubtfulCharges(calls) }
}

/** Agents that others started in this room end when it closes: they get to finish first, unless we are asked to end. */
async function waitForOthers({ context, connection, roomFailed, interruptions }: Attendance): Promise<void> {
  if (interruptions.first !== null) return
  const { client } = connection
  const alone = Promise.withResolvers<void>()
  roomFailed.catch(alone.reject)
  interruptions.listen(() => alone.resolve())
  let hasSaidSo = false

  async function look(): Promise<void> {
    const { agents } = await client.request('agent.list', {})
    const others = agents.filter(({ status }) => !isSettled(status))
    if (others.length === 0) alone.resolve()
    else if (!hasSaidSo) {
      hasSaidSo = true
      const names = others.map(({ id }) => id).join(', ')
      const msg = `This room has ${formatCount(others.length, 'other agent')} (${names}) and stays open until they have ended; Ctrl-C ends them.`
      context.notes.say('INFO', 'host.waiting', msg)
    }
  }

  const following = client.follow('event.follow', {}, {
    onItem: () => void look().catch((problem: unknown) => alone.reject(problem)),
    onEnd: () => alone.resolve(),
  })
  await look()
  await alone.promise
  following.close()
}
