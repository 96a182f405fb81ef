import { nextTurn } from '../nextTurn.ts'
import { NoJson, scanTopLevel, topLevelMembers, type Member, type TopLevelScan } from './topLevelJson.ts'

/** Up to here JSON is read in one go; beyond, the event loop gets to breathe in between. */
export const LARGE_BYTES = 512 * 1024
/** About a few milliseconds of work. */
const SLICE_BYTES = 512 * 1024
/** Where one value is still large inside; a text that only pretends to depth is read in one go. */
const DEEPEST = 4
const SMALL_BYTES = 64 * 1024

export interface ReadJson {
  readonly json: unknown
  /** Null where it is no object. */
  readonly members: readonly Member[] | null
  /** The whole as text; null where it is too large for that in one go. */
  readonly text: string | null
}

/** Reads JSON and where its members stand; throws where it is none. */
export function readJson(bytes: Buffer): ReadJson | Promise<ReadJson> {
  if (bytes.length > LARGE_BYTES) return readInSlices(bytes, { bytes: 0 }, 0)
  const text = bytes.toString('utf8')
  const json: unknown = JSON.parse(text)
  return { json, members: topLevelMembers(bytes), text }
}

/** Work done since the loop last went round. */
interface Effort {
  bytes: number
}

async function spend(effort: Effort, bytes: number): Promise<void> {
  effort.bytes += bytes
  if (effort.bytes < SLICE_BYTES) return
  effort.bytes = 0
  await nextTurn()
}

async function readInSlices(bytes: Buffer, effort: Effort, depth: number): Promise<ReadJson> {
  const scan = scanTopLevel(bytes)
  if (!scan) return { json: JSON.parse(bytes.toString('utf8')), members: null, text: null }
  await scanInSlices(scan)
  const object: Record<string, unknown> = {}
  const items: unknown[] = []
  for (const { key, valueStart, valueEnd } of scan.members) {
    const value = bytes.subarray(valueStart, valueEnd)
    await spend(effort, value.length)
    const isLarge = value.length > SLICE_BYTES && depth < DEEPEST
    const json = isLarge ? (await readInSlices(value, effort, depth + 1)).json : (JSON.parse(value.toString('utf8')) as unknown)
    if (scan.kind === 'array') items.push(json)
    // As a parser does it: `__proto__` is a name like any other.
    else Object.defineProperty(object, key, { value: json, enumerable: true, configurable: true, writable: true })
  }
  return scan.kind === 'array' ? { json: items, members: null, text: null } : { json: object, members: scan.members, text: null }
}

async function scanInSlices(scan: TopLevelScan): Promise<void> {
  while (!scan.advance(SLICE_BYTES)) await nextTurn()
}

/** A large answer less its large members: who wrote it and what it used are small. Throws where it is no JSON object. */
export async function readSmallMembers(bytes: Buffer): Promise<Record<string, unknown>> {
  const scan = scanTopLevel(bytes)
  if (scan?.kind !== 'object') throw new NoJson()
  await scanInSlices(scan)
  const small: [string, unknown][] = []
  for (const { key, valueStart, valueEnd } of scan.members) {
    if (valueEnd - valueStart <= SMALL_BYTES) small.push([key, JSON.parse(bytes.toString('utf8', valueStart, valueEnd))])
    else if (key === WITH_CHARGES) small.push([key, await readSmallItems(bytes.subarray(valueStart, valueEnd))])
  }
  return Object.fromEntries(small)
}

/** Searches that are charged for stand in it, beside the text. */
const WITH_CHARGES = 'output'

async function readSmallItems(list: Buffer): Promise<unknown[]> {
  const scan = scanTopLevel(list)
  if (scan?.kind !== 'array') return []
  await scanInSlices(scan)
  const effort: Effort = { bytes: 0 }
  const items: unknown[] = []
  for (const { valueStart, valueEnd } of scan.members) {
    if (valueEnd - valueStart > SMALL_BYTES) continue
    await spend(effort, valueEnd - valueStart)
    items.push(JSON.parse(list.toString('utf8', valueStart, valueEnd)))
  }
  return items
}
