import type { HostReading } from './host.ts'

/** Whether readings of one life, taken under the same load, stay where they began. */

export interface Flatness {
  readonly problem: string | null
  readonly from: number
  readonly to: number
}

/** A quarter of the readings is what they began with, another what they ended with. */
const SHARE = 4
export const FEWEST_READINGS = 12

export function judgeMemory(readings: readonly HostReading[]): Flatness {
  const heaps = readings.map(({ heapMb }) => heapMb)
  const length = Math.floor(heaps.length / SHARE)
  const [from, to] = [median(heaps.slice(0, length)), median(heaps.slice(-length))]
  const most = from * 1.15 + 12
  return { from, to, problem: to > most ? `It began with ${from.toFixed(1)} MB and ended with ${to.toFixed(1)} MB.` : null }
}

/** A thread that was started for the first prompt has a few of its own; sockets that are kept for the next call go with those who used them. */
const MORE_FILES = 15

export function judgeHandles(before: HostReading, after: HostReading): Flatness {
  const isMore = after.files > before.files + MORE_FILES
  return { from: before.files, to: after.files, problem: isMore ? `It opened with ${before.files} open files and has ${after.files} without any agent: ${told(before)}; ${told(after)}.` : null }
}

const told = ({ kinds }: HostReading): string => Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`).join(', ')

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
