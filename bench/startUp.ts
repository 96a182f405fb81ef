import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import type { Browser } from '@playwright/test'
import { plainEnvironment } from '../e2e/hosts/roomProcess.ts'
import { openBrowser, pageClockOffset, VIEWPORT } from './browser.ts'
import { median, now, pause, rounded } from './measure.ts'

/**
 * From the start of the built browser host to its first answer and to the page's first paint, beside Node doing nothing.
 * `node bench/startUp.ts [rounds]`
 */

const ROUNDS = Number(process.argv[2] ?? 10)
const root = join(import.meta.dirname, '..')

/** Milliseconds since the process was started. */
interface Start {
  readonly health: number
  readonly paint: number
  /** The room itself can be seen, not only an empty page. */
  readonly room: number
}

async function bareNodeMs(): Promise<number> {
  const begin = now()
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return now() - begin
}

async function startMs(browser: Browser, dataFolder: string): Promise<Start> {
  // The browser's own beginnings are not ours; a new window goes on for a while after it is there.
  const page = await browser.newPage({ viewport: VIEWPORT })
  await pause(700)
  const begin = now()
  const child = spawn(process.execPath, [join(root, 'out/main/headless.js'), '--port', '0'], {
    cwd: root,
    env: plainEnvironment(dataFolder),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  const url = await Promise.race([lineWith(child.stdout, /^listening on (\S+)$/), ended.then(failed)])
  const answer = await fetch(`${url}/api/health`)
  if (!answer.ok) throw new Error(`The room's first answer was ${answer.status}.`)
  await answer.text()
  const health = now() - begin

  const link = await lineWith(child.stderr, /^sign in.*: (http\S+)$/)
  await page.goto(link)
  await page.getByRole('button', { name: 'Open…' }).first().waitFor()
  const offset = await pageClockOffset(page)
  const { paint, room } = await page.evaluate(paintTimes)
  await page.close()
  child.kill('SIGTERM')
  await ended
  return { health, paint: paint + offset - begin, room: room + offset - begin }
}

function failed(): never {
  throw new Error('The room ended before it listened.')
}

async function lineWith(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  for await (const line of createInterface({ input: stream })) {
    const found = pattern.exec(line)?.[1]
    if (found) return found
  }
  throw new Error(`No line matched ${pattern}.`)
}

/** In the page: when something was painted first, and when the largest thing that the room begins with was. */
async function paintTimes(): Promise<{ paint: number; room: number }> {
  const room = await new Promise<number>((resolve) => {
    const observer = new PerformanceObserver((list) => resolve(list.getEntries().at(-1)!.startTime))
    observer.observe({ type: 'largest-contentful-paint', buffered: true })
  })
  const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime
  if (paint === undefined) throw new Error('Nothing was painted.')
  return { paint, room }
}

/** What the page's document names itself is there before anything is shown; the rest of the scripts waits until somebody wants it. */
function bundleSizes(): Record<'first' | 'later', { kb: number; gzipKb: number }> {
  const page = join(root, 'out/renderer')
  const html = readFileSync(join(page, 'index.html'), 'utf8')
  const files = readdirSync(join(page, 'assets')).filter((name) => /\.(?:js|css)$/.test(name))
  const sizeOf = (names: readonly string[]): { kb: number; gzipKb: number } => {
    const contents = names.map((name) => readFileSync(join(page, 'assets', name)))
    const sum = (bytes: readonly number[]): number => rounded(bytes.reduce((all, one) => all + one, 0) / 1_000)
    return { kb: sum(contents.map(({ length }) => length)), gzipKb: sum(contents.map((content) => gzipSync(content).length)) }
  }
  return { first: sizeOf(files.filter((name) => html.includes(name))), later: sizeOf(files.filter((name) => !html.includes(name))) }
}

const browser = await openBrowser()
const folder = mkdtempSync(join(tmpdir(), 'iron-cage-bench-'))
const bare: number[] = []
const fresh: Start[] = []
const again: Start[] = []
// The first round warms what the operating system and the browser keep.
for (let round = 0; round <= ROUNDS; round++) {
  const node = await bareNodeMs()
  const dataFolder = join(folder, String(round))
  const first = await startMs(browser, dataFolder)
  const second = await startMs(browser, dataFolder)
  if (round === 0) continue
  bare.push(node)
  fresh.push(first)
  again.push(second)
}
await browser.close()
rmSync(folder, { recursive: true })

const bareMs = rounded(median(bare))
const summary = (starts: readonly Start[], what: keyof Start): { ms: number; ratio: number } => ({
  ms: rounded(median(starts.map((start) => start[what]))),
  ratio: rounded(median(starts.map((start, round) => start[what] / bare[round]!))),
})
const of = (starts: readonly Start[]): Record<keyof Start, { ms: number; ratio: number }> => ({
  health: summary(starts, 'health'),
  paint: summary(starts, 'paint'),
  room: summary(starts, 'room'),
})
const results = { bareNodeMs: bareMs, fresh: of(fresh), again: of(again) }
console.log(`node -e 0 takes ${bareMs} ms; the room, in milliseconds and as a multiple of that:`)
console.table({
  'first answer, new data folder': results.fresh.health,
  'first paint, new data folder': results.fresh.paint,
  'the room in sight, new data folder': results.fresh.room,
  'first answer, known data folder': results.again.health,
  'first paint, known data folder': results.again.paint,
  'the room in sight, known data folder': results.again.room,
})
const bundle = bundleSizes()
console.table(bundle)
console.log(JSON.stringify({ bench: 'startUp', rounds: ROUNDS, results, bundle }))
