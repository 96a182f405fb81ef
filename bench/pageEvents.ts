import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { openBrowser, pageClockOffset, rendererCpuMs, VIEWPORT } from './browser.ts'
import { distribution, median, pause, rounded, type Distribution } from './measure.ts'
import type { PageEventsAnswer, PageEventsOrder } from './pageEventsHost.ts'

/**
 * How long an event takes from its announcement to the page that has painted it, beside a bare WebSocket and a bare list.
 * `node bench/pageEvents.ts [rounds]`
 */

const ROUNDS = Number(process.argv[2] ?? 3)
const SAMPLES = 300
const WARM_UP = 60
const BACKGROUND_PER_SECOND = 200
const GOAL_MS = 50

type Subject = 'room' | 'bare'
const CONDITIONS = ['at rest', 'busy'] as const
type Condition = (typeof CONDITIONS)[number]
interface Delays {
  /** Until a line of the event log is painted, and until its message has reached the page. */
  readonly lines: readonly number[]
  readonly arrivals: readonly number[]
  /** Until an agent's change is painted in the panel of its live metrics. */
  readonly changes: readonly number[]
}
interface Run extends Delays {
  readonly subject: Subject
  readonly condition: Condition
  /** For each event; what the machine has else to do does not count here. */
  readonly pageCpuMs: number
  readonly hostCpuMs: number
}

declare global {
  interface Window {
    /** Number of the sample → when its message came, and when the frame that shows it was painted, on the page's clock. */
    arrivedAt: Map<number, number>
    paintedAt: Map<number, number>
    outOfSight: number
  }
}

/** In the page, before anything else: notes when the message with a sample has come, before the page itself looks at it. */
function watchTheWire(): void {
  window.arrivedAt = new Map()
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL) {
      super(url)
      this.addEventListener('message', ({ data }) => {
        const time = performance.now()
        for (const [, number] of String(data).matchAll(/Measured line (\d+)\./g)) window.arrivedAt.set(Number(number), time)
      })
    }
  }
}

/** In the page: notes when a sample has entered the document, and then when the frame with it has been painted. */
function watchForSamples(): void {
  window.paintedAt = new Map()
  window.outOfSight = 0
  let fresh: number[] = []
  // A frame's callbacks, style, layout and paint are one task; a message sent in it is the next.
  const channel = new MessageChannel()
  channel.port1.onmessage = () => {
    const time = performance.now()
    for (const number of fresh) window.paintedAt.set(number, time)
    fresh = []
    const list = document.querySelector('[data-panel="log"] [role="group"], ol[aria-label^="Activity"]')
    if (list && list.scrollHeight - list.scrollTop - list.clientHeight > 24) window.outOfSight++
  }
  function note(number: number): void {
    if (fresh.push(number) === 1) channel.port2.postMessage(null)
  }

  let restarts = ''
  new MutationObserver((mutations) => {
    for (const { addedNodes } of mutations) {
      for (const node of addedNodes) {
        const sample = node instanceof HTMLLIElement ? /Measured line (\d+)\./.exec(node.textContent) : null
        if (sample) note(Number(sample[1]))
      }
    }
    const shown = document.querySelector('[data-panel="live"] [data-figure="restarts"]')?.textContent ?? ''
    if (shown !== restarts) note(Number(shown))
    restarts = shown
  }).observe(document.body, { childList: true, characterData: true, subtree: true })
}

type Answer<K extends PageEventsAnswer['kind']> = Extract<PageEventsAnswer, { kind: K }>

async function ask<K extends PageEventsAnswer['kind']>(host: ChildProcess, order: PageEventsOrder, kind: K): Promise<Answer<K>> {
  host.send(order)
  const [answer] = (await once(host, 'message')) as [PageEventsAnswer]
  if (answer.kind !== kind) throw new Error(`The host answered ${JSON.stringify(answer)} where "${kind}" was expected.`)
  return answer as Answer<K>
}

