import type { Agent } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'

/** How long the current process has run, or the last one ran; null before the first. */
export function uptimeOf(agent: Agent, now: number): number | null {
  if (agent.startedAt === null) return null
  const until = isAlive(agent.status) ? now : (agent.endedAt ?? now)
  return Math.max(0, until - agent.startedAt)
}

/** Whole seconds until the next process is due, counted up so that 0 means now; null when none is. */
export function secondsToRestart(agent: Agent, now: number): number | null {
  if (agent.status !== 'restarting' || agent.restartAt === null) return null
  return Math.max(0, Math.ceil((agent.restartAt - now) / 1_000))
}

/** `04:07`, `1:04:07`: a figure that ticks in its place. */
export function formatStopwatch(lengthMs: number): string {
  const seconds = Math.floor(lengthMs / 1_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  const hours = Math.floor(seconds / 3_600)
  return hours === 0 ? minutes : `${hours}:${minutes}`
}
