import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CDPSession, Page } from '@playwright/test'
import { openBrowserHost } from '../e2e/hosts/browserHost.ts'
import { askAsOwner, plainEnvironment } from '../e2e/hosts/roomProcess.ts'
import { RoomPage } from '../e2e/pages/roomPage.ts'
import { barePtyMs, bareXtermMs } from './bareTerminal.ts'
import { openBrowser, VIEWPORT } from './browser.ts'
import { distribution, median, now, pause, rounded, type Distribution } from './measure.ts'
import { collectGarbageIn, INSPECTABLE, pageHeapMb, residentMb } from './memory.ts'

/**
 * An agent prints 50 MB into the page's terminal while somebody clicks ten times a second: how soon a click is answered, how fast
 * the output comes with and without that hand, and what of it stays in memory. `node bench/terminalFlood.ts [rounds]`
 */

const ROUNDS = Number(process.argv[2] ?? 3)
const MEGABYTES = 50
const CALM_MS = 5_000
const CLICK_EVERY_MS = 100
const GOAL_MS = 100
const root = join(import.meta.dirname, '..')

declare global {
  interface Window {
    clickDelays: number[]
  }
}

/** Lines such as agents print: most of them plain, some in colour, some longer than the terminal is wide. */
function floodText(): string {
  const lines: string[] = []
  for (let bytes = 0, number = 0; bytes < MEGABYTES * 1e6; number++) {
    const colour = number % 8 === 0 ? [`\x1b[${31 + (number % 6)}m`, '\x1b[0m'] : ['', '']
    const more = 'that says more '.repeat(number % 7)
    const line = `${colour[0]}step ${number}${colour[1]} an invented line of the output of an agent ${more}\n`
    lines.push(line)
    bytes += line.length
  }
  return lines.join('')
}

const SCRIPT = `#!/bin/sh
stty -echo
echo "size $(stty size)"
while read -r number; do
  cat "$1"
  echo "flood $number is over"
done
`

/** In the page: notes how long each click takes from the hand's movement to the frame that answers it. */
function watchClicks(): void {
  window.clickDelays = []
  const waiting: number[] = []
  const channel = new MessageChannel()
  // A frame's callbacks, style, layout and paint are one task; a message sent in it is the next.
  channel.port1.onmessage = () => {
    for (const since of waiting.splice(0)) window.clickDelays.push(performance.now() - since)
  }
  document.addEventListener('click', (event) => {
    // Chromium stamps a click when the system tells it of it, before the page has time for it.
    waiting.push(event.timeStamp)
    requestAnimationFrame(() => channel.port2.postMessage(null))
  })
}

/** Clicks at a steady pace, however slow the answers are, until told to stop; gives how long each one took. */
async function clickAlong(page: Page, wire: CDPSession, until: Promise<unknown>): Promise<number[]> {
  const box = await new RoomPage({ page } as never).agent.idButton.boundingBox()
  if (!box) throw new Error('The button to click on is not in sight.')
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2, button: 'left', clickCount: 1 } as const
  let isOver = false
  const over = until.finally(() => (isOver = true))
  await page.evaluate(() => (window.clickDelays = []))
  let clicks = 0
  for (let nextAt = now(); !isOver; nextAt += CLICK_EVERY_MS) {
    clicks++
    void wire.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...place })
    void wire.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...place })
    await pause(Math.max(0, nextAt + CLICK_EVERY_MS - now()))
  }
  await over
  await pause(1000)
  const delays = await page.evaluate(() => window.clickDelays)
  if (delays.length < clicks) throw new Error(`Of ${clicks} clicks, ${delays.length} were answered.`)
  return delays
}

/** Resolves when the last rows of the terminal show this text. */
function shown(page: Page, text: string): Promise<void> {
  return page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        const rows = document.querySelector('.xterm-rows')!
        const look = (): void => {
          if (![...rows.children].some((row) => row.textContent.includes(wanted))) return
          observer.disconnect()
          resolve()
        }
        const observer = new MutationObserver(look)
        observer.observe(rows, { childList: true, characterData: true, subtree: true })
        look()
      }),
    text,
  )
}

