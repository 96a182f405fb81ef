import { defineConfig } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium } from './e2e/hosts/chromium.ts'
import type { RoomOptions } from './e2e/fixture.ts'

/** The same specifications run three ways; which one is the project's name. */
export default defineConfig<RoomOptions>({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  globalSetup: './e2e/globalSetup.ts',
  // A test that passes at the second try has found a fault; it is not to be hidden.
  retries: 0,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    locale: 'en-US',
    viewport: { width: 1280, height: 820 },
    actionTimeout: 15_000,
    launchOptions: { executablePath: findChromium() ?? undefined, args: CHROMIUM_FLAGS },
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'browser', use: { hostKind: 'browser' } },
    { name: 'stand-in', use: { hostKind: 'stand-in' } },
    { name: 'desktop', use: { hostKind: 'desktop' } },
  ],
})
