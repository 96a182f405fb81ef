import type { AgentId } from '../../shared/domain/agent.ts'
import type { AlertChannel } from '../../shared/domain/alert.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Event } from '../../shared/domain/event.ts'
import { AppError } from '../../shared/errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock, Random } from '../ports.ts'
import type { AlertMark, AlertRepository, EventStore, LedgerTotals } from '../state/repositories.ts'
import type { Log } from '../telemetry/log.ts'
import type { AlertSettings, Channel, Environment } from './channel.ts'
import { createChannels } from './createChannels.ts'
import { createDeliveries } from './deliveries.ts'
import { createFindingAlerts } from './findingAlerts.ts'
import { budgetMessage, EXHAUSTED, testMessage } from './message.ts'

export interface AlertOptions {
  readonly settings: AlertSettings
  readonly alerts: AlertRepository
  readonly events: Pick<EventStore, 'after' | 'bounds'>
  readonly ledger: { totals(): Promise<LedgerTotals[]> }
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
  /** Where secrets are looked up, at the moment of use. */
  readonly environment: Environment
  readonly log: Log
  /** The budget as it stands; null when the agent is gone. */
  readonly budgetOf: (agentId: AgentId) => Budget | null
  /** Where the room is open; null while it is not. */
  readonly url: () => string | null
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** Tells people outside of the room about budgets and findings. Whoever announces them knows nothing of it and waits for nothing. */
export interface Alerts {
  /** One attempt at once; throws what was wrong. Gives the target. */
  test(channel: AlertChannel): Promise<string>
  /** Attempts under way may end, within seconds; what is not sent by then is taken up when the room opens again. */
  close(): Promise<void>
}

const NEARLY_SPENT = 90
/** How far back the room looks for what it had stored, but not yet claimed, when it died. */
const LOOKS_BACK = 1000

export async function createAlerts(options: AlertOptions): Promise<Alerts> {
  const { settings, alerts, events, ledger, bus, clock, random, environment, log, budgetOf, url, onDefect } = options
  const { channels, problems } = createChannels(settings, { environment, clock })
  for (const msg of problems.values()) log.write({ level: 'WARN', event: 'alert.notSetUp', msg })
  const deliveries = createDeliveries({ bus, clock, random, onDefect })
  const findings = createFindingAlerts({ level: settings.alert_private_data, channels, deliveries, random, url })

  const totals = channels.length > 0 ? await ledger.totals() : []
  const raises = new Map(totals.map((one) => [one.agentId, one.raises]))

  async function alarm(budget: Budget, threshold: number): Promise<void> {
    const count = raises.get(budget.agentId) ?? 0
    const claims = channels.map(async (channel) => {
      const mark: AlertMark = { agentId: budget.agentId, raises: count, threshold, channel: channel.channel }
      if (await alerts.claim(mark, clock.now())) begin(channel, mark, budget)
    })
    await Promise.all(claims)
  }

  function begin(channel: Channel, mark: AlertMark, budget: Budget): void {
    const { agentId, threshold } = mark
    const order = {
      agentId,
      about: `${threshold}% of the budget of ${agentId}`,
      threshold,
      settle: (outcome: 'sent' | 'failed', attempts: number) => alerts.settle(mark, outcome, attempts, clock.now()),
    }
    void deliveries.start(channel, order, () => budgetMessage({ budget, raises: mark.raises, threshold, url: url() }))
  }

  function hear(batch: readonly Event[]): void {
    for (const event of batch) {
      const { agentId, name, payload } = event
      if (agentId === null) continue
      findings.hear(event)
      if (name === 'budget.raised') raises.set(agentId, (raises.get(agentId) ?? 0) + 1)
      if (name === 'agent.removed') raises.delete(agentId)
      if (name === 'budget.warned') void deliveries.track(alarm(payload.budget, NEARLY_SPENT))
      if (name === 'budget.exhausted') void deliveries.track(alarm(payload.budget, EXHAUSTED))
    }
  }

  /** Claimed in a room that died. A limit that was raised meanwhile concerns nobody any more: whoever raised it knew. */
  async function takeUp(marks: readonly AlertMark[]): Promise<void> {
    for (const mark of marks) {
      const channel = channels.find((one) => one.channel === mark.channel)
      const budget = budgetOf(mark.agentId)
      const isMoot = budget === null || (raises.get(mark.agentId) ?? 0) !== mark.raises
      if (isMoot || !channel) await alerts.settle(mark, 'failed', 0, clock.now())
      else begin(channel, mark, budget)
    }
  }

  /** What was stored in a room that died before it could claim: claiming again sends nothing twice. */
  async function lookBack(): Promise<void> {
    const { latest } = await events.bounds()
    for (const { name, payload } of await events.after(Math.max(0, latest - LOOKS_BACK), LOOKS_BACK)) {
      if (name !== 'budget.warned' && name !== 'budget.exhausted') continue
      const isCurrent = budgetOf(payload.budget.agentId)?.limit === payload.budget.limit
      if (isCurrent) await alarm(payload.budget, name === 'budget.warned' ? NEARLY_SPENT : EXHAUSTED)
    }
  }

  let unsubscribe = (): void => {}
  if (channels.length > 0) {
    // Read before anything new is claimed: what is claimed from now on is on its way.
    const unsettled = await alerts.unsettled()
    unsubscribe = bus.listen(hear)
    await takeUp(unsettled)
    await lookBack()
  }

  return {
    async test(name) {
      const channel = channels.find((one) => one.channel === name)
      if (!channel) throw new AppError('INVALID_CONFIGURATION', problems.get(name) ?? NOT_SET_UP[name])
      const delivery = await deliveries.attempt(channel, testMessage(random.hex(8), url()))
      if (delivery.outcome === 'sent') return channel.target
      throw new AppError(delivery.isFinal ? 'INVALID_CONFIGURATION' : 'UNAVAILABLE', `The test ${name} was not sent: ${delivery.problem}.`)
    },
    async close() {
      unsubscribe()
      await deliveries.close()
    },
  }
}

const NOT_SET_UP: Readonly<Record<AlertChannel, string>> = {
  email: 'No email alerts are set up: set alert_email and smtp_server in the user settings.',
  webhook: 'No webhook alerts are set up: set alert_webhook in the user settings.',
}
