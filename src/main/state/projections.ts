import type { Database } from 'better-sqlite3'
import type { Event, EventName, EventOf } from '../../shared/domain/event.ts'
import { createAgentProjection } from './agentProjection.ts'
import { createAuditProjection } from './auditProjection.ts'
import type { AuditWriter } from './auditWriter.ts'
import { createCallProjection } from './callProjection.ts'
import type { SqliteLedger } from './ledger.ts'

/** What an event changes besides the sequence, in its very transaction; what throws takes the event back. */
export type Projections<N extends EventName> = { readonly [E in N]: (event: EventOf<E>, payload: string) => void }

export interface AllProjections {
  concerns(name: EventName): boolean
  apply(event: Event, payload: string): void
  /** What was applied last did not come to be. */
  rolledBack(): void
}

export function createProjections(database: Database, ledger: SqliteLedger, audit: AuditWriter): AllProjections {
  const each = { ...createAgentProjection(database), ...createCallProjection(database, ledger), ...createAuditProjection(audit) }
  const all = new Map(Object.entries(each)) as ReadonlyMap<string, (event: never, payload: string) => void>
  return {
    concerns: (name) => all.has(name),
    apply: (event, payload) => all.get(event.name)?.(event as never, payload),
    rolledBack() {
      ledger.rolledBack()
      audit.rolledBack()
    },
  }
}
