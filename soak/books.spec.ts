import { describe, expect, it } from 'vitest'
import { sampleAttempt, sampleCall, sampleReceipt } from '../src/shared/domain/testCalls.ts'
import type { Call } from '../src/shared/domain/llm.ts'
import { matchCharges } from './books.ts'

const AGENT = 'lg-7a3f9c2d'
const bill = (number: number, total: number) => ({ agentId: AGENT, number, total })
const charged = (number: number, total: number, basis: 'reported' | 'counted' | 'assumed' = 'reported'): Call =>
  sampleCall({ attempts: [sampleAttempt({ receipt: sampleReceipt(total, { basis, lines: [{ part: 'output', count: number, perMillion: 1, amount: total }] }) })] })

describe('the books of a soak', () => {
  it('find every bill among the charges, to the nanodollar', () => {
    const { exact, complete, figures } = matchCharges([charged(1, 100), charged(2, 200)], [bill(2, 200), bill(1, 100)])
    expect([exact, complete]).toEqual([[], []])
    expect(figures).toMatchObject({ billed: 300, charged: 300, reported: 2 })
  })

  it('tell a charge that is a nanodollar off, one without a bill, and one bill that was charged twice', () => {
    expect(matchCharges([charged(1, 101)], [bill(1, 100)]).exact).toHaveLength(1)
    expect(matchCharges([charged(3, 100)], []).exact).toHaveLength(1)
    expect(matchCharges([charged(1, 100), charged(1, 100)], [bill(1, 100)]).exact).toHaveLength(1)
  })

  it('take a charge by count or by the worst case for a bill that nobody heard of, and not for two', () => {
    expect(matchCharges([charged(1, 70, 'counted')], [bill(1, 100)]).complete).toEqual([])
    expect(matchCharges([charged(1, 900, 'assumed')], [bill(1, 100), bill(2, 100)]).complete).toHaveLength(1)
    expect(matchCharges([], [bill(1, 100)]).complete).toHaveLength(1)
  })
})
