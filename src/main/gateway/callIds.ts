import type { CallId } from '../../shared/domain/llm.ts'
import type { Random } from '../ports.ts'

const COUNTED_DIGITS = 4
const MOST_COUNTED = 16 ** COUNTED_DIGITS

/** Ids that nobody else has given: a random beginning, and a count behind it. Randomness for each would be the dearest part of a call. */
export function createCallIds(random: Random): () => CallId {
  let beginning = ''
  let count = MOST_COUNTED
  return () => {
    if (count >= MOST_COUNTED) {
      beginning = random.hex(6)
      count = 0
    }
    return `call-${beginning}${(count++).toString(16).padStart(COUNTED_DIGITS, '0')}`
  }
}
