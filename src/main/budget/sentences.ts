import type { Budget, ParkingEnd, Progress } from '../../shared/domain/budget.ts'
import type { Call } from '../../shared/domain/llm.ts'
import { inputTokens, outputTokens } from '../../shared/domain/tokenSums.ts'
import type { Millis, Nanodollars } from '../../shared/domain/units.ts'
import {
  formatCount,
  formatDuration,
  formatIncrease,
  formatLatency,
  formatPercent,
  formatProjection,
  formatSmallMoney,
  formatSpent,
  formatTokens,
} from '../../shared/format.ts'

/** What a budget says to people, one sentence or two each. */

export interface Shortage {
  readonly limit: Nanodollars
  readonly spent: Nanodollars
  readonly worstCase: Nanodollars
}

export function tellShortage({ limit, spent, worstCase }: Shortage): string {
  const left = formatSmallMoney(Math.max(0, limit - spent))
  return `Of the budget of ${formatSmallMoney(limit)}, ${left} is left, and this call may cost up to ${formatSmallMoney(worstCase)}.`
}

/** What all agents share is used up; nobody is asked, and the run goes on. */
export function tellPoolSpent({ limit, spent, worstCase }: Shortage): string {
  const left = formatSmallMoney(Math.max(0, limit - spent))
  return `Of the ${formatSmallMoney(limit)} that all agents share (shared_budget), ${left} is left, and this call may cost up to ${formatSmallMoney(worstCase)}.`
}

/** A part of the run is at its limit; the run goes on. */
export function tellNarrow(name: string, { limit, spent, worstCase }: Shortage): string {
  const left = formatSmallMoney(Math.max(0, limit - spent))
  return `Of the ${formatSmallMoney(limit)} for "${name}", ${left} is left, and this call may cost up to ${formatSmallMoney(worstCase)}.`
}

export function tellNoScope(scope: string): string {
  return `The scope ${scope} is not open: it was closed, or never was one of this run. Nothing was forwarded; open a scope, or leave its header out.`
}

export function tellEnd(shortage: Shortage): string {
  return `${tellShortage(shortage)} The run is ended; raise the budget or ask for fewer tokens, then start it again.`
}

/** Why an agent is over its budget, as its status tells it. */
export function tellEndReason({ limit, spent, worstCase }: Shortage): string {
  return `The budget of ${formatSmallMoney(limit)} is used up: ${formatSmallMoney(spent)} is spent, and the next call may cost up to ${formatSmallMoney(worstCase)}.`
}

export function tellTooManyParked(shortage: Shortage, parked: number): string {
  return `${tellShortage(shortage)} ${formatTokens(parked)} calls wait for a decision already, and no more can; raise the budget.`
}

export function tellUnanswered(shortage: Shortage, waitedMs: Millis): string {
  return `${tellShortage(shortage)} Nobody decided within ${formatDuration(waitedMs)}; raise the budget and ask again.`
}

export function tellDeclined(shortage: Shortage, actor: string, reason: string): string {
  return `${tellShortage(shortage)} ${actor} declined an increase: ${closed(reason)}`
}

export function tellChanged(name: string, { spent, limit }: Budget): string {
  return `${name} has spent ${formatSpent(spent, limit)} of ${formatSmallMoney(limit)} (${formatPercent(spent, limit)}).`
}

export function tellWarned(name: string, budget: Budget): string {
  const { projection, recommendedIncrease } = budget
  const ahead = projection === null ? '' : ` ${formatProjection(projection)}.`
  return `${tellChanged(name, budget)}${ahead} Recommended: ${formatIncrease(recommendedIncrease)}.`
}

export function tellExhausted(name: string, shortage: Shortage, recommended: Nanodollars, isAsked: boolean): string {
  const next = isAsked ? `It waits for a decision; recommended: ${formatIncrease(recommended)}.` : 'The run is ended.'
  return `${name}: ${tellShortage(shortage)} ${next}`
}

export function tellRaised(name: string, from: Nanodollars, to: Nanodollars, actor: string, reason: string): string {
  return `${actor} raised the budget of ${name} from ${formatSmallMoney(from)} to ${formatSmallMoney(to)}: ${closed(reason)}`
}

export function tellParked(name: string, model: string, shortage: Shortage, forMs: Millis): string {
  return `A call of ${name} to ${model} waits up to ${formatDuration(forMs)} for a decision. ${tellShortage(shortage)}`
}

export function tellUnparked(model: string, end: ParkingEnd, by: { actor: string; reason: string } | null): string {
  switch (end) {
    case 'approved':
      return `The parked call to ${model} goes on${by ? `: ${by.actor} raised the budget` : ''}.`
    case 'declined':
      return `The parked call to ${model} was declined${by ? ` by ${by.actor}: ${closed(by.reason)}` : '.'}`
    case 'unanswered':
      return `Nobody decided about the parked call to ${model} in time; it was refused.`
    case 'abandoned':
      return `The agent no longer waits for its parked call to ${model}.`
  }
}

export function tellProgress(name: string, { done, total, unit, failed }: Progress): string {
  const work = total === null ? formatCount(done, unit) : `${done} / ${formatCount(total, unit)}`
  return `${name}: ${work}${failed === 0 ? '' : `, ${failed} failed`}.`
}

/** `gpt-4: 1,200 + 85 tokens, $0.0411, 1.2 s` */
export function tellCall(call: Call): string {
  const model = call.model === '' ? call.endpoint : call.model
  const why = call.problem === null ? '' : ` (${call.problem.replace(/\.$/, '')})`
  if (call.outcome === 'refused' && call.attempts.length === 0) return `${model}: refused, ${formatLatency(call.durationMs)}${why}`
  const used = `${formatTokens(inputTokens(call.usage))} + ${formatTokens(outputTokens(call.usage))} tokens`
  const beyond = isBilledBeyond(call) ? ', more than its worst case' : ''
  const figures = `${used}, ${formatSmallMoney(call.cost)}${beyond}, ${formatLatency(call.durationMs)}`
  return call.outcome === 'answered' ? `${model}: ${figures}` : `${model}: ${call.outcome}, ${figures}${why}`
}

/** Whether the provider billed more than it should have been able to. */
export function isBilledBeyond({ attempts }: Call): boolean {
  return attempts.some(({ receipt, reserved }) => receipt !== null && receipt.total > reserved)
}

export function tellLost(model: string, cost: Nanodollars): string {
  return `The control room ended while a call to ${model} was under way. Nobody can know what the provider billed; its worst case of ${formatSmallMoney(cost)} is charged.`
}

function closed(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
