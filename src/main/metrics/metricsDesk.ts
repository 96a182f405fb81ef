import type { Event } from '../../shared/domain/event.ts'
import type { Clock } from '../ports.ts'
import type { CommandHandlers } from '../router/router.ts'
import { createEventMetrics } from './eventMetrics.ts'
import { writeExposition } from './exposition.ts'
import { createProcessGauges } from './processGauges.ts'
import { roomGauges, type RoomFigures } from './roomGauges.ts'

export interface MetricsDesk {
  hear(events: readonly Event[]): void
  read(): Promise<string>
  close(): void
}

export interface MetricsDeskOptions {
  readonly clock: Clock
  readonly priceName: (model: string) => string | null
  readonly figures: () => Promise<RoomFigures>
}

export function createMetricsDesk({ clock, priceName, figures }: MetricsDeskOptions): MetricsDesk {
  const events = createEventMetrics(priceName)
  const ownProcess = createProcessGauges()
  let reading: Promise<string> | null = null

  const write = async (): Promise<string> => writeExposition([...roomGauges(await figures()), ...events.families(), ...ownProcess.families(clock.now())])

  return {
    hear: events.hear,
    // Whoever asks meanwhile gets the same: a look at all processes is dear.
    read: () => (reading ??= write().finally(() => (reading = null))),
    close: ownProcess.close,
  }
}

export function metricsHandlers(desk: MetricsDesk): Pick<CommandHandlers, 'metrics.read'> {
  return { 'metrics.read': () => desk.read() }
}
