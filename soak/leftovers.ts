import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { parseProcStat } from '../src/main/agents/processTable.ts'
import { answeredForms, heldForms } from '../src/main/leaks/testPrivate.ts'
import { filesOf, search, type Evidence } from '../src/main/leaks/testSearch.ts'
import { DATABASE_FILE } from '../src/main/state/openDatabase.ts'
import { isOurs } from './deeds.ts'

/** What may not be left of a soak: processes, and private data in what the room keeps. */

export function orphans(mark: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(Number(name), mark)).map(Number)
}

/** A busy machine takes a moment to end what was killed. */
const ENDING_MS = 5_000

export async function lastingOrphans(mark: string): Promise<number[]> {
  for (const until = performance.now() + ENDING_MS; ; await pause(100)) {
    const pids = orphans(mark)
    if (pids.length === 0 || performance.now() > until) return pids
  }
}

/** By what it can be found out where one came from. */
export function told(pid: number): string {
  try {
    const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'latin1')
    const agent = /IRON_CAGE_AGENT_ID=([^\0]*)/.exec(read('environ'))?.[1] ?? 'no agent'
    const { group, session, parent, start, isZombie } = parseProcStat(read('stat')) ?? {}
    return `Process ${pid} lives on: ${read('cmdline').replaceAll('\0', ' ').trim()}, of ${agent}, parent ${parent}, group ${group}, session ${session}, begun at tick ${start}${isZombie ? ', a zombie' : ''}.`
  } catch {
    return `Process ${pid} lived on, and has ended since.`
  }
}

export interface Leaks {
  readonly hits: readonly string[]
  readonly bytes: number
}

/** An hour leaves more than fits into one string. */
const PIECE_BYTES = 16_000_000
/** Longer than anything that is looked for, in its longest form. */
const OVERLAP_BYTES = 4_096

export function findLeaks(dataFolder: string, secrets: readonly string[]): Leaks {
  return searchAll(pieces(dataFolder), secrets)
}

/** Also as a reader sees them: a value may be spread over many lines. They leave with their agents. */
export function findLeaksOnScreens(dataFolder: string, secrets: readonly string[]): Leaks {
  return searchAll(filesOf(join(dataFolder, 'terminals')), secrets)
}

function searchAll(evidence: Iterable<Evidence>, secrets: readonly string[]): Leaks {
  const values = secrets.map((value, index): [string, string] => [`the secret's value ${index + 1}`, value])
  const wanted = { ...heldForms, ...answeredForms, ...Object.fromEntries(values) }
  const hits: string[] = []
  let bytes = 0
  for (const piece of evidence) {
    const report = search([piece], wanted)
    bytes += report.bytes
    hits.push(...report.hits.map(({ file, seed, form, around }) => `${seed}, ${form}, in ${file}: ${JSON.stringify(around)}`))
  }
  return { hits, bytes }
}

function* pieces(dataFolder: string): Generator<Evidence> {
  for (const entry of readdirSync(dataFolder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) yield* piecesOfFile(join(entry.parentPath, entry.name), dataFolder)
  }
  yield* rowsOf(join(dataFolder, DATABASE_FILE))
}

function* piecesOfFile(path: string, dataFolder: string): Generator<Evidence> {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(PIECE_BYTES + OVERLAP_BYTES)
    for (let place = 0; ; place += PIECE_BYTES) {
      const length = readSync(file, buffer, 0, buffer.length, place)
      if (length > 0) yield { name: relative(dataFolder, path), bytes: buffer.subarray(0, length) }
      if (length < buffer.length) return
    }
  } finally {
    closeSync(file)
  }
}

/** Rows as they are read: a value may be spread over several pages of the file. */
function* rowsOf(path: string): Generator<Evidence> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all() as { name: string }[]
    for (const { name } of tables) {
      let text = ''
      for (const row of database.prepare(`SELECT * FROM "${name}"`).iterate()) {
        text += `${Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value))).join('\t')}\n`
        if (text.length < PIECE_BYTES) continue
        yield { name: `${basename(path)}, ${name}`, bytes: Buffer.from(text) }
        text = ''
      }
      yield { name: `${basename(path)}, ${name}`, bytes: Buffer.from(text) }
    }
  } finally {
    database.close()
  }
}
