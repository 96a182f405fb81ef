import type { ControlRoomClient, Following } from '../../../shared/client.ts'
import type { AgentId } from '../../../shared/domain/agent.ts'
import { isSettled } from '../../../shared/domain/agentStatus.ts'
import type { Demo, DemoSpeed, TriggerId } from '../../../shared/domain/demo.ts'
import type { Event } from '../../../shared/domain/event.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatMoney } from '../../../shared/format.ts'
import type { Clock } from '../../ports.ts'
import { LEADS_READ, type Moment, type Readings } from './expected.ts'
import { followEvents, type EventFeed } from './eventFeed.ts'
import { figuresOf, moneyOf, type Figures } from './figures.ts'

export interface RehearsalOptions {
  readonly client: ControlRoomClient
  readonly clock: Clock
  readonly speed: DemoSpeed
  /** Whether somebody approves what the room recommends; else what waits at the limit is declined. */
  readonly isApproving: boolean
}

const LEADS = 100

/** What a run leaves behind. */
export interface RunRecord {
  /** From before its start until after its reset. */
  readonly events: readonly Event[]
  /** How many of them had been heard when each lead was over; empty where it was not held there. */
  readonly leadEnds: readonly number[]
  readonly figures: Readings
  /** At which lead the director says that it happened, and at which the room was when it told of it. */
  readonly triggers: Readonly<Record<TriggerId, TriggerSeen>>
  readonly tookMs: Millis
}

export interface TriggerSeen {
  readonly firedAt: number | null
  readonly seenAt: number | null
}

/** A run that has begun. */
export interface BegunRun {
  /** Stays with it to its end and its reset; told by events alone. */
  finish(): Promise<RunRecord>
}

/** Starts it; what keeps it from starting is thrown here. */
export async function beginRun(options: RehearsalOptions): Promise<BegunRun> {
  const { client, clock, speed } = options
  const feed = followEvents(client, clock)
  const startedAt = clock.now()
  try {
    const { run } = await client.request('demo.start', { speed })
    const presenter = rotateWhenDue(client, (problem) => feed.fail(problem))
    return {
      finish: () =>
        attend(options, feed, run?.agentId ?? '', startedAt).finally(() => {
          presenter.close()
          feed.close()
        }),
    }
  } catch (problem) {
    feed.close()
    throw problem
  }
}

async function attend({ client, clock, speed, isApproving }: RehearsalOptions, feed: EventFeed, agentId: AgentId, startedAt: Millis): Promise<RunRecord> {
  const figures: Partial<Record<Moment, Figures>> = {}
  const seenAt: Partial<Record<TriggerId, number>> = {}
  const leadEnds: number[] = []
  /** Without a pause nothing stands still that could be read, and some events come too fast to be all told: it is held after each lead. */
  const isHeld = speed === 'max'
  async function goOn(): Promise<void> {
    const lead = leadEnds.length + 1
    if (isHeld) await client.request('demo.pace', lead < LEADS ? { isPaused: true, skipTo: lead + 1 } : { isPaused: false })
  }
  async function progressed(done: number): Promise<void> {
    if (isHeld && done !== leadEnds.length + 1) return
    if (LEADS_READ.includes(done)) figures[`#${done}`] ??= await readFigures(client, agentId)
    if (!isHeld) return
    leadEnds.push(feed.taken)
    await goOn()
  }
  await goOn()
  for (let isOver = false; !isOver; ) {
    const event = await feed.next()
    if (event.agentId !== null && event.agentId !== agentId) continue
    const trigger = triggerOf(event)
    if (trigger !== null) seenAt[trigger] ??= (await demoNow(client)).run?.lead ?? 0
    if (event.name === 'agent.progressed') await progressed(event.payload.progress.done)
    if (event.name === 'budget.warned') {
      figures.warning = moneyOf(event.payload.budget)
      const by = event.payload.budget.recommendedIncrease
      if (isApproving) await client.request('budget.raise', { agentId, by, reason: 'The rehearsal approves what is recommended' })
    }
    if (event.name === 'budget.callParked') await declineAll(client, agentId)
    isOver = event.name === 'agent.changed' && isSettled(event.payload.agent.status)
  }
  figures.end = await readEnd(client, agentId, isApproving)
  const { triggers } = await demoNow(client)
  await client.request('demo.reset', {})
  await feed.until((event) => event.name === 'agent.removed' && event.agentId === agentId)
  return { events: feed.heard, leadEnds, figures, triggers: seen(triggers, seenAt), tookMs: clock.now() - startedAt }
}

/** With pauses it is the presenter's turn first: whoever waits has it at a later lead. */
function rotateWhenDue(client: ControlRoomClient, onProblem: (problem: AppError) => void): Following {
  let hasRotated = false
  return client.follow('demo.follow', {}, {
    onItem({ triggers }) {
      if (hasRotated || !triggers.some(({ id, state }) => id === 'rotation' && state === 'due')) return
      hasRotated = true
      client.request('demo.fire', { trigger: 'rotation' }).catch(onProblem)
    },
  })
}

/** What tells an audience that it happened: the product's own word, and not the director's. */
function triggerOf(event: Event): TriggerId | null {
  switch (event.name) {
    case 'service.opened':
      return event.payload.service.service === 'linkedin' ? 'rate-limit' : null
    case 'secret.rotated':
      return 'rotation'
    case 'safety.recorded':
      return event.payload.records.some(({ kind }) => kind === 'private') ? 'private-data' : null
    case 'budget.warned':
      return 'budget'
    default:
      return null
  }
}

function seen(triggers: Demo['triggers'], seenAt: Partial<Record<TriggerId, number>>): RunRecord['triggers'] {
  return Object.fromEntries(triggers.map(({ id, firedAtLead }) => [id, { firedAt: firedAtLead, seenAt: seenAt[id] ?? null }])) as RunRecord['triggers']
}

/** The first word to whoever follows is how it stands at this moment. */
function demoNow(client: ControlRoomClient): Promise<Demo> {
  return new Promise((resolve, reject) => {
    const following = client.follow('demo.follow', {}, {
      onItem: (demo) => {
        resolve(demo)
        // It may come before there is something to close.
        queueMicrotask(() => following.close())
      },
      onEnd: (error) => reject(error ?? new AppError('UNAVAILABLE', 'The room tells no more of the demo.')),
    })
  })
}

async function readFigures(client: ControlRoomClient, agentId: AgentId): Promise<Figures> {
  const [budget, performance, { services }, { counts }] = await Promise.all([
    client.request('budget.status', { agentId }),
    client.request('agent.performance', { agentId }),
    client.request('service.list', { agentId }),
    client.request('safety.status', { agentId }),
  ])
  return figuresOf({ budget, performance, services, findings: counts })
}

async function readEnd(client: ControlRoomClient, agentId: AgentId, isApproving: boolean): Promise<Figures> {
  const figures = await readFigures(client, agentId)
  if (isApproving) return figures
  const { spent, limit } = await client.request('budget.status', { agentId })
  return { ...figures, limit: spent <= limit ? `kept to ${formatMoney(limit)}` : `passed by ${formatMoney(spent - limit)}` }
}

/** One that was answered or given up meanwhile waits for nobody. */
async function declineAll(client: ControlRoomClient, agentId: AgentId): Promise<void> {
  const { parked } = await client.request('budget.status', { agentId })
  if (parked.length === 0) return
  await client.request('budget.decline', { agentId, reason: 'The rehearsal declines' })
}
