import { createHmac, randomBytes } from 'node:crypto'
import type { CachePolicy } from '../../shared/domain/servicePolicy.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { EnvelopeError, open, seal } from '../secrets/envelope.ts'
import type { ServiceAnswers } from '../state/keptServices.ts'
import { canonicalJson } from './canonicalJson.ts'

/** What is asked of a service, and by whom. */
export interface Question {
  /** Whose answers these are: nobody else gets them. */
  readonly owner: string
  readonly service: string
  readonly endpoint: string
  readonly key: JsonValue
}

/** What services have answered. Sealed on disk under a key of the room; without a master key in memory, and gone with the room. */
export interface AnswerCache {
  /** A short name for the question, which tells nothing of it. */
  nameOf(question: Question): string
  /** As answered at `keptAt`. How old it may be is for whoever asks for it to say: it is there as long as one of this moment would be. */
  put(owner: string, service: string, name: string, value: JsonValue, policy: CachePolicy, keptAt?: Millis): void
  get(owner: string, service: string, name: string, policy: CachePolicy): { value: JsonValue; ageMs: Millis } | null
}

export interface AnswerCacheOptions {
  readonly answers: ServiceAnswers
  /** Null while there is no master key. */
  readonly key: () => Buffer | null
  readonly now: () => Millis
  readonly mostBytesInMemory?: number
}

/** Longer answers are not kept. */
const LONGEST_ANSWER = 256 * 1024
const MOST_IN_MEMORY = 64 * 1024 * 1024

interface Remembered {
  readonly text: string
  readonly keptAt: Millis
}

export function createAnswerCache({ answers, key, now, mostBytesInMemory = MOST_IN_MEMORY }: AnswerCacheOptions): AnswerCache {
  const ownKey = randomBytes(32)
  /** In the order of their use; by owner and service, so that each has its own limit. */
  const memory = new Map<string, Map<string, Remembered>>()
  let inMemory = 0

  function forget(place: Map<string, Remembered>, name: string): void {
    const known = place.get(name)
    if (!known) return
    inMemory -= known.text.length
    place.delete(name)
  }

  function remember(owner: string, service: string, name: string, answer: Remembered, mostEntries: number): void {
    const place = memory.get(`${owner} ${service}`) ?? new Map<string, Remembered>()
    // The one that was written to last is the last to go.
    memory.delete(`${owner} ${service}`)
    memory.set(`${owner} ${service}`, place)
    forget(place, name)
    place.set(name, answer)
    inMemory += answer.text.length
    while (place.size > mostEntries) forget(place, place.keys().next().value as string)
    for (const [which, other] of memory) {
      while (inMemory > mostBytesInMemory && other.size > 0) forget(other, other.keys().next().value as string)
      if (other.size === 0) memory.delete(which)
      if (inMemory <= mostBytesInMemory) break
    }
  }

  function recall(owner: string, service: string, name: string): Remembered | null {
    const place = memory.get(`${owner} ${service}`)
    const known = place?.get(name)
    if (!place || !known) return null
    place.delete(name)
    place.set(name, known)
    return known
  }

  return {
    nameOf: ({ owner, service, endpoint, key: given }) =>
      createHmac('sha256', key() ?? ownKey)
        .update(canonicalJson([owner, service, endpoint, given]))
        .digest('hex')
        .slice(0, 40),

    put(owner, service, name, value, { staleMs, freshMs, mostEntries }, keptAt = now()) {
      const text = JSON.stringify(value)
      if (text.length > LONGEST_ANSWER) return
      const sealing = key()
      if (sealing === null) return remember(owner, service, name, { text, keptAt }, mostEntries)
      const sealed = seal(sealing, text, contextOf(owner, service, name))
      answers.put({ owner, service, question: name, sealed, keptAt, until: now() + Math.max(staleMs, freshMs) }, mostEntries)
    },

    get(owner, service, name, { staleMs, freshMs }) {
      const longest = Math.max(staleMs, freshMs)
      const sealing = key()
      const kept = sealing === null ? null : answers.get(owner, service, name, now())
      const found = kept && sealing ? unsealed(sealing, kept, contextOf(owner, service, name)) : recall(owner, service, name)
      if (kept && !found) answers.remove(owner, service, name)
      if (!found) return null
      // A clock that was set back makes nothing older than it is.
      const ageMs = Math.max(0, now() - found.keptAt)
      return ageMs > longest ? null : { value: JSON.parse(found.text) as JsonValue, ageMs }
    },
  }
}

function contextOf(owner: string, service: string, name: string): string {
  return `service-answers:${owner}:${service}:${name}`
}

/** What cannot be opened is an answer that there is not. */
function unsealed(key: Buffer, { sealed, keptAt }: { sealed: Buffer; keptAt: Millis }, context: string): Remembered | null {
  try {
    return { text: open(key, sealed, context).toString('utf8'), keptAt }
  } catch (problem) {
    if (problem instanceof EnvelopeError) return null
    throw problem
  }
}
