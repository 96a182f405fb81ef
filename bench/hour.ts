import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openBrowser, VIEWPORT } from './browser.ts'
import { fastenPage } from './fastClock.ts'
import type { HourAnswer, HourOrder } from './hourHost.ts'
import { pause, rounded } from './measure.ts'
import { pageHeapMb } from './memory.ts'

/**
 * What a page and its room hold while an agent works for an hour, on a clock that is thirty times as fast.
 * `node bench/hour.ts [minutes]`
 */

const MINUTES = Number(process.argv[2] ?? 60)
const SPEED = 30
const READ_EVERY_MINUTES = 10

interface Reading {
  readonly minute: number
  readonly pageMb: number
  readonly elements: number
  readonly hostMb: number
}

type Answer<K extends HourAnswer['kind']> = Extract<HourAnswer, { kind: K }>
async function ask<K extends HourAnswer['kind']>(host: ChildProcess, order: HourOrder, kind: K): Promise<Answer<K>> {
  host.send(order)
  const [answer] = (await once(host, 'message')) as [HourAnswer]
  if (answer.kind !== kind) throw new Error(`The host answered ${JSON.stringify(answer)} where "${kind}" was expected.`)
  return answer as Answer<K>
}

const since = Date.now()
const host = fork(join(import.meta.dirname, 'hourHost.ts'), { execArgv: ['--expose-gc'] })
const { url } = await ask(host, { kind: 'open', since, speed: SPEED }, 'opened')
const browser = await openBrowser()
const page = await browser.newPage({ viewport: VIEWPORT })
const problems: string[] = []
page.on('pageerror', (problem) => problems.push(String(problem)))
await page.addInitScript(fastenPage, { since, speed: SPEED })
await page.goto(url)
await page.getByRole('button', { name: 'Open…' }).first().waitFor()
await ask(host, { kind: 'work' }, 'works')
const began = Date.now()
await page.getByRole('region', { name: /^Terminal of / }).waitFor()
const wire = await page.context().newCDPSession(page)

const readings: Reading[] = []
async function read(minute: number): Promise<void> {
  const elements = await page.evaluate(() => document.getElementsByTagName('*').length)
  const { heapMb } = await ask(host, { kind: 'read' }, 'holds')
  readings.push({ minute, pageMb: rounded(await pageHeapMb(wire, true)), elements, hostMb: rounded(heapMb) })
}
for (const minute of [1, ...Array.from({ length: Math.floor(MINUTES / READ_EVERY_MINUTES) }, (_, index) => (index + 1) * READ_EVERY_MINUTES)]) {
  await pause(Math.max(0, began + (minute * 60_000) / SPEED - Date.now()))
  await read(minute)
}
const shown = await page.locator('[data-panel="live"]').innerText()
await browser.close()
const { events } = await ask(host, { kind: 'close' }, 'closed')
if (problems.length > 0) throw new Error(`The page failed: ${problems.join('\n')}`)

console.log(`megabytes in use after the garbage was collected, and elements of the page, with ${events} events; the page said:\n${shown}`)
console.table(readings)
console.log(JSON.stringify({ bench: 'hour', minutes: MINUTES, speed: SPEED, events, readings }))
