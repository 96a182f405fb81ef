import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { chromium } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium, HOW_TO_GET_CHROMIUM } from '../e2e/hosts/chromium.ts'
import { openBrowserHost } from '../e2e/hosts/browserHost.ts'
import { askAsOwner, plainEnvironment } from '../e2e/hosts/roomProcess.ts'
import { RoomPage } from '../e2e/pages/roomPage.ts'
import { findInterpreters, pythonEnvironment } from './pythonEnvironments.ts'

/** The pictures in README and docs: the real room with real agents at work. `npm run screenshots` */

const root = join(import.meta.dirname, '..')
const pictures = join(root, 'docs', 'images')

const DIGEST = 'print("Reading the week\'s reports …", flush=True)\nraise RuntimeError("the template digest.html is missing")\n'
const SECRETS = [
  ['OPENAI_API_KEY', 'production', 'sk-proj-', {}],
  ['ANTHROPIC_API_KEY', 'production', 'sk-ant-', { delivery: 'sealed', hosts: ['api.anthropic.com'] }],
  ['CLEARBIT_KEY', 'development', 'pk_test_', {}],
  ['DATABASE_PASSWORD', 'production', '', {}],
] as const

const folder = mkdtempSync(join(tmpdir(), 'control-room-'))
const scripts = join(folder, 'agents')
mkdirSync(scripts)
mkdirSync(pictures, { recursive: true })
writeFileSync(join(scripts, 'weekly_digest.py'), DIGEST)

// With LangChain, where the tests have it already.
const { python } = await pythonEnvironment('sdk', (await findInterpreters())[0])
const PATH = [...(python === null ? [] : [dirname(python)]), process.env.PATH].join(delimiter)

const executablePath = findChromium()
if (!executablePath) throw new Error(HOW_TO_GET_CHROMIUM)
const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS })
try {
  const dataFolder = join(folder, 'data')
  const context = await browser.newContext({ colorScheme: 'dark', viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1, reducedMotion: 'reduce' })
  const host = await openBrowserHost(context, { root, dataFolder, environment: plainEnvironment(dataFolder, { PATH, IRON_SECRETS_MASTER_KEY: randomBytes(32).toString('hex') }) })
  const room = new RoomPage(host)
  const { page } = host
  try {
    const pace = (change: object): Promise<unknown> => askAsOwner(dataFolder, 'POST', '/demo/pace', change)
    await room.isOpen()
    await take('first-run')
    await room.drop(join(scripts, 'weekly_digest.py'))
    await room.launchCard.budget.fill('10')
    // Where Python lies on this machine is nobody's business.
    await room.launchCard.interpreter.fill('python3')
    await take('launch')
    await room.launchCard.cancel()
    await askAsOwner(dataFolder, 'POST', '/agents', { script: join(scripts, 'weekly_digest.py'), budget: '10', maxRestarts: 1 })
    await room.agent.status('Crashed').waitFor()
    await putNoticesAway()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('demo')
    await page.keyboard.press('Enter')
    await room.demoCard.engine.getByText(/with Python/).waitFor()
    await take('demo-card')
    await room.demoCard.start('On stage')
    await pace({ isPaused: true, skipTo: 24 })
    await page.getByText('23 / 100 leads (23%)').first().waitFor()
    await take('presenter')
    // As the audience sees it.
    await page.keyboard.press('F9')
    await pace({ skipTo: 80 })
    await page.getByText('79 / 100 leads (79%)').first().waitFor()
    await room.performance.service('linkedin').getByText('Open').waitFor()
    await putNoticesAway()
    await take('control-room')
    await page.emulateMedia({ colorScheme: 'light' })
    await take('control-room-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    for (const [panel, name] of [
      [room.cost, 'cost'],
      [room.protection, 'protection'],
      [room.performance, 'performance'],
      [room.log, 'event-log'],
      [room.notifications, 'notifications'],
    ] as const) {
      await panel.enlarge()
      await take(name)
      await panel.shrink()
    }
    await page.keyboard.press('Control+,')
    await take('settings')
    await page.keyboard.press('Control+,')
    for (const [name, environment, value, more] of SECRETS) {
      await askAsOwner(dataFolder, 'POST', '/secrets', { name, environment, value: value + 'Invented0123456789'.repeat(3), ...more })
    }
    await room.secrets.openOverTheRoom()
    await room.secrets.action('Reveal', 'OPENAI_API_KEY (staging)').click()
    await room.secrets.value('OPENAI_API_KEY').waitFor()
    await take('secrets')
    await page.getByRole('banner').getByRole('button', { name: /^Secrets/ }).click()
    await page.setViewportSize({ width: 1280, height: 720 })
    await page.keyboard.press('F11')
    await page.getByLabel('Password for the stage').fill('an invented password')
    await page.getByLabel('Once more').fill('an invented password')
    await page.keyboard.press('Enter')
    await page.getByLabel('Clock').waitFor()
    await take('stage')
  } finally {
    await host.stop()
  }

  /** Without the pointer, which would light up what it stands on, and with the charts as they will stay. */
  async function take(name: string): Promise<void> {
    await page.mouse.move(720, 1)
    await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))))
    await page.screenshot({ path: join(pictures, `${name}.png`) })
  }

  async function putNoticesAway(): Promise<void> {
    const close = page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: /^(Close notice|Dismiss)$/ })
    while ((await close.count()) > 0) await close.first().click()
  }
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
