import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { openBrowser, VIEWPORT } from './browser.ts'
import { distribution, pause, rounded, type Distribution } from './measure.ts'
import type { LogScrollAnswer, LogScrollOrder } from './logScrollHost.ts'

/**
 * How long a frame takes while somebody scrolls through a log of 100,000 events, beside an empty page that is as high.
 * `node bench/logScroll.ts [rounds]`
 */

const ROUNDS = Number(process.argv[2] ?? 3)
const EVENTS = 100_000
const FRAMES = 400
const FLOW_PER_SECOND = 200
const GOAL_MS = 16.7
/** Four lines a frame, some 240 a second; a drag of the scroll bar is somewhere else in each frame. */
const STEP_PX = 96
const MOTIONS = ['scrolling', 'dragging'] as const
type Motion = (typeof MOTIONS)[number]

interface Frames {
  /** From the beginning of a frame's callbacks until it is painted. */
  readonly work: readonly number[]
  /** From one frame to the next. */
  readonly apart: readonly number[]
  /** Lines that were not there yet when their frame was painted, of all in sight. */
  readonly missing: number
}

/** In the page. */
function scrollThrough({ selector, motion, frames, step }: { selector: string; motion: Motion; frames: number; step: number }): Promise<Frames> {
  const scroller = document.querySelector<HTMLElement>(selector)!
  const [work, apart]: [number[], number[]] = [[], []]
  let [begin, last, missing, seen, down] = [0, 0, 0, 0, true]
  // A frame's callbacks, style, layout and paint are one task; a message sent in it is the next.
  const channel = new MessageChannel()
  scroller.scrollTop = scroller.scrollHeight / 3
  return new Promise((resolve) => {
    channel.port1.onmessage = () => {
      work.push(performance.now() - begin)
      const lines = scroller.querySelectorAll('li')
      seen += lines.length
      missing += scroller.querySelectorAll('li > [aria-hidden]').length
      if (work.length >= frames) resolve({ work, apart, missing: seen === 0 ? 0 : missing / seen })
      else requestAnimationFrame(frame)
    }
    function frame(time: number): void {
      begin = performance.now()
      if (last > 0) apart.push(time - last)
      last = time
      if (motion === 'dragging') scroller.scrollTop = (0.5 + 0.5 * Math.sin(work.length / 40)) * scroller.scrollHeight
      else {
        if (scroller.scrollTop < step) down = true
        if (scroller.scrollTop > scroller.scrollHeight - scroller.clientHeight - step) down = false
        scroller.scrollTop += down ? step : -step
      }
      channel.port2.postMessage(null)
    }
    requestAnimationFrame(frame)
  })
}

type Answer<K extends LogScrollAnswer['kind']> = Extract<LogScrollAnswer, { kind: K }>
async function ask<K extends LogScrollAnswer['kind']>(host: ChildProcess, order: LogScrollOrder, kind: K): Promise<Answer<K>> {
  host.send(order)
  const [answer] = (await once(host, 'message')) as [LogScrollAnswer]
  if (answer.kind !== kind) throw new Error(`The host answered ${JSON.stringify(answer)} where "${kind}" was expected.`)
  return answer as Answer<K>
}

const LOG = '[data-panel="log"] [role="group"][tabindex="0"]'
const EMPTY = '#empty'
const measure = (page: Page, selector: string, motion: Motion): Promise<Frames> => page.evaluate(scrollThrough, { selector, motion, frames: FRAMES, step: STEP_PX })

const host = fork(join(import.meta.dirname, 'logScrollHost.ts'))
const { url } = await ask(host, { kind: 'open', events: EVENTS }, 'opened')
const browser = await openBrowser()
const page = await browser.newPage({ viewport: VIEWPORT })
const opened = performance.now()
await page.goto(url)
await page.locator(`${LOG} li button`).first().waitFor()
const untilLinesMs = performance.now() - opened
await page.getByRole('button', { name: 'Enlarge Event log' }).click()
await page.getByText('100,0').first().waitFor()
const empty = await browser.newPage({ viewport: VIEWPORT })
await empty.setContent(`<div id="empty" style="height:600px;overflow:auto"><div style="height:${EVENTS * 24}px"></div></div>`)

const CONDITIONS = [...MOTIONS.map((motion) => ({ motion, perSecond: 0 })), { motion: 'scrolling', perSecond: FLOW_PER_SECOND }] as const
const collected = CONDITIONS.map(({ motion, perSecond }) => ({ motion, perSecond, log: [] as Frames[], empty: [] as Frames[] }))
// In turns, so that a slow minute of the machine falls on all of them.
for (let round = 0; round < ROUNDS; round++) {
  for (const one of collected) {
    await empty.bringToFront()
    one.empty.push(await measure(empty, EMPTY, one.motion))
    await page.bringToFront()
    await ask(host, { kind: 'flow', perSecond: one.perSecond }, 'flows')
    one.log.push(await measure(page, LOG, one.motion))
    await ask(host, { kind: 'flow', perSecond: 0 }, 'flows')
    await pause(300)
  }
}
const heapMb = rounded((await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize)) / 1e6)
await browser.close()
await ask(host, { kind: 'close' }, 'closed')

const pool = (of: readonly Frames[], what: 'work' | 'apart'): Distribution => distribution(of.flatMap((frames) => frames[what]))
const results = collected.map(({ motion, perSecond, log, empty: bare }) => ({
  motion,
  perSecond,
  work: pool(log, 'work'),
  apart: pool(log, 'apart'),
  emptyWork: pool(bare, 'work'),
  emptyApart: pool(bare, 'apart'),
  missing: rounded(log.reduce((sum, frames) => sum + frames.missing, 0) / log.length),
}))
for (const { motion, perSecond, missing, ...distributions } of results) {
  console.log(`${motion}, ${perSecond} events a second: milliseconds; ${missing} of the lines drawn were not there yet`)
  console.table(distributions)
}
console.log(JSON.stringify({ bench: 'logScroll', events: EVENTS, rounds: ROUNDS, goalMs: GOAL_MS, untilLinesMs: rounded(untilLinesMs), heapMb, results }))
