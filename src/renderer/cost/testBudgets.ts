import type { Budget, ParkedCall } from '../../shared/domain/budget.ts'

/** An invented budget for specs: 23 of 100 leads for $5.29. */
export function sampleBudget(changes: Partial<Budget> = {}): Budget {
  return {
    agentId: 'lg-7a3f9c2d',
    limit: 50_000_000_000,
    spent: 5_290_000_000,
    reserved: 0,
    running: 0,
    calls: 46,
    openCalls: 0,
    parked: [],
    isWarned: false,
    isExhausted: false,
    progress: { done: 23, total: 100, unit: 'lead', failed: 0 },
    unit: 'lead',
    average: 230_000_000,
    projection: 23_000_000_000,
    recommendedIncrease: 25_000_000_000,
    savedAgainstBaseline: null,
    ...changes,
  }
}

export function sampleParked(changes: Partial<ParkedCall> = {}): ParkedCall {
  return { callId: 'call-00000000000000aa', model: 'gpt-4', worstCase: 60_000_000, parkedAt: 1_000, until: 601_000, ...changes }
}
