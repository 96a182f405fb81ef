import { CHAIN_START, chainHash, sealOf, type ChainEnd, type ChainFields } from '../../audit/chain.ts'
import { carriesSeal, type ChainHead, type ChainLink, type ChainSource } from '../../audit/verifyChain.ts'
import type { AuditFound, AuditTables } from '../chainWriter.ts'
import type { Sql } from './sql.ts'

/** Read at once by whoever verifies. */
const PAGE = 500

export interface PostgresChain {
  /** Looks what the head says of the audit, and seals it where it may; also when a key has come. */
  begin(sql: Sql, key: Buffer | null): Promise<void>
  /** Within a transaction: the next links, each from its place; the head moves with the last. */
  append(sql: Sql, links: readonly ((place: number) => ChainFields)[], insert: (ends: readonly ChainEnd[]) => Promise<unknown>): Promise<void>
  readonly found: AuditFound
}

/** Appends to an audit. Where the chain ends is read within each transaction, from the head where that can be believed. */
export function createPostgresChain({ audit, records, head: headTable, place, hash, trace }: AuditTables): PostgresChain {
  let key: Buffer | null = null
  let found: AuditFound = { is: 'broken' }
  let movesHead = false

  /** Whoever appends holds the head, so that no two do at once. */
  const readHead = async (sql: Sql): Promise<ChainHead | null> =>
    (await sql.rows<ChainHead>(`SELECT place, hash, seal FROM ${headTable} FOR UPDATE`))[0] ?? null
  const readLast = async (sql: Sql): Promise<ChainEnd> =>
    (await sql.rows<ChainEnd>(`SELECT ${place} AS place, ${hash} AS hash FROM ${records} ORDER BY ${place} DESC LIMIT 1`))[0] ?? { place: 0, hash: CHAIN_START }
  const moveHead = (sql: Sql, end: ChainEnd): Promise<number> =>
    sql.run(`UPDATE ${headTable} SET place = $1, hash = $2, seal = $3`, [end.place, end.hash, key === null ? null : sealOf(key, audit, end)])

  async function examine(sql: Sql, head: ChainHead | null, last: ChainEnd): Promise<AuditFound> {
    if (!head) return { is: 'broken' }
    const isEnd = head.place === last.place && head.hash === last.hash
    if (key === null) return head.seal !== null ? { is: 'locked' } : { is: isEnd ? 'whole' : 'broken' }
    if (head.seal === null) return !isEnd || (last.place === 0 && (await sql.rows(trace)).length > 0) ? { is: 'broken' } : unsealed(1, last.place)
    const [at] = await sql.rows<{ hash: string }>(`SELECT ${hash} AS hash FROM ${records} WHERE ${place} = $1`, [head.place])
    const isOnTheWay = isEnd || head.hash === (at?.hash ?? CHAIN_START)
    return carriesSeal(head, audit, key) && isOnTheWay ? unsealed(head.place + 1, last.place) : { is: 'broken' }
  }

  return {
    get found() {
      return found
    },
    async begin(sql, given) {
      key = given
      const head = await readHead(sql)
      const last = await readLast(sql)
      found = await examine(sql, head, last)
      movesHead = found.is === 'whole' || found.is === 'unsealed'
      // Also an audit without records has an end, and somebody might want it back.
      if (found.is === 'whole' && key !== null && head?.seal === null) await moveHead(sql, last)
    },
    async append(sql, links, insert) {
      const head = await readHead(sql)
      const isBehind = found.is === 'unsealed' && head?.place === found.from - 1
      let end: ChainEnd = movesHead && head && !isBehind ? head : await readLast(sql)
      const ends = links.map((link) => {
        const next = end.place + 1
        return (end = { place: next, hash: chainHash(end.hash, link(next)) })
      })
      if (ends.length === 0) return
      await insert(ends)
      if (movesHead) await moveHead(sql, end)
    },
  }
}

/** An audit as it stands in a database, for whoever verifies it. */
export function postgresChainSource<Row extends object>(sql: Sql, { records, head, place }: AuditTables, toLink: (row: Row) => ChainLink): ChainSource {
  return {
    page: async (after) => (await sql.rows<Row>(`SELECT * FROM ${records} WHERE ${place} > $1 ORDER BY ${place} LIMIT ${PAGE}`, [after])).map(toLink),
    async ends() {
      const [ends] = await sql.rows<ChainHead & { last: number; isThere: boolean }>(`
        SELECT coalesce(place, 0) AS place, coalesce(hash, '') AS hash, seal, hash IS NOT NULL AS "isThere", last
        FROM (SELECT coalesce(max(${place}), 0) AS last FROM ${records}) AS ends LEFT JOIN (SELECT place, hash, seal FROM ${head}) AS head ON true`)
      if (!ends) return { head: null, last: 0 }
      const { isThere, last, ...at } = ends
      return { head: isThere ? { place: at.place, hash: at.hash, seal: at.seal } : null, last }
    },
  }
}

function unsealed(from: number, to: number): AuditFound {
  return to < from ? { is: 'whole' } : { is: 'unsealed', from, to }
}
