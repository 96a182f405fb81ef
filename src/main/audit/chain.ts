import { createHmac, hash } from 'node:crypto'
import { preparedKey } from '../secrets/preparedKey.ts'

/** What a link carries, by name. */
export type ChainFields = Readonly<Record<string, string | number | boolean | null>>

/** What the first link follows. */
export const CHAIN_START = '0'.repeat(64)

/** A link's hash covers its fields and, by the hash before it, all links before. Pure, and the same for every audit that is kept. */
export function chainHash(previous: string, fields: ChainFields): string {
  return hash('sha256', `${previous}\n${canonical(fields)}`)
}

/** One text for one set of fields: pairs in the order of their names, strings as JSON escapes them, so that none reaches into its neighbour. */
function canonical(fields: ChainFields): string {
  return JSON.stringify(Object.keys(fields).sort().map((name) => [name, fields[name]]))
}

/** Where a chain ends. */
export interface ChainEnd {
  /** That of the last link; 0 where there is none. */
  readonly place: number
  readonly hash: string
}

/** What only the holder of the key can say of a chain's end; the audit's name keeps one audit's seal from another. */
export function sealOf(key: Buffer, audit: string, { place, hash: last }: ChainEnd): string {
  return createHmac('sha256', preparedKey(key)).update(canonical({ audit, place, hash: last })).digest('hex')
}
