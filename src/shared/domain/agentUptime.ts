import type { AgentStatus, Uptime } from './agent.ts'

/** How much of its time an agent was there. No schema: the renderer uses it too. */

/** What a person or a rule has ended is not down: nobody wants it to run. */
const COUNTS: Readonly<Record<AgentStatus, Uptime['counts']>> = {
  running: 'up',
  stopping: 'up',
  starting: 'down',
  restarting: 'down',
  crashed: 'down',
  stopped: 'neither',
  blocked: 'neither',
  'over-budget': 'neither',
}

/** With the time up to now, by a clock that may have been set back. */
function upTo({ upMs, downMs, at, counts }: Uptime, now: number): Uptime {
  const passed = Math.max(0, now - at)
  return { upMs: upMs + (counts === 'up' ? passed : 0), downMs: downMs + (counts === 'down' ? passed : 0), at: now, counts }
}

/** Its uptime once it has that status. An agent from before this was counted has none. */
export function movedUptime(uptime: Uptime | null | undefined, status: AgentStatus, now: number): Uptime | null {
  if (uptime) return { ...upTo(uptime, now), counts: COUNTS[status] }
  return status === 'running' ? { upMs: 0, downMs: 0, at: now, counts: 'up' } : null
}

/** Nobody saw when it ended: that time is neither. */
export function lostUptime(uptime: Uptime | null | undefined, now: number): Uptime | null {
  return uptime ? { ...uptime, at: now, counts: 'neither' } : null
}

/** `99.8%`, `100%`: rounded down, so that 100% says that it was never away; null before its first process ran. */
export function formatUptimeShare(uptime: Uptime | null | undefined, now: number): string | null {
  if (!uptime) return null
  const { upMs, downMs } = upTo(uptime, now)
  if (downMs === 0) return '100%'
  return `${(Math.floor((upMs * 1_000) / (upMs + downMs)) / 10).toFixed(1)}%`
}
