import type { Database } from 'better-sqlite3'
import { CHAIN_START, chainHash, sealOf, type ChainEnd, type ChainFields } from '../audit/chain.ts'
import { carriesSeal, type ChainHead } from '../audit/verifyChain.ts'

/** Where an audit stands, and by which name its seal is told from any other's. */
export interface AuditTables {
  readonly audit: string
  readonly records: string
  readonly head: string
  /** The columns of a record's place and of its hash. */
  readonly place: string
  readonly hash: string
  /** Something that is only there where the audit has had records. */
  readonly trace: string
}

export interface ChainWriter {
  /** Within a transaction: inserts what it is given as the next link, and moves the head. */
  append(link: (place: number) => ChainFields, insert: (place: number, hash: string) => void): void
  /** Looks where the chain ends now: after a transaction that did not come to be, or where another process may have written. */
  lookAgain(): void
  /** With a key that is there from now on: what was added without comes under its seal with the next one. */
  sealWith(key: Buffer): void
  /** What the head said of the audit when it was opened, or when its key came. */
  readonly found: AuditFound
}

export type AuditFound =
  /** The head names the last record; where there is a key, sealed with it. */
  | { readonly is: 'whole' }
  /** It does not: it is left as it was found, so that verification goes on telling of it. */
  | { readonly is: 'broken' }
  /** There is a key, and these records were written without: they come under the seal with the next one. */
  | { readonly is: 'unsealed'; readonly from: number; readonly to: number }
  /** The head was sealed with a key that is not there now: it stays where it is. */
  | { readonly is: 'locked' }

/** Appends to an audit; it knows the end of the chain by itself, so that a tail that is cut meanwhile leaves a hole. */
export function createChainWriter(database: Database, tables: AuditTables, given: Buffer | null): ChainWriter {
  const { audit, records, head: headTable, place: placeColumn, hash: hashColumn } = tables
  const moveHead = database.prepare(`UPDATE ${headTable} SET place = ?, hash = ?, seal = ?`)
  const readHead = database.prepare<[], ChainHead>(`SELECT place, hash, seal FROM ${headTable}`)
  const readLast = database.prepare<[], ChainEnd>(
    `SELECT ${placeColumn} AS place, ${hashColumn} AS hash FROM ${records} ORDER BY ${placeColumn} DESC LIMIT 1`,
  )
  const hashAt = database.prepare<[number], string>(`SELECT ${hashColumn} FROM ${records} WHERE ${placeColumn} = ?`).pluck()

  const lastOf = (): ChainEnd => readLast.get() ?? { place: 0, hash: CHAIN_START }
  let key = given
  let found: AuditFound = { is: 'broken' }
  let movesHead = false
  let end = lastOf()
  begin()

  function begin(): void {
    end = lastOf()
    const head = readHead.get()
    found = examine(head, end)
    movesHead = found.is === 'whole' || found.is === 'unsealed'
    // Also an audit without records has an end, and somebody might want it back.
    if (found.is === 'whole' && key !== null && head?.seal === null) moveHead.run(end.place, end.hash, seal())
  }

  function examine(head: ChainHead | undefined, last: ChainEnd): AuditFound {
    if (!head) return { is: 'broken' }
    const isEnd = head.place === last.place && head.hash === last.hash
    if (key === null) return head.seal !== null ? { is: 'locked' } : { is: isEnd ? 'whole' : 'broken' }
    if (head.seal === null) return !isEnd || isEmptied(last) ? { is: 'broken' } : unsealed(1, last.place)
    const isOnTheWay = isEnd || head.hash === (hashAt.get(head.place) ?? CHAIN_START)
    if (!carriesSeal(head, audit, key) || !isOnTheWay) return { is: 'broken' }
    return unsealed(head.place + 1, last.place)
  }

  /** An audit without records, and yet there is something that came with some. */
  function isEmptied({ place }: ChainEnd): boolean {
    return place === 0 && database.prepare(tables.trace).get() !== undefined
  }

  function seal(): string | null {
    return key === null ? null : sealOf(key, audit, end)
  }

  return {
    get found() {
      return found
    },
    sealWith(later) {
      key = later
      begin()
    },
    append(link, insert) {
      const place = end.place + 1
      const hash = chainHash(end.hash, link(place))
      insert(place, hash)
      end = { place, hash }
      if (movesHead) moveHead.run(end.place, end.hash, seal())
    },
    lookAgain() {
      // The head, where it can be believed: it knows of records that somebody has taken away.
      const head = movesHead ? readHead.get() : undefined
      const isBehind = found.is === 'unsealed' && head?.place === found.from - 1
      end = head && !isBehind ? { place: head.place, hash: head.hash } : lastOf()
    },
  }
}

function unsealed(from: number, to: number): AuditFound {
  return to < from ? { is: 'whole' } : { is: 'unsealed', from, to }
}
