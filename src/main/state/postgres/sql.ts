/** What may be bound: numbers are whole and exact, texts are stored as PostgreSQL can store them. */
export type Value = string | number | null | Buffer | readonly (string | number | null)[]

export interface Sql {
  rows<R extends object>(text: string, values?: readonly Value[]): Promise<R[]>
  /** Gives how many rows it changed. */
  run(text: string, values?: readonly Value[]): Promise<number>
}

/** PostgreSQL keeps neither half a surrogate pair nor a NUL; both are replaced where anything is bound, and before a hash is made. */
export function storable<T extends string | null>(text: T): T {
  return (text === null ? null : text.toWellFormed().replaceAll('\0', '\u2400')) as T
}

export function bound(value: Value): unknown {
  if (typeof value === 'string') return storable(value)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number that can be kept exactly.`)
  return Array.isArray(value) ? value.map((one: string | number | null) => bound(one)) : value
}

/** int8 as a number, exactly or not at all. */
export function exactInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database says ${text}, which is beyond what is counted exactly.`)
  return value
}

/** Rows as columns, for `unnest`: one statement and one way to the server for any number of rows. */
export function columns<T>(rows: readonly T[], ...each: readonly ((row: T) => string | number | null)[]): Value[] {
  return each.map((of) => rows.map(of))
}