async function measure(browser: Browser, subject: Subject, condition: Condition): Promise<Run> {
  const host = fork(join(import.meta.dirname, 'pageEventsHost.ts'))
  const { url } = await ask(host, { kind: 'open', isBare: subject === 'bare' }, 'opened')
  const page = await browser.newPage({ viewport: VIEWPORT })
  await page.addInitScript(watchTheWire)
  await page.goto(url)
  await page.locator('ol li').first().waitFor()
  if (subject === 'room') await page.getByRole('region', { name: /^Terminal of / }).waitFor()
  const backgroundPerSecond = condition === 'busy' ? BACKGROUND_PER_SECOND : 0
  await ask(host, { kind: 'run', samples: WARM_UP, backgroundPerSecond }, 'ran')
  await pause(500)

  await page.evaluate(watchForSamples)
  const pageCpuBefore = await rendererCpuMs(browser)
  const { announcedAt, events, cpuMs } = await ask(host, { kind: 'run', samples: SAMPLES, backgroundPerSecond }, 'ran')
  await pause(500)
  const pageCpuMs = (await rendererCpuMs(browser)) - pageCpuBefore
  const delays = await collect(page, announcedAt, subject)
  await page.close()
  await ask(host, { kind: 'close' }, 'closed')
  return { subject, condition, ...delays, pageCpuMs: pageCpuMs / events, hostCpuMs: cpuMs / events }
}

async function collect(page: Page, announcedAt: readonly number[], subject: Subject): Promise<Delays> {
  const offset = await pageClockOffset(page)
  const seen = await page.evaluate(() => {
    const { arrivedAt, paintedAt, outOfSight } = window
    return { arrived: [...arrivedAt], painted: [...paintedAt], outOfSight }
  })
  if (seen.outOfSight > 0) throw new Error(`The newest line was out of sight in ${seen.outOfSight} frames.`)
  const [arrivedAt, paintedAt] = [new Map(seen.arrived), new Map(seen.painted)]
  const delayOf = (number: number, at: number | undefined): number => {
    if (at === undefined) throw new Error(`Sample ${number} never came.`)
    return at + offset - announcedAt[number]!
  }
  const numbers = [...announcedAt.keys()]
  const lines = numbers.filter((number) => number % 2 === 0 && (number < SAMPLES - 2 || paintedAt.has(number)))
  // A line that so many others followed within one frame is out of sight by then, and has no row: it counts with the next one that has.
  const rowOf = (number: number): number => lines.find((other) => other >= number && paintedAt.has(other)) ?? number
  // Two changes within one frame: the page shows the second only, and rightly so.
  const changes = subject === 'bare' ? [] : numbers.filter((number) => number % 2 === 1 && paintedAt.has(number))
  if (subject === 'room' && changes.length === 0) throw new Error('No change of the agent was seen in its panel.')
  return {
    lines: lines.map((number) => delayOf(number, paintedAt.get(rowOf(number)))),
    arrivals: lines.map((number) => delayOf(number, arrivedAt.get(number))),
    changes: changes.map((number) => delayOf(number, paintedAt.get(number))),
  }
}

const browser = await openBrowser()
const runs: Run[] = []
// In turns, so that a slow minute of the machine falls on all of them.
for (let round = 0; round < ROUNDS; round++) {
  for (const condition of CONDITIONS) {
    for (const subject of ['bare', 'room'] as const) runs.push(await measure(browser, subject, condition))
  }
}
await browser.close()

const pool = (of: readonly Run[], what: keyof Delays): Distribution => distribution(of.flatMap((run) => run[what]))
const cpu = (of: readonly Run[], what: 'pageCpuMs' | 'hostCpuMs'): number => rounded(median(of.map((run) => run[what])))

const results = CONDITIONS.map((condition) => {
  const such = runs.filter((run) => run.condition === condition)
  const [bare, room] = [such.filter(({ subject }) => subject === 'bare'), such.filter(({ subject }) => subject === 'room')]
  return {
    condition,
    bare: { arrivals: pool(bare, 'arrivals'), lines: pool(bare, 'lines'), pageCpuMs: cpu(bare, 'pageCpuMs') },
    room: {
      arrivals: pool(room, 'arrivals'),
      lines: pool(room, 'lines'),
      changes: pool(room, 'changes'),
      pageCpuMs: cpu(room, 'pageCpuMs'),
      hostCpuMs: cpu(room, 'hostCpuMs'),
    },
  }
})
for (const { condition, bare, room } of results) {
  console.log(`${condition}: milliseconds from announcement to …`)
  console.table({
    'a bare page has the message': bare.arrivals,
    'a bare list shows the line': bare.lines,
    'the page has the message': room.arrivals,
    'the event log shows the line': room.lines,
    'the live metrics show the change': room.changes,
  })
  console.log(`processor time for each event: page ${room.pageCpuMs} ms (bare ${bare.pageCpuMs}), host ${room.hostCpuMs} ms\n`)
}
console.log(JSON.stringify({ bench: 'pageEvents', backgroundPerSecond: BACKGROUND_PER_SECOND, rounds: ROUNDS, goalMs: GOAL_MS, results }))
