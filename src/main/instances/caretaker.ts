import type { Agent } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import { lostUptime } from '../../shared/domain/agentUptime.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import type { RunningBudgetDesk } from '../budget/budgetDesk.ts'
import type { Clock, Timer } from '../ports.ts'
import type { InstanceId, Instances, Ledger } from '../state/repositories.ts'

/** Says that this instance lives, and settles what one that died has left behind. */
export interface Caretaker {
  /** Looks now. */
  look(): Promise<void>
  stop(): Promise<void>
}

export interface CaretakerOptions {
  readonly instances: Instances
  readonly ledger: Pick<Ledger, 'openReservations'>
  readonly budgets: Pick<RunningBudgetDesk, 'settleLostCalls'>
  readonly announce: (announcement: Announcement) => Promise<unknown>
  readonly clock: Clock
  /** Whatever is looked at again now and then, as no event tells of it in time. */
  readonly alsoLook: () => Promise<unknown>
  /** Others take this one for dead, and have settled its agents: it cannot go on with them. */
  readonly onFailure: (problem: unknown) => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const LOOK_EVERY_MS: Millis = 10_000
/** After an outage of the database all look dead: whoever lives has said so by then. */
const LOOKS_BEFORE_CLAIMS = 3

export function createCaretaker(options: CaretakerOptions): Caretaker {
  const { instances, ledger, budgets, announce, clock, alsoLook, onFailure, onDefect } = options
  let timer: Timer | null = null
  let isStopped = false
  let looksInARow = 0
  let looking: Promise<void> = Promise.resolve()

  async function settle(dead: InstanceId): Promise<void> {
    const agents = await instances.agentsOf(dead)
    const plans = new Map(agents.map(({ id, plan }) => [id, plan]))
    await budgets.settleLostCalls(await ledger.openReservations(dead), (id) => plans.get(id) ?? null)
    for (const agent of agents) if (!isSettled(agent.status)) await announce(lost(agent, dead, clock.now()))
    await instances.settled(dead)
  }

  async function lookOnce(): Promise<void> {
    if (!(await instances.renew())) {
      onFailure(new AppError('UNAVAILABLE', 'This control room was away from its database for so long that others have settled its agents; it ends them and stops. Start it again.'))
      return
    }
    looksInARow++
    if (looksInARow >= LOOKS_BEFORE_CLAIMS) await settleDead()
    await alsoLook()
  }

  async function settleDead(): Promise<void> {
    for (let dead = await instances.claimDead(); dead !== null; dead = await instances.claimDead()) await settle(dead)
  }

  function look(): Promise<void> {
    looking = looking.then(lookOnce).catch((problem: unknown) => {
      looksInARow = 0
      // The database is away, which others tell; the next look goes on.
      if (!(problem instanceof AppError)) onDefect(problem, 'other instances')
    })
    return looking
  }

  function lookLater(): void {
    timer = clock.after(LOOK_EVERY_MS, () => {
      void look().finally(() => {
        if (!isStopped) lookLater()
      })
    })
  }

  lookLater()
  return {
    look,
    async stop() {
      isStopped = true
      timer?.cancel()
      await looking
    },
  }
}

/** Nobody can say when it ended. What is left of its processes, its own control room ends when it starts again. */
function lost(agent: Agent, instance: InstanceId, now: Millis): Announcement<'agent.changed'> {
  const reason = `The control room ${instance} ended without stopping it.`
  const settled: Agent = { ...agent, status: 'crashed', pid: null, restartAt: null, reason, endedAt: now, uptime: lostUptime(agent.uptime, now) }
  return { name: 'agent.changed', agentId: agent.id, severity: 'WARN', message: `${agent.plan.name} was lost: the control room ${instance} ended without stopping it.`, payload: { agent: settled } }
}
