import type { RecordId } from '../../../shared/domain/safety.ts'
import { AppError } from '../../../shared/errors.ts'
import { nextTurn } from '../../nextTurn.ts'
import { EnvelopeError, open, seal } from '../../secrets/envelope.ts'
import type { Keys } from '../../secrets/keys.ts'
import type { Originals } from '../../state/repositories.ts'

/** What was found, as it stood and as it is compared. */
export interface Original {
  readonly text: string
  readonly value: string
}

/** Seals what was found, and opens it again. Without a master key nothing is kept. */
export interface OriginalVault {
  readonly isKept: boolean
  /** Null where nothing is kept. */
  seal(id: RecordId, original: Original): Buffer | null
  /** Throws UNAVAILABLE, with a sentence, where it was not kept or does not open. */
  open(id: RecordId): Promise<Original>
  /** The newest that open. */
  recent(limit: number): Promise<{ id: RecordId; original: Original }[]>
}

/** Longer ones are kept up to here: a private key of several thousand digits is still whole. */
const LONGEST = 16_000
/** Opened at once; between two lots others have their turn. */
const AT_ONCE = 500

export function createOriginalVault(originals: Pick<Originals, 'get' | 'recent'>, keys: Keys, keepsNew = (): boolean => true): OriginalVault {
  // It may come while the room runs.
  const present = (): Buffer | null => keys.derive('originals')
  const contextOf = (id: RecordId): string => `originals:${id}`
  const unseal = (id: RecordId, sealed: Buffer, own: Buffer): Original => JSON.parse(open(own, sealed, contextOf(id)).toString('utf8')) as Original

  return {
    get isKept() {
      return present() !== null
    },
    seal(id, { text, value }) {
      const key = present()
      return key === null || !keepsNew() ? null : seal(key, JSON.stringify({ text: text.slice(0, LONGEST), value: value.slice(0, LONGEST) }), contextOf(id))
    },
    async open(id) {
      const key = present()
      if (key === null) throw new AppError('UNAVAILABLE', NO_KEY)
      const sealed = await originals.get(id)
      if (sealed === null) throw new AppError('UNAVAILABLE', `The original of ${id} is not kept any more, or never was.`)
      try {
        return unseal(id, sealed, key)
      } catch (problem) {
        if (problem instanceof EnvelopeError) throw new AppError('UNAVAILABLE', `The original of ${id} does not open: ${problem.message}`)
        throw problem
      }
    },
    async recent(limit) {
      const key = present()
      if (key === null) return []
      const found: { id: RecordId; original: Original }[] = []
      const sealedOnes = await originals.recent(limit)
      for (const [index, { id, sealed }] of sealedOnes.entries()) {
        if (index % AT_ONCE === AT_ONCE - 1) await nextTurn()
        try {
          found.push({ id, original: unseal(id, sealed, key) })
        } catch (problem) {
          // Sealed with another key: to us it is as if it were not kept.
          if (!(problem instanceof EnvelopeError)) throw problem
        }
      }
      return found
    },
  }
}

const NO_KEY = 'Originals are kept only where there is a master key to encrypt them with: set IRON_SECRETS_MASTER_KEY, or start the control room where there is a keychain.'
