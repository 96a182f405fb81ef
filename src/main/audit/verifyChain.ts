import { timingSafeEqual } from 'node:crypto'
import { nextTurn } from '../nextTurn.ts'
import { CHAIN_START, chainHash, sealOf, type ChainEnd, type ChainFields } from './chain.ts'

export interface ChainLink {
  readonly place: number
  readonly hash: string
  readonly fields: ChainFields
}

/** What is written down about the end of a chain, in the transaction that writes the last link. */
export interface ChainHead extends ChainEnd {
  /** Null where it was written without a key. */
  readonly seal: string | null
}

export interface ChainEnds {
  readonly head: ChainHead | null
  readonly last: number
}

/** Where links are read from. */
export interface ChainSource {
  /** The next links after a place, in order; empty after the last. */
  page(after: number): readonly ChainLink[] | Promise<readonly ChainLink[]>
  /** The head, and the place of the last link at the same moment. */
  ends(): ChainEnds | Promise<ChainEnds>
}

export interface ChainVerdict {
  /** Links that were found good. */
  readonly records: number
  readonly firstBad: { readonly place: number; readonly problem: string } | null
  /** Whether the head's seal could be checked: it takes the key, and a head that was written with one. */
  readonly isSealChecked: boolean
}

/** Follows a chain from its first link to its head, a page at a time; what is appended meanwhile is followed too. */
export async function verifyChain(source: ChainSource, audit: string, key: Buffer | null): Promise<ChainVerdict> {
  let place = 0
  let hash = CHAIN_START
  let isSealChecked = false
  const bad = (at: number, problem: string): ChainVerdict => ({ records: place, firstBad: { place: at, problem }, isSealChecked })

  for (;;) {
    const { head, last } = await source.ends()
    // What stands behind the end of one moment is looked at in the next.
    while (place < last) {
      const page = await source.page(place)
      if (page.length === 0) break
      for (const link of page) {
        if (link.place !== place + 1) return bad(place + 1, missing(place + 1, link.place))
        if (link.hash !== chainHash(hash, link.fields)) return bad(link.place, changed(link.place))
        if (head?.place === link.place && head.hash !== link.hash) return bad(link.place, otherwise(link.place))
        place = link.place
        hash = link.hash
      }
      await nextTurn()
    }
    if (head === null) return bad(place + 1, HEADLESS)
    const problem = problemOfHead(head, last, audit, key)
    isSealChecked = key !== null && head.seal !== null
    if (problem !== null) return bad(problem.place, problem.problem)
    if ((await source.ends()).last === last) return { records: place, firstBad: null, isSealChecked }
  }
}

/** Whether the head says of itself that it was written with this key. */
export function carriesSeal(head: ChainHead, audit: string, key: Buffer): boolean {
  if (head.seal === null) return false
  const [given, expected] = [Buffer.from(head.seal), Buffer.from(sealOf(key, audit, head))]
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function problemOfHead(head: ChainHead, last: number, audit: string, key: Buffer | null): ChainVerdict['firstBad'] {
  if (head.place > last) return { place: last + 1, problem: cut(last, head.place) }
  if (key !== null && head.seal === null) return { place: Math.max(1, head.place), problem: UNSEALED }
  if (key !== null && head.seal !== null && !carriesSeal(head, audit, key)) return { place: Math.max(1, head.place), problem: BROKEN_SEAL }
  // Without the key a sealed head cannot be moved on: what is written meanwhile stands behind it.
  const isBehind = last > head.place && !(key === null && head.seal !== null)
  return isBehind ? { place: head.place + 1, problem: head.seal === null ? behind(head.place + 1) : unvouched(head.place + 1, last) } : null
}

const HEADLESS = 'The head of the audit, which says where it ends, is missing.'
const UNSEALED = 'The head of the audit carries no seal although there is a master key: the records up to it may have been written anew.'
const BROKEN_SEAL =
  'The head of the audit does not carry the seal of this master key: the head was changed, records were written anew, or another key was used.'

function missing(place: number, found: number): string {
  return `Record ${place} is missing: record ${found} stands in its place.`
}

function cut(last: number, expected: number): string {
  return expected === last + 1 ? `Record ${expected}, the last one, is missing.` : `Records ${last + 1} to ${expected}, the last ones, are missing.`
}

function changed(place: number): string {
  return `Record ${place} is not as it was written, or does not follow the record before it.`
}

function otherwise(place: number): string {
  return `Record ${place} is not the one that the head of the audit names: records were written anew, or the head was changed.`
}

/** Whether a room without the key wrote them or somebody else, the key cannot tell. */
function unvouched(from: number, to: number): string {
  const records = from === to ? `Record ${from} stands` : `Records ${from} to ${to} stand`
  return `${records} behind the sealed end of the audit: written while the master key was not there, or added by somebody else. A room that opens with the key says so in its log, and seals them with its next record.`
}

function behind(place: number): string {
  return `Record ${place} stands behind the end of the audit: somebody else has added it.`
}
