import type { AgentId } from '../../shared/domain/agent.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock, Random } from '../ports.ts'
import { failed, type Channel, type Delivery } from './channel.ts'
import { ATTEMPT_MS } from './createChannels.ts'
import type { AlertMessage } from './message.ts'

export interface DeliveryOptions {
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** What a message is about, and what is to be done when it is sent or given up. */
export interface Order {
  readonly agentId: AgentId
  /** `90% of the budget of lg-7a3f9c2d`. */
  readonly about: string
  readonly threshold: number | null
  settle(outcome: 'sent' | 'failed', attempts: number): Promise<void>
}

/** Messages on their way, each tried a few times. */
export interface Deliveries {
  /** Goes on by itself until the message is sent or given up; its order is settled then. */
  start(channel: Channel, order: Order, message: () => AlertMessage): Promise<void>
  attempt(channel: Channel, message: AlertMessage): Promise<Delivery>
  /** Something that belongs to a delivery: it is waited for at the end, and a defect if it fails. */
  track(work: Promise<void>): Promise<void>
  close(): Promise<void>
}

const MOST_ATTEMPTS = 5
const FIRST_DELAY_MS = 2_000
const GROWTH = 4
/** How long a room that closes waits for attempts under way: a run that ended at its limit is told of. */
const LAST_WORDS_MS = 5_000

export function createDeliveries({ bus, clock, random, onDefect }: DeliveryOptions): Deliveries {
  let isClosing = false
  const ending = new AbortController()
  const works = new Set<Promise<void>>()
  const sleepers = new Set<() => void>()

  async function attempt(channel: Channel, message: AlertMessage): Promise<Delivery> {
    const late = new AbortController()
    const timer = clock.after(ATTEMPT_MS, () => late.abort())
    try {
      const delivery = await channel.send(message, AbortSignal.any([late.signal, ending.signal]))
      return late.signal.aborted && delivery.outcome === 'failed' ? failed(`it took longer than ${ATTEMPT_MS / 1000} s`) : delivery
    } finally {
      timer.cancel()
    }
  }

  async function deliver(channel: Channel, order: Order, message: () => AlertMessage): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      const delivery = await attempt(channel, message())
      // Given up by us, not by anybody else: the next room takes it up.
      if (delivery.outcome === 'failed' && ending.signal.aborted) return
      const isOver = delivery.outcome === 'sent' || delivery.isFinal || attempts === MOST_ATTEMPTS
      if (isOver) await order.settle(delivery.outcome, attempts)
      tell(channel, order, delivery, attempts, isOver)
      if (isOver) return
      await pause(FIRST_DELAY_MS * GROWTH ** (attempts - 1) * (0.5 + random.fraction() / 2))
      if (isClosing) return
    }
  }

  function tell({ channel, target }: Channel, order: Order, delivery: Delivery, attempts: number, isFinal: boolean): void {
    const { agentId, about, threshold } = order
    const what = `The ${channel} alert about ${about}`
    if (delivery.outcome === 'sent') {
      const payload = { channel, target, threshold }
      void bus.announce({ name: 'alert.sent', agentId, severity: 'INFO', message: `${what} was sent to ${target}.`, payload })
      return
    }
    const next = isFinal ? 'It is given up.' : 'It is tried again.'
    const message = `${what} could not be sent (attempt ${attempts}): ${delivery.problem}. ${next}`
    const payload = { channel, target, threshold, attempts, isFinal }
    void bus.announce({ name: 'alert.failed', agentId, severity: 'WARN', message, payload })
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.after(Math.round(delayMs), wake)
      function wake(): void {
        timer.cancel()
        sleepers.delete(wake)
        resolve()
      }
      if (isClosing) wake()
      else sleepers.add(wake)
    })
  }

  function track(work: Promise<void>): Promise<void> {
    const tracked = work
      .catch((defect: unknown) => void onDefect(defect, 'alerts'))
      .finally(() => works.delete(tracked))
    works.add(tracked)
    return tracked
  }

  return {
    attempt,
    track,
    start: (channel, order, message) => track(deliver(channel, order, message)),
    async close() {
      isClosing = true
      for (const wake of [...sleepers]) wake()
      const timer = clock.after(LAST_WORDS_MS, () => ending.abort())
      while (works.size > 0) await Promise.all(works)
      timer.cancel()
    },
  }
}
