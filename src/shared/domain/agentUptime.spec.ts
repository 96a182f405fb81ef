import { describe, expect, it } from 'vitest'
import type { AgentStatus, Uptime } from './agent.ts'
import { formatUptimeShare, lostUptime, movedUptime } from './agentUptime.ts'

type Stretch = readonly [AgentStatus, number]

/** One status after another, each for so many milliseconds. */
function live(...stretches: readonly Stretch[]): { uptime: Uptime | null; now: number } {
  let uptime: Uptime | null = null
  let now = 1_000
  for (const [status, lengthMs] of stretches) {
    uptime = movedUptime(uptime, status, now)
    now += lengthMs
  }
  return { uptime, now }
}
const shareOf = (...stretches: readonly Stretch[]): string | null => {
  const { uptime, now } = live(...stretches)
  return formatUptimeShare(uptime, now)
}

describe('uptime', () => {
  it('begins when the first process runs', () => {
    expect(shareOf(['starting', 5_000])).toBeNull()
    expect(shareOf(['starting', 5_000], ['running', 1])).toBe('100%')
  })

  it('counts the time between a crash and the next process', () => {
    expect(shareOf(['running', 900], ['restarting', 60], ['starting', 40], ['running', 0])).toBe('90.0%')
    expect(shareOf(['running', 900], ['crashed', 100])).toBe('90.0%')
  })

  it('is no less for having been stopped by somebody', () => {
    expect(shareOf(['running', 900], ['stopping', 10], ['stopped', 1_000_000], ['running', 90])).toBe('100%')
    expect(shareOf(['running', 900], ['over-budget', 1_000_000])).toBe('100%')
  })

  it('is 100% only where it was never away', () => {
    expect(shareOf(['running', 1_000_000], ['restarting', 1], ['running', 1_000_000])).toBe('99.9%')
  })

  it('does not know of what nobody saw, nor of a clock that was set back', () => {
    const { uptime, now } = live(['running', 900], ['restarting', 100], ['running', 5_000])
    const lost = lostUptime(uptime, now)
    expect(formatUptimeShare(lost, now + 9_000)).toBe('90.0%')
    expect(formatUptimeShare(uptime, 0)).toBe('90.0%')
    expect(lostUptime(undefined, 1)).toBeNull()
    expect(formatUptimeShare(undefined, 1)).toBeNull()
  })
})
