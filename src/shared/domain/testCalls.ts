import type { Attempt, Call, Receipt } from './llm.ts'
import type { Nanodollars } from './units.ts'

/** Invented calls for specs. */

export function sampleReceipt(total: Nanodollars = 30_000_000, changes: Partial<Receipt> = {}): Receipt {
  return {
    pricedAs: 'gpt-4',
    lines: [{ part: 'input', count: 1000, perMillion: total * 1000, amount: total }],
    total,
    basis: 'reported',
    isPriceEstimated: false,
    ...changes,
  }
}

export function sampleAttempt(changes: Partial<Attempt> = {}): Attempt {
  return { startedAt: 1_000, durationMs: 800, reserved: 60_000_000, status: 200, problem: null, receipt: sampleReceipt(), ...changes }
}

/** Its cost is that of its attempts, unless it is told otherwise. */
export function sampleCall(changes: Partial<Call> = {}): Call {
  const attempts = changes.attempts ?? [sampleAttempt()]
  return {
    id: 'call-7a3f9c2d01b2c3d4',
    agentId: 'lg-7a3f9c2d',
    provider: 'openai',
    mode: 'simulated',
    endpoint: 'chat/completions',
    model: 'gpt-4',
    isStreamed: false,
    startedAt: 1_000,
    firstByteMs: 400,
    durationMs: 800,
    outcome: 'answered',
    refusal: null,
    status: 200,
    problem: null,
    attempts,
    usage: { input: 1000 },
    cost: attempts.reduce((sum, { receipt }) => sum + (receipt?.total ?? 0), 0),
    ...changes,
  }
}
