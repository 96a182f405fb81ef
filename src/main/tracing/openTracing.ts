import type { RunningEventBus } from '../events/eventBus.ts'
import type { Clock, Random } from '../ports.ts'
import type { Log } from '../telemetry/log.ts'
import { createCallTraces, type CallTraces } from './callTraces.ts'
import { createSpanExporter } from './spanExporter.ts'

export interface TracingRooms {
  readonly clock: Clock
  readonly random: Random
  readonly version: string
  readonly bus: Pick<RunningEventBus, 'listen' | 'settled'>
  readonly log: Log
  /** Null: nobody wants traces. */
  readonly endpoint: () => string | null
}

export interface Tracing {
  readonly traces: CallTraces
  close(): Promise<void>
}

/** Traces of LLM calls, from the gateway and the events to a collector. */
export function openTracing({ clock, random, version, bus, log, endpoint }: TracingRooms): Tracing {
  const exporter = createSpanExporter({
    clock,
    endpoint,
    service: { version, instance: random.hex(8) },
    onLost: (msg) => log.write({ level: 'WARN', event: 'tracing.lost', msg }),
  })
  const traces = createCallTraces({ random, isOn: () => endpoint() !== null, exporter })
  const stop = bus.listen(traces.hear)
  return {
    traces,
    async close() {
      // The last calls are told of by the last events.
      await bus.settled()
      await exporter.close()
      stop()
    },
  }
}
