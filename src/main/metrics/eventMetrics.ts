import type { Event } from '../../shared/domain/event.ts'
import type { Call } from '../../shared/domain/llm.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { formatExactDollars } from '../../shared/format.ts'
import { createCounter } from './counter.ts'
import type { Family } from './exposition.ts'
import { createHistogram } from './histogram.ts'

/** What has happened since the room was opened, counted from its events. */
export interface EventMetrics {
  hear(events: readonly Event[]): void
  families(): Family[]
}

/** The bounds that the GenAI conventions advise for a call, and three more: a call may wait ten minutes for a decision. */
const CALL_BOUNDS_MS = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480, 40_960, 81_920, 163_840, 327_680, 655_360]

/** `priceName`: the entry of the price table. What an agent writes as a model's name may be anything, so that only names of entries become labels. */
export function createEventMetrics(priceName: (model: string) => string | null): EventMetrics {
  const events = createCounter()
  const calls = createCounter()
  const attempts = createCounter()
  const tokens = createCounter()
  const searches = createCounter()
  const cost = createCounter({ show: formatExactDollars })
  const findings = createCounter()
  const openings = createCounter()
  const durations = createHistogram(CALL_BOUNDS_MS)
  const firstBytes = createHistogram(CALL_BOUNDS_MS)

  function hearCall(call: Call): void {
    const { provider, mode, outcome, refusal, usage, firstByteMs } = call
    const model = call.model === '' ? 'none' : (priceName(call.model) ?? 'other')
    calls.add({ provider, mode, model, outcome, refusal: refusal ?? '' })
    for (const { status } of call.attempts) attempts.add({ provider, mode, status: status === null ? 'none' : String(status) })
    for (const [part, count] of Object.entries(usage)) {
      if (part === 'webSearch') searches.add({ provider, model }, count)
      else tokens.add({ provider, model, part }, count)
    }
    if (call.cost > 0) cost.add({ provider, mode, model }, call.cost)
    durations.observe({ provider, outcome }, call.durationMs)
    if (firstByteMs !== null) firstBytes.observe({ provider, streamed: String(call.isStreamed) }, firstByteMs)
  }

  function hearFinding({ kind, type, direction, action, times = 1 }: SafetyRecord): void {
    findings.add({ kind, type, direction: direction ?? 'none', action }, times)
  }

  return {
    hear(batch) {
      for (const event of batch) {
        events.add({ name: event.name, severity: event.severity })
        if (event.name === 'llm.callFinished') hearCall(event.payload.call)
        else if (event.name === 'safety.recorded') event.payload.records.forEach(hearFinding)
        else if (event.name === 'service.opened') openings.add({ service: event.payload.service.service })
      }
    },
    families: () => [
      { name: 'iron_cage_events_total', help: 'Events that were stored.', type: 'counter', samples: events.samples() },
      { name: 'iron_cage_llm_calls_total', help: 'LLM calls that are over; what the room itself refused has the outcome "refused" and says why.', type: 'counter', samples: calls.samples() },
      { name: 'iron_cage_llm_attempts_total', help: 'Tries at a provider, by the HTTP status that it answered with.', type: 'counter', samples: attempts.samples() },
      { name: 'iron_cage_llm_tokens_total', help: 'Tokens that were charged; the parts of a call never overlap.', type: 'counter', samples: tokens.samples() },
      { name: 'iron_cage_llm_web_searches_total', help: 'Web searches that were charged.', type: 'counter', samples: searches.samples() },
      { name: 'iron_cage_llm_cost_dollars_total', help: 'What LLM calls have cost.', type: 'counter', samples: cost.samples() },
      { name: 'iron_cage_llm_call_duration_seconds', help: 'From a call\'s arrival to its end, with the time that it waited for a decision.', type: 'histogram', samples: durations.samples() },
      { name: 'iron_cage_llm_first_byte_seconds', help: 'From a call\'s arrival to the first byte of its answer.', type: 'histogram', samples: firstBytes.samples() },
      { name: 'iron_cage_findings_total', help: 'Rows of the safety audit.', type: 'counter', samples: findings.samples() },
      { name: 'iron_cage_breaker_openings_total', help: 'How often breakers have opened.', type: 'counter', samples: openings.samples() },
    ],
  }
}
