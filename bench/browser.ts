import { chromium, type Browser, type Page } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium, HOW_TO_GET_CHROMIUM } from '../e2e/hosts/chromium.ts'
import { now } from './measure.ts'

export const VIEWPORT = { width: 1280, height: 820 }

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error(HOW_TO_GET_CHROMIUM)
  return chromium.launch({ executablePath, args: CHROMIUM_FLAGS })
}

/**
 * What to add to the page's `performance.now()` to be on our clock. Chromium tells when the page's own clock started, on the machine's
 * monotonic clock; a question that went there and back checks it.
 */
export async function pageClockOffset(page: Page): Promise<number> {
  const wire = await page.context().newCDPSession(page)
  await wire.send('Performance.enable')
  const { metrics } = await wire.send('Performance.getMetrics')
  await wire.detach()
  const offset = (metrics.find(({ name }) => name === 'NavigationStart')?.value ?? NaN) * 1000
  const asked = now()
  const there = (await page.evaluate(() => performance.now())) + offset
  const answered = now()
  // The page's clock is cut to 0.1 ms.
  if (!(there >= asked - 1 && there <= answered + 1)) throw new Error(`The page's clock is off: ${asked} ${there} ${answered}.`)
  return offset
}

/** The processor time that all of the browser's renderers have used so far, in milliseconds. */
export async function rendererCpuMs(browser: Browser): Promise<number> {
  const wire = await browser.newBrowserCDPSession()
  const { processInfo } = await wire.send('SystemInfo.getProcessInfo')
  await wire.detach()
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0)
}
