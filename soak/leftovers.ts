import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { answeredForms, heldForms } from '../src/main/leaks/testPrivate.ts'
import { filesOf, search, tablesOf } from '../src/main/leaks/testSearch.ts'
import { DATABASE_FILE } from '../src/main/state/openDatabase.ts'
import { isOurs } from './deeds.ts'

/** What may not be left of a soak: processes, and private data in what the room keeps. */

export function orphans(mark: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(Number(name), mark)).map(Number)
}

export interface Leaks {
  readonly hits: readonly string[]
  readonly bytes: number
}

export function findLeaks(dataFolder: string, secrets: readonly string[]): Leaks {
  const values = secrets.map((value, index) => [`the secret's value ${index + 1}`, value])
  // Those of the leak tests that no agent here has are not in its hands either.
  const wanted = { ...heldForms, ...answeredForms, ...(Object.fromEntries(values) as Record<string, string>) }
  const report = search([...filesOf(dataFolder), ...tablesOf(join(dataFolder, DATABASE_FILE))], wanted)
  return { hits: report.hits.map(({ file, seed, form, around }) => `${seed}, ${form}, in ${file}: ${JSON.stringify(around)}`), bytes: report.bytes }
}
