import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import { formatStopwatch, secondsToRestart, uptimeOf } from './agentTimes.ts'

describe('how long an agent runs', () => {
  it('ticks while it is alive and stands still afterwards', () => {
    expect(uptimeOf(sampleAgent({ startedAt: 1_000 }), 61_000)).toBe(60_000)
    expect(uptimeOf(sampleAgent({ status: 'stopped', startedAt: 1_000, endedAt: 5_000 }), 61_000)).toBe(4_000)
  })

  it('is unknown before the first start, and never negative when two clocks differ', () => {
    expect(uptimeOf(sampleAgent({ status: 'starting', startedAt: null }), 5)).toBeNull()
    expect(uptimeOf(sampleAgent({ startedAt: 10_000 }), 9_000)).toBe(0)
  })

  it('is written as a stopwatch shows it', () => {
    expect([0, 999, 61_000, 3_599_000, 3_600_000, 90_061_000].map(formatStopwatch)).toEqual(['00:00', '00:00', '01:01', '59:59', '1:00:00', '25:01:01'])
  })
})

describe('the countdown to a restart', () => {
  it('counts whole seconds down to now', () => {
    const agent = sampleAgent({ status: 'restarting', restartAt: 10_000 })
    expect([7_000, 7_500, 9_999, 10_000, 12_000].map((now) => secondsToRestart(agent, now))).toEqual([3, 3, 1, 0, 0])
  })

  it('is there only while restarting', () => {
    expect(secondsToRestart(sampleAgent({ status: 'running', restartAt: 10_000 }), 0)).toBeNull()
    expect(secondsToRestart(sampleAgent({ status: 'restarting', restartAt: null }), 0)).toBeNull()
  })
})
