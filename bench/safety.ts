import { setImmediate } from 'node:timers/promises'
import { createScanner } from '../src/main/safety/scan/createScanner.ts'
import { PrivateType } from '../src/shared/domain/safetyRules.ts'
import { scanInSlices } from '../src/main/safety/scan/scanInSlices.ts'
import { median, now, rounded } from './measure.ts'
import { HOSTILE, prose } from './safetyTexts.ts'

/**
 * Megabytes a second of the engine that looks for private data, all types on, over prose in which one word of a hundred is private; in turns
 * with the three bare regular expressions of document 002. Then the same in pieces, and what a hostile megabyte costs beside prose.
 */

const MEGABYTE = 1_048_576
const ROUNDS = 15
const PIECE = 20
const SLICED_MEGABYTES = 8

const BARE = [/\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,}\b/g, /\(?\d{3}\)?[-.\s]?\d{3}[-.\s]?\d{4}/g, /\d{3}-\d{2}-\d{4}/g]

const scanner = createScanner({ types: new Set(PrivateType.options), secrets: ['invented-secret-of-the-bench-4711'] })
const text = prose(MEGABYTE)

/** Some systems count a thread's time in steps of 4 ms. */
const TIMES = 8

/** Milliseconds of this thread's processor time: what others do on the machine in the meantime is left out. */
function timed(action: () => unknown, times = TIMES): number {
  const begin = process.threadCpuUsage()
  for (let count = 0; count < times; count++) action()
  const { user, system } = process.threadCpuUsage(begin)
  return (user + system) / 1000 / times
}

function bare(): number {
  let found = 0
  for (const expression of BARE) found += [...text.matchAll(expression)].length
  return found
}

const pieces = (of: string): string[] => Array.from({ length: Math.ceil(of.length / PIECE) }, (_, index) => of.slice(index * PIECE, (index + 1) * PIECE))

interface Held {
  readonly average: number
  readonly most: number
}

function streamed(all: readonly string[]): Held {
  const stream = scanner.stream()
  let sum = 0
  let most = 0
  for (const piece of all) {
    stream.push(piece)
    sum += stream.held.length
    most = Math.max(most, stream.held.length)
  }
  stream.end()
  return { average: sum / all.length, most }
}

/** For how long nobody else had their turn, at most. */
async function longestStall(of: string): Promise<number> {
  let longest = 0
  let last = now()
  let isOver = false
  const watch = (async () => {
    while (!isOver) {
      await setImmediate()
      longest = Math.max(longest, now() - last)
      last = now()
    }
  })()
  await scanInSlices(scanner, of)
  isOver = true
  await watch
  return longest
}

const proseTimes: number[] = []
const bareTimes: number[] = []
for (let round = -3; round < ROUNDS; round++) {
  const [ours, theirs] = [timed(() => scanner.scan(text)), timed(bare)]
  if (round < 0) continue
  proseTimes.push(ours)
  bareTimes.push(theirs)
}

const allPieces = pieces(text)
const heldInPieces = streamed(allPieces)
const heldByCharacter = streamed(Array.from(prose(MEGABYTE / 16)))
const pieceUs = median(Array.from({ length: 3 }, () => (timed(() => streamed(allPieces), 1) / allPieces.length) * 1000))
const stallMs = median(await stalls())

async function stalls(): Promise<number[]> {
  const long = prose(SLICED_MEGABYTES * MEGABYTE)
  const all: number[] = []
  for (let round = 0; round < 3; round++) all.push(await longestStall(long))
  return all
}

const hostile = HOSTILE.map((part) => {
  const hostileText = part.repeat(Math.ceil(MEGABYTE / part.length)).slice(0, MEGABYTE)
  const proseMs = timed(() => scanner.scan(text))
  const hostileMs = timed(() => scanner.scan(hostileText), TIMES / 2)
  return { part, ratio: rounded(hostileMs / proseMs) }
})

const results = {
  megabytesPerSecond: rounded(1000 / median(proseTimes)),
  bareMegabytesPerSecond: rounded(1000 / median(bareTimes)),
  ratio: rounded(median(proseTimes.map((ms, index) => bareTimes[index]! / ms))),
  findings: scanner.scan(text).length,
  pieceUs: rounded(pieceUs),
  heldAverage: rounded(heldInPieces.average),
  heldMost: heldInPieces.most,
  heldByCharacter: rounded(heldByCharacter.average),
  stallMs: rounded(stallMs),
  hostile,
}
console.table({ ...results, hostile: undefined })
console.table(hostile)
console.log(JSON.stringify({ bench: 'safety', ...results }))
