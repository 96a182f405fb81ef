import { setImmediate } from 'node:timers/promises'
import { AppError } from '../../shared/errors.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock } from '../ports.ts'
import type { Match, Scanner } from './scanner.ts'

/** Takes a few milliseconds; between two of them everybody else has their turn. */
const SLICE = 32_768

export interface SliceRules {
  readonly clock: Clock
  /** Whoever has to know by then what is in the text must not pass it on unread: it throws. */
  readonly deadline?: Millis
  readonly signal?: AbortSignal
}

/** What `scan` finds, for long texts: in slices, so that the event loop is not held up. */
export async function scanSliced(scanner: Scanner, text: string, { clock, deadline = Infinity, signal }: SliceRules): Promise<readonly Match[]> {
  signal?.throwIfAborted()
  if (text.length <= SLICE) return scanner.scan(text)
  const stream = scanner.stream()
  const matches: Match[] = []
  for (let from = 0; from < text.length; from += SLICE) {
    if (clock.now() > deadline) throw tooLate(from, text.length)
    matches.push(...stream.push(text.slice(from, from + SLICE)).matches)
    await setImmediate(undefined, { signal })
  }
  matches.push(...stream.end().matches)
  return matches
}

function tooLate(seen: number, length: number): AppError {
  const share = Math.floor((seen / length) * 100)
  return new AppError('UNAVAILABLE', `Only ${share} % of the text had been looked through when the time for it was over; so none of it goes on.`)
}
