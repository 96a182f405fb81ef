import type { Database } from 'better-sqlite3'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { CHAIN_START, chainHash, sealOf, type ChainEnd } from '../audit/chain.ts'
import { carriesSeal, type ChainHead } from '../audit/verifyChain.ts'
import { SAFETY_AUDIT, toFields, toRow, type AuditRow } from './auditRows.ts'

export interface AuditWriter {
  /** Within the transaction of the record's event. */
  add(record: SafetyRecord): void
  /** What was added in a transaction did not come to be. */
  rolledBack(): void
  /** What the head said of the audit when it was opened. */
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

/** Appends to the safety audit; it knows the end of the chain by itself, so that a tail that is cut meanwhile leaves a hole. */
export function createAuditWriter(database: Database, key: Buffer | null): AuditWriter {
  const insert = database.prepare<[AuditRow]>(INSERT)
  const moveHead = database.prepare('UPDATE pii_audit_head SET place = ?, hash = ?, seal = ?')
  const readHead = database.prepare<[], ChainHead>('SELECT place, hash, seal FROM pii_audit_head')
  const readLast = database.prepare<[], ChainEnd>('SELECT place, hash FROM pii_audit ORDER BY place DESC LIMIT 1')
  const hashAt = database.prepare<[number], string>('SELECT hash FROM pii_audit WHERE place = ?').pluck()

  const lastOf = (): ChainEnd => readLast.get() ?? { place: 0, hash: CHAIN_START }
  const found = examine(readHead.get(), lastOf())
  const movesHead = found.is === 'whole' || found.is === 'unsealed'
  let end = lastOf()

  function examine(head: ChainHead | undefined, last: ChainEnd): AuditFound {
    if (!head) return { is: 'broken' }
    const isEnd = head.place === last.place && head.hash === last.hash
    if (key === null) return head.seal !== null ? { is: 'locked' } : { is: isEnd ? 'whole' : 'broken' }
    if (head.seal === null) return !isEnd || isEmptied(last) ? { is: 'broken' } : unsealed(1, last.place)
    const isOnTheWay = isEnd || head.hash === (hashAt.get(head.place) ?? CHAIN_START)
    if (!carriesSeal(head, SAFETY_AUDIT, key) || !isOnTheWay) return { is: 'broken' }
    return unsealed(head.place + 1, last.place)
  }

  /** An audit without records, and yet there was an event that told of some. */
  function isEmptied({ place }: ChainEnd): boolean {
    return place === 0 && database.prepare(`SELECT 1 FROM events WHERE name = 'safety.recorded' LIMIT 1`).get() !== undefined
  }

  const seal = (): string | null => (key === null ? null : sealOf(key, SAFETY_AUDIT, end))
  // Also an audit without records has an end, and somebody might want it back.
  if (found.is === 'whole' && key !== null && readHead.get()?.seal === null) moveHead.run(end.place, end.hash, seal())

  return {
    found,
    add(record) {
      const row = toRow(record, end.place + 1)
      const hash = chainHash(end.hash, toFields(row))
      insert.run({ ...row, hash })
      end = { place: row.place, hash }
      if (movesHead) moveHead.run(end.place, end.hash, seal())
    },
    rolledBack: () => {
      // The head, where it can be believed: it knows of records that somebody has taken away.
      end = (movesHead ? readHead.get() : undefined) ?? lastOf()
    },
  }
}

function unsealed(from: number, to: number): AuditFound {
  return to < from ? { is: 'whole' } : { is: 'unsealed', from, to }
}

const INSERT = `
  INSERT INTO pii_audit VALUES (@place, @id, @at, @kind, @type, @severity, @agent_id, @call_id, @direction, @location, @action, @value_hash, @preview,
    @has_original, @about, @actor, @reason, @times, @hash)`
