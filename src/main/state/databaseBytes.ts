import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DATABASE_FILE } from './openDatabase.ts'

/** What the database takes of the disk, by file. */
export function databaseBytes(dataFolder: string): Record<string, number> {
  const file = join(dataFolder, DATABASE_FILE)
  const sizes = [['database', sizeOf(file)], ['wal', sizeOf(`${file}-wal`)]] as const
  return Object.fromEntries(sizes.filter((one): one is [(typeof one)[0], number] => one[1] !== null))
}

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null
}
