import type { Database } from 'better-sqlite3'
import type { ChainHead, ChainLink, ChainSource } from '../audit/verifyChain.ts'
import type { AuditTables } from './chainWriter.ts'

/** Read at once; between two pages others have their turn. */
const PAGE = 500

/** An audit as it stands in a database, for whoever verifies it. */
export function chainSourceOf<Row>(database: Database, { records, head, place }: AuditTables, toLink: (row: Row) => ChainLink): ChainSource {
  const page = database.prepare<[number], Row>(`SELECT * FROM ${records} WHERE ${place} > ? ORDER BY ${place} LIMIT ${PAGE}`)
  const ends = database.prepare<[], ChainHead & { last: number; isThere: 0 | 1 }>(`
    SELECT coalesce(place, 0) AS place, coalesce(hash, '') AS hash, seal, hash IS NOT NULL AS isThere, last
    FROM (SELECT coalesce(max(${place}), 0) AS last FROM ${records}) LEFT JOIN ${head}`)
  return {
    page: (after) => page.all(after).map(toLink),
    ends() {
      const { place: at, hash, seal, isThere, last } = ends.get() as ChainHead & { last: number; isThere: 0 | 1 }
      return { head: isThere ? { place: at, hash, seal } : null, last }
    },
  }
}
