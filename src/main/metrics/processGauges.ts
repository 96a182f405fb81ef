import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Millis } from '../../shared/domain/units.ts'
import { gauge, single, type Family } from './exposition.ts'

/** What the room's own process uses. */
export interface ProcessGauges {
  families(now: Millis): Family[]
  close(): void
}

const RESOLUTION_MS = 20
/** Two collectors that ask one after the other read the same stretch of time. */
const STRETCH_MS = 10_000
const NANOSECONDS = 1e9

export function createProcessGauges(): ProcessGauges {
  /** It wakes the process fifty times a second: only where somebody reads it. */
  let delay: ReturnType<typeof monitorEventLoopDelay> | null = null
  let since: Millis = 0

  function lag(now: Millis): Family {
    if (!delay) {
      delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
      delay.enable()
      since = now
    }
    // What it measures is the time from tick to tick.
    const beyond = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000)
    const ranks = delay.count === 0 ? [] : ([['p50', delay.percentile(50)], ['p99', delay.percentile(99)], ['most', delay.max]] as const)
    const samples = ranks.map(([rank, value]) => ({ labels: { rank }, value: beyond(value) }))
    if (now - since >= STRETCH_MS) {
      delay.reset()
      since = now
    }
    return gauge('iron_cage_event_loop_lag_seconds', 'How much later than asked for the event loop came round, since it was last read.', samples)
  }

  return {
    families(now) {
      const memory = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      const openFiles = countOpenFiles()
      return [
        { name: 'process_cpu_seconds_total', help: 'Processor time of the room.', type: 'counter', samples: single((user + system) / 1e6) },
        gauge('process_start_time_seconds', 'When the room\'s process began.', single(Math.round(performance.timeOrigin) / 1000)),
        gauge('process_resident_memory_bytes', 'Memory of the room.', single(memory.rss)),
        gauge('process_open_fds', 'Open files, sockets among them.', openFiles === null ? [] : single(openFiles)),
        gauge('iron_cage_heap_used_bytes', 'Of it, the JavaScript heap in use.', single(memory.heapUsed)),
        gauge('iron_cage_external_memory_bytes', 'Of it, buffers and what else lies outside the heap.', single(memory.external)),
        { name: 'iron_cage_event_loop_active_seconds_total', help: 'Time in which the event loop was at work.', type: 'counter', samples: single(performance.eventLoopUtilization().active / 1000) },
        lag(now),
      ]
    },
    close() {
      delay?.disable()
      delay = null
    },
  }
}

function countOpenFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    // Only Linux tells so.
    return null
  }
}
