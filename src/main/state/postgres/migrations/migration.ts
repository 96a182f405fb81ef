import type { Sql } from '../sql.ts'

/** One step from a version of the schema to the next. All steps that are due share one transaction; none is changed once released. */
export interface PostgresMigration {
  readonly version: number
  readonly name: string
  up(sql: Sql): Promise<unknown>
}
