import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { formatUptimeShare } from '../../shared/domain/agentUptime.ts'
import type { Budget, Progress } from '../../shared/domain/budget.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Performance, PerformancePoint } from '../../shared/domain/report.ts'
import type { ServiceView } from '../../shared/domain/service.ts'
import { formatPercentile, formatSuccess, formatThroughput, formatWork, pointOf } from '../../shared/formatPerformance.ts'
import { formatBlocked, formatCacheHits, formatSaved, formatViaFallback } from '../../shared/formatService.ts'
import { emptySeries, withPoint, type ThinnedSeries } from '../../shared/thinnedSeries.ts'
import { createPacer, type Pacer } from '../budget/pacer.ts'
import type { Clock } from '../ports.ts'
import { createLatencies, type Latencies } from './latencies.ts'
import { sumServed } from './servedSums.ts'
import { createSteps, type Steps } from './steps.ts'
import { createThroughput, type Throughput } from './throughput.ts'

/** How agents work: from the progress that they tell, what becomes of their calls, and their processes. */
export interface PerformanceDesk {
  tell(agentId: AgentId, progress: Progress, latencyMs?: number | readonly number[]): void
  /** What it is at; null for nothing in particular. */
  tellStep(agentId: AgentId, step: string | null): void
  of(agentId: AgentId): Performance
  /** Oldest first. */
  history(agentId: AgentId): readonly PerformancePoint[]
  hear(events: readonly Event[]): void
  close(): void
}

export interface PerformanceDeskOptions {
  readonly clock: Clock
  readonly announce: (announcement: Announcement) => Promise<unknown>
  /** Its progress is where it stands that has told nothing to this desk: before the room was opened anew. */
  readonly budgetOf: (agentId: AgentId) => Pick<Budget, 'progress' | 'unit' | 'parked' | 'openCalls'>
  readonly servicesOf: (agentId: AgentId) => readonly ServiceView[]
  /** Null of one that is not there, or not any more: nothing is told of it. */
  readonly agentOf: (agentId: AgentId) => Pick<Agent, 'uptime'> | null
}

const CHANGES_APART_MS = 250
/** Of units that were finished together, so many stand for all. */
const MOST_AT_ONCE = 1_000

interface Work {
  /** Null: it has told none to this desk. */
  progress: Progress | null
  /** When it told last in this run. */
  toldAt: number | null
  /** Whether it says itself how long things take. */
  tellsLatency: boolean
  /** As it was announced last. */
  announcedStep: string | null
  history: ThinnedSeries<PerformancePoint>
  readonly steps: Steps
  readonly latencies: Latencies
  readonly throughput: Throughput
  readonly changes: Pacer
}

export function createPerformanceDesk(options: PerformanceDeskOptions): PerformanceDesk {
  const { clock, announce, agentOf, budgetOf } = options
  const works = new Map<AgentId, Work>()

  function workOf(agentId: AgentId): Work {
    const known = works.get(agentId)
    if (known) return known
    const work: Work = {
      progress: null,
      toldAt: null,
      tellsLatency: false,
      announcedStep: null,
      history: emptySeries(),
      steps: createSteps(),
      latencies: createLatencies(),
      throughput: createThroughput(),
      changes: createPacer(clock, CHANGES_APART_MS, () => tellChange(agentId, work)),
    }
    works.set(agentId, work)
    return work
  }

  function tellChange(agentId: AgentId, work: Work): void {
    if (agentOf(agentId) === null) return
    const performance = viewOf(agentId, work)
    work.announcedStep = performance.step
    if (work.progress !== null) work.history = withPoint(work.history, pointOf(clock.now(), performance))
    const { progress, rate, p95 } = performance.formatted
    const message = [progress, rate, p95].filter((part) => part !== null).join(', ') || (performance.step ?? 'How it works has changed')
    void announce({ name: 'performance.changed', agentId, severity: 'DEBUG', message: `${message}.`, payload: { performance } })
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

  function viewOf(agentId: AgentId, work: Work | undefined): Performance {
    const budget = budgetOf(agentId)
    const progress = work?.progress ?? budget.progress
    const { unit } = progress ?? budget
    const perHour = work?.throughput.perHour() ?? null
    const latency = work?.latencies.read() ?? null
    const sums = sumServed(options.servicesOf(agentId))
    const percentile = (percent: number, lengthMs: number | undefined): string | null => (lengthMs === undefined ? null : formatPercentile(percent, lengthMs))
    return {
      agentId,
      unit,
      step: work?.steps.read(budget) ?? null,
      done: progress?.done ?? 0,
      total: progress?.total ?? null,
      failed: progress?.failed ?? 0,
      perHour,
      latency,
      ...sums,
      formatted: {
        progress: progress && formatWork(progress.done, progress.total, unit),
        success: progress && formatSuccess(progress.done, progress.failed),
        rate: perHour === null ? null : formatThroughput(perHour, unit),
        p50: percentile(50, latency?.p50),
        p95: percentile(95, latency?.p95),
        p99: percentile(99, latency?.p99),
        cacheHits: formatCacheHits(sums.served),
        uptime: formatUptimeShare(agentOf(agentId)?.uptime, clock.now()),
        blocked: sums.blocked === 0 ? null : formatBlocked(sums.blocked, unit),
        saved: formatSaved(sums.saved),
        viaFallback: formatViaFallback(sums.served),
      },
    }
  }

  function hearOne(agentId: AgentId, event: Event): void {
    if (event.name === 'agent.removed') {
      works.get(agentId)?.changes.cancel()
      works.delete(agentId)
    }
    if (agentOf(agentId) === null) return
    switch (event.name) {
      case 'agent.changed': {
        const work = workOf(agentId)
        // The time in which it did not run is nobody's latency.
        if (event.payload.agent.status === 'starting') work.toldAt = null
        work.steps.hear(event)
        work.changes.request()
        return
      }
      case 'service.changed':
        workOf(agentId).changes.request()
        return
      case 'tool.began':
      case 'tool.ended':
      case 'budget.changed': {
        const work = workOf(agentId)
        work.steps.hear(event)
        if (work.steps.read(budgetOf(agentId)) !== work.announcedStep) work.changes.request()
      }
    }
  }

  return {
    tell(agentId, progress, latencyMs) {
      const work = workOf(agentId)
      const before = work.progress ?? budgetOf(agentId).progress ?? progress
      const now = clock.now()
      noteLatency(work, now, progress.done - before.done, latencyMs)
      work.throughput.note(now, progress.done)
      work.toldAt = now
      work.progress = progress
      work.changes.request()
    },
    tellStep(agentId, step) {
      const work = workOf(agentId)
      work.steps.tell(step)
      work.changes.request()
    },
    of: (agentId) => viewOf(agentId, works.get(agentId)),
    history: (agentId) => works.get(agentId)?.history.points ?? [],
    hear(events) {
      for (const event of events) if (event.agentId !== null) hearOne(event.agentId, event)
    },
    close() {
      for (const { changes } of works.values()) changes.flush()
    },
  }
}
