import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** The Chromium that the tests use: the named one, the system's, or Playwright's own; null when there is none. */
export function findChromium(): string | null {
  const named = process.env.PLAYWRIGHT_CHROMIUM
  if (named) return existsSync(named) ? named : null
  return [...USUAL_PATHS, chromium.executablePath()].find((path) => existsSync(path)) ?? null
}

export const HOW_TO_GET_CHROMIUM =
  'The end-to-end tests need Chromium, and there is none in the usual places. Install it (on Debian or Ubuntu: apt-get install chromium), ' +
  'run "npx playwright install chromium", or name one in PLAYWRIGHT_CHROMIUM.'

/** Chromium's own sandbox refuses root, which is who runs the tests in containers. */
export const CHROMIUM_FLAGS = process.getuid?.() === 0 ? ['--no-sandbox'] : []
