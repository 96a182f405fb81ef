import type { Demo } from '../../shared/domain/demo.ts'

const secondsUntil = (moment: number, now: number): number => Math.max(0, Math.ceil((moment - now) / 1_000))

/**
 * Seconds until the next of what is made to happen; null where nobody can tell. The clock is read only while it runs:
 * what is paused does not count down, and nothing is drawn again.
 */
export function secondsToNext(demo: Demo | null, now: () => number): number | null {
  const inMs = demo?.run?.next?.inMs ?? null
  if (!demo?.run || inMs === null || demo.run.speed === 'max') return null
  return demo.run.phase === 'running' ? secondsUntil(demo.at + inMs, now()) : Math.ceil(inMs / 1_000)
}

/** Seconds until what the presenter does not do is done by itself; null where nothing is due. */
export function secondsToDue(demo: Demo | null, now: () => number): number | null {
  const dueAt = demo?.triggers.find(({ state }) => state === 'due')?.dueAt ?? null
  return dueAt === null ? null : secondsUntil(dueAt, now())
}

/** `0:20`, `3:05`, `1:02:30`. */
export function formatCountdown(seconds: number): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes}:${two(seconds % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}
