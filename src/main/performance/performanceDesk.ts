import type { AgentId } from '../../shared/domain/agent.ts'
import type { Progress } from '../../shared/domain/budget.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Performance } from '../../shared/domain/report.ts'
import { formatPercentile, formatSuccess, formatThroughput, formatWork } from '../../shared/formatPerformance.ts'
import { createPacer, type Pacer } from '../budget/pacer.ts'
import type { Clock } from '../ports.ts'
import { createLatencies, type Latencies } from './latencies.ts'
import { createThroughput, type Throughput } from './throughput.ts'

/** How agents work, from the progress that they tell. */
export interface PerformanceDesk {
  tell(agentId: AgentId, progress: Progress, latencyMs?: number | readonly number[]): void
  /** Null of one that has told no progress. */
  of(agentId: AgentId): Performance | null
  hear(events: readonly Event[]): void
  close(): void
}

export interface PerformanceDeskOptions {
  readonly clock: Clock
  readonly announce: (announcement: Announcement) => Promise<unknown>
  /** Where an agent stands that has told nothing to this desk: before the room was opened anew. */
  readonly progressOf: (agentId: AgentId) => Progress | null
}

const CHANGES_APART_MS = 250
/** Of units that were finished together, so many stand for all. */
const MOST_AT_ONCE = 1_000

interface Work {
  progress: Progress
  /** When it told last in this run. */
  toldAt: number | null
  /** Whether it says itself how long things take. */
  tellsLatency: boolean
  readonly latencies: Latencies
  readonly throughput: Throughput
  readonly changes: Pacer
}

export function createPerformanceDesk({ clock, announce, progressOf }: PerformanceDeskOptions): PerformanceDesk {
  const works = new Map<AgentId, Work>()

  function begin(agentId: AgentId, progress: Progress): Work {
    const work: Work = {
      progress,
      toldAt: null,
      tellsLatency: false,
      latencies: createLatencies(),
      throughput: createThroughput(),
      changes: createPacer(clock, CHANGES_APART_MS, () => {
        const performance = viewOf(agentId, work)
        const { progress: far, rate, p95 } = performance.formatted
        const message = [far, rate, p95].filter((part) => part !== null).join(', ')
        void announce({ name: 'performance.changed', agentId, severity: 'DEBUG', message: `${message}.`, payload: { performance } })
      }),
    }
    works.set(agentId, work)
    return work
  }

  /** Where it does not say how long its units took, the time since it told last is theirs, in equal parts. */
  function noteLatency(work: Work, now: number, finished: number, told: number | readonly number[] | undefined): void {
    if (told !== undefined) {
      work.tellsLatency = true
      for (const lengthMs of typeof told === 'number' ? [told] : told) work.latencies.add(lengthMs)
      return
    }
    if (work.tellsLatency || work.toldAt === null || finished <= 0 || now < work.toldAt) return
    const each = (now - work.toldAt) / finished
    for (let unit = Math.min(finished, MOST_AT_ONCE); unit > 0; unit--) work.latencies.add(each)
  }

  return {
    tell(agentId, progress, latencyMs) {
      const known = works.get(agentId)
      const work = known ?? begin(agentId, progressOf(agentId) ?? progress)
      const now = clock.now()
      noteLatency(work, now, progress.done - work.progress.done, latencyMs)
      work.throughput.note(now, progress.done)
      work.toldAt = now
      work.progress = progress
      work.changes.request()
    },
    of(agentId) {
      const work = works.get(agentId)
      if (work) return viewOf(agentId, work)
      const progress = progressOf(agentId)
      return progress === null ? null : view(agentId, progress, null, null)
    },
    hear(events) {
      for (const event of events) {
        if (event.agentId === null) continue
        const work = works.get(event.agentId)
        if (event.name === 'agent.removed') {
          work?.changes.cancel()
          works.delete(event.agentId)
        }
        // The time in which it did not run is nobody's latency.
        if (work && event.name === 'agent.changed' && event.payload.agent.status === 'starting') work.toldAt = null
      }
    },
    close() {
      for (const { changes } of works.values()) changes.flush()
    },
  }
}

function viewOf(agentId: AgentId, { progress, throughput, latencies }: Work): Performance {
  return view(agentId, progress, throughput.perHour(), latencies.read())
}

function view(agentId: AgentId, { unit, done, total, failed }: Progress, perHour: number | null, latency: Performance['latency']): Performance {
  const percentile = (percent: number, lengthMs: number | undefined): string | null => (lengthMs === undefined ? null : formatPercentile(percent, lengthMs))
  return {
    agentId,
    unit,
    done,
    total,
    failed,
    perHour,
    latency,
    formatted: {
      progress: formatWork(done, total, unit),
      success: formatSuccess(done, failed),
      rate: perHour === null ? null : formatThroughput(perHour, unit),
      p50: percentile(50, latency?.p50),
      p95: percentile(95, latency?.p95),
      p99: percentile(99, latency?.p99),
    },
  }
}
