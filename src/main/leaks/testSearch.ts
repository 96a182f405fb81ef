import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { stripVTControlCharacters } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { searchBytes, type SeedHit } from '../testSeeds.ts'

/** Bytes that were found at one place, under a name. For specs only. */
export interface Evidence {
  readonly name: string
  readonly bytes: Buffer
}

export interface SearchReport {
  readonly bytes: number
  readonly hits: readonly SeedHit[]
}

export function search(evidence: readonly Evidence[], wanted: Readonly<Record<string, string>>): SearchReport {
  return {
    bytes: evidence.reduce((sum, { bytes }) => sum + bytes.length, 0),
    hits: evidence.flatMap(({ name, bytes }) => readings(bytes).flatMap((reading) => searchBytes(reading, name, wanted))),
  }
}

/** As they stand, and unpacked where they are packed. */
function readings(bytes: Buffer): Buffer[] {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  return isPacked ? [bytes, gunzipSync(bytes)] : [bytes]
}

/** Every file; recordings also as a reader sees them, for a value may be spread over many of their lines. */
export function filesOf(folder: string): Evidence[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.flatMap(({ parentPath, name }) => {
    const path = join(parentPath, name)
    const bytes = readFileSync(path)
    const found = { name: relative(folder, path), bytes }
    if (!isRecording(bytes)) return [found]
    return [found, { name: `${found.name}, as it is read`, bytes: Buffer.from(shownOf(bytes.toString())) }]
  })
}

const isRecording = (bytes: Buffer): boolean => bytes.toString('latin1', 0, 12) === '{"version":2'

function shownOf(recording: string): string {
  const lines = recording.split('\n').slice(1).filter((line) => line !== '')
  const output = lines.map((line) => JSON.parse(line) as [number, string, string]).flatMap(([, kind, data]) => (kind === 'o' ? [data] : []))
  return asRead(output.join(''))
}

/** Without colours and titles: `415<bold>-555-0132` is a phone number. */
export const asRead = (output: string): string => stripVTControlCharacters(output)

/** All that the tables hold: a value may be spread over several pages of the file. */
export function tablesOf(path: string): Evidence[] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all() as { name: string }[]
    return tables.map(({ name }) => {
      const rows = database.prepare(`SELECT * FROM "${name}"`).all()
      const text = rows.map((row) => Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value))).join('\t')).join('\n')
      return { name: `${basename(path)}, ${name}`, bytes: Buffer.from(text) }
    })
  } finally {
    database.close()
  }
}
