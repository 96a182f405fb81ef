import type { Database } from 'better-sqlite3'
import type { Event, EventName, EventOf } from '../../shared/domain/event.ts'
import { createAgentProjection } from './agentProjection.ts'
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

export function createProjections(database: Database, ledger: SqliteLedger): AllProjections {
  const all = new Map(Object.entries({ ...createAgentProjection(database), ...createCallProjection(database, ledger) })) as ReadonlyMap<
    string,
    (event: never, payload: string) => void
  >
  return {
    concerns: (name) => all.has(name),
    apply: (event, payload) => all.get(event.name)?.(event as never, payload),
    rolledBack: () => ledger.rolledBack(),
  }
}
