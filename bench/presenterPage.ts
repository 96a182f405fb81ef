import type { Browser, Page } from '@playwright/test'
import { rendererCpuMs, VIEWPORT } from './browser.ts'
import { now } from './measure.ts'

/** What was seen of the presenter's window for a while. */
export interface PageReading {
  /** From each event until the frame after its message was painted, and from frame to frame, in milliseconds. */
  readonly painted: readonly number[]
  readonly frames: readonly number[]
  readonly cpuShare: number
}

export interface PresenterPage {
  readonly page: Page
  begin(): Promise<void>
  read(): Promise<PageReading>
}

declare global {
  interface Window {
    eventsPainted: number[]
    framesApart: number[]
  }
}

/** In the page, before anything else. */
function watchEventsAndFrames(): void {
  window.eventsPainted = []
  window.framesApart = []
  let waiting: number[] = []
  // A frame's callbacks, style, layout and paint are one task; a message sent in it is the next.
  const channel = new MessageChannel()
  channel.port1.onmessage = () => {
    const time = Date.now()
    for (const at of waiting) window.eventsPainted.push(time - at)
    waiting = []
  }
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL) {
      super(url)
      this.addEventListener('message', ({ data }) => {
        const times = [...String(data).matchAll(/"seq":\d+,"at":(\d+)/g)].map((match) => Number(match[1]))
        if (times.length === 0) return
        waiting.push(...times)
        // What the page does on account of this message it does before the next frame.
        requestAnimationFrame(() => channel.port2.postMessage(null))
      })
    }
  }
  let last = performance.now()
  requestAnimationFrame(function frame(time) {
    window.framesApart.push(time - last)
    last = time
    requestAnimationFrame(frame)
  })
}

export async function openPresenterPage(browser: Browser, link: string): Promise<PresenterPage> {
  const page = await browser.newPage({ viewport: VIEWPORT })
  await page.addInitScript(watchEventsAndFrames)
  await page.goto(link)
  let cpuBefore = 0
  let since = 0
  return {
    page,
    async begin() {
      cpuBefore = await rendererCpuMs(browser)
      since = now()
      await page.evaluate(() => {
        window.eventsPainted = []
        window.framesApart = []
      })
    },
    async read() {
      const { painted, frames } = await page.evaluate(() => ({ painted: window.eventsPainted, frames: window.framesApart }))
      return { painted, frames, cpuShare: ((await rendererCpuMs(browser)) - cpuBefore) / (now() - since) }
    },
  }
}