interface Memory {
  readonly pageMb: number
  readonly hostMb: number
}

const folder = mkdtempSync(join(tmpdir(), 'iron-cage-bench-'))
const file = join(folder, 'flood.txt')
const script = join(folder, 'flood_agent')
writeFileSync(file, floodText())
writeFileSync(script, SCRIPT, { mode: 0o755 })

const browser = await openBrowser()
const context = await browser.newContext({ viewport: VIEWPORT, permissions: ['clipboard-write'] })
const dataFolder = join(folder, 'data')
const host = await openBrowserHost(context, { root, dataFolder, environment: plainEnvironment(dataFolder, INSPECTABLE) })
const { page } = host
const wire = await context.newCDPSession(page)
const { id } = (await askAsOwner(dataFolder, 'POST', '/agents', { script, args: [file] })) as { id: string }
await shown(page, 'size ')
const size = /size (\d+) (\d+)/.exec(await page.locator('.xterm-rows').innerText())
if (!size) throw new Error('The agent did not tell the size of its terminal.')
await page.evaluate(watchClicks)

async function memory(collectFirst: boolean): Promise<Memory> {
  if (collectFirst) await collectGarbageIn(host.output())
  return { pageMb: rounded(await pageHeapMb(wire, collectFirst)), hostMb: rounded(residentMb(host.pid)) }
}

const calm = await clickAlong(page, wire, pause(CALM_MS))
const before = await memory(true)
const after: Memory[] = []
const most = { pageMb: 0, hostMb: 0 }
const clicks: number[] = []
const speeds: { clicked: number; alone: number; pty: number; xterm: number }[] = []
let floods = 0

async function flood(isClicking: boolean): Promise<number> {
  const begin = now()
  const over = shown(page, `flood ${++floods} is over`).then(() => now() - begin)
  await askAsOwner(dataFolder, 'POST', `/agents/${id}/terminal/input`, { data: `${floods}\n` })
  if (isClicking) clicks.push(...(await clickAlong(page, wire, over)))
  return over
}

for (let round = 0; round < ROUNDS; round++) {
  const pty = await barePtyMs(file)
  const xterm = await bareXtermMs(browser, file, { columns: Number(size[2]), rows: Number(size[1]) })
  await page.bringToFront()
  const watching = setInterval(() => {
    void memory(false).then(({ pageMb, hostMb }) => {
      most.pageMb = Math.max(most.pageMb, pageMb)
      most.hostMb = Math.max(most.hostMb, hostMb)
    })
  }, 1000)
  speeds.push({ pty, xterm, clicked: await flood(true), alone: await flood(false) })
  clearInterval(watching)
  await pause(2000)
  after.push(await memory(true))
}
await host.stop()
await browser.close()
rmSync(folder, { recursive: true })

type Speed = keyof (typeof speeds)[number]
const perSecond = (what: Speed): number => rounded(median(speeds.map((speed) => (MEGABYTES * 1000) / speed[what])))
const ratio = (what: Speed): number => rounded(median(speeds.map((speed) => speed[what] / speed.alone)))
const results = {
  clicks: { calm: distribution(calm), flood: distribution(clicks) } satisfies Record<string, Distribution>,
  megabytesPerSecond: {
    alone: perSecond('alone'),
    clicked: perSecond('clicked'),
    barePty: perSecond('pty'),
    bareXterm: perSecond('xterm'),
  },
  ratioToBarePty: ratio('pty'),
  ratioToBareXterm: ratio('xterm'),
  memory: { before, most, after },
}
console.log('milliseconds from a click to the frame that answers it')
console.table(results.clicks)
console.log('megabytes per second: from agent to page, the same while somebody clicks, and the yardsticks')
console.table(results.megabytesPerSecond)
console.log('megabytes of memory: heap of the page and resident memory of the host; garbage collected, but for the most')
console.table({ before, most, ...Object.fromEntries(after.map((one, index) => [`after ${(index + 1) * 2 * MEGABYTES} MB`, one])) })
console.log(JSON.stringify({ bench: 'terminalFlood', megabytes: MEGABYTES, rounds: ROUNDS, goalMs: GOAL_MS, results }))
