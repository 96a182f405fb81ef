import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium, HOW_TO_GET_CHROMIUM } from '../e2e/hosts/chromium.ts'
import { openBrowserHost } from '../e2e/hosts/browserHost.ts'
import { askAsOwner, plainEnvironment } from '../e2e/hosts/roomProcess.ts'

/** The pictures in the README: the real room with real agents at work. `npm run screenshots` */

const root = join(import.meta.dirname, '..')
const pictures = join(root, 'docs', 'images')

const LEADS = `
import time
print("\\033[1mLead generation\\033[0m  100 invented companies\\n", flush=True)
names = ["Acorn Works", "Blue Harbour", "Copper Lane", "Dovetail Labs", "Ember & Oak", "Foxglove Systems", "Granite Row", "Hollow Pine"]
for lead in range(1, 101):
    found = lead % 7 != 0
    mark = "\\033[32mqualified\\033[0m" if found else "\\033[33mno answer\\033[0m"
    print(f"\\033[90m{lead:>4} / 100\\033[0m  {mark}  {names[lead % len(names)]} {lead}", flush=True)
    time.sleep(0.02 if lead < 23 else 60)
`
const DIGEST = 'print("Reading the week\'s reports …", flush=True)\nraise RuntimeError("the template digest.html is missing")\n'

const folder = mkdtempSync(join(tmpdir(), 'control-room-'))
const scripts = join(folder, 'agents')
mkdirSync(scripts)
mkdirSync(pictures, { recursive: true })
writeFileSync(join(scripts, 'lead_gen_agent.py'), LEADS)
writeFileSync(join(scripts, 'weekly_digest.py'), DIGEST)

const executablePath = findChromium()
if (!executablePath) throw new Error(HOW_TO_GET_CHROMIUM)
const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS })
try {
  const dataFolder = join(folder, 'data')
  const context = await browser.newContext({ colorScheme: 'dark', viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 })
  const host = await openBrowserHost(context, { root, dataFolder, environment: plainEnvironment(dataFolder, {}) })
  try {
    const start = (name: string): Promise<unknown> =>
      askAsOwner(dataFolder, 'POST', '/agents', { script: join(scripts, name), budget: '50', maxRestarts: 1 })
    await start('weekly_digest.py')
    await host.page.getByText('Crashed').first().waitFor()
    await start('lead_gen_agent.py')
    await host.page.getByRole('navigation', { name: 'Agents' }).getByText('lead_gen_agent.py').click()
    await host.page.locator('.xterm').getByText('23 / 100').first().waitFor()
    await host.page.screenshot({ path: join(pictures, 'control-room.png') })
  } finally {
    await host.stop()
  }
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
