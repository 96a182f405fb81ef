import { randomBytes } from 'node:crypto'
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
import json, os, time
from urllib.request import Request, urlopen

def send(method, url, document, **headers):
    request = Request(url, json.dumps(document).encode(), {"content-type": "application/json", **headers}, method=method)
    return json.load(urlopen(request))

def ask(model, question):
    message = {"role": "user", "content": question}
    answer = send("POST", os.environ["OPENAI_BASE_URL"] + "/chat/completions", {"model": model, "max_tokens": 400, "messages": [message]})
    return answer["choices"][0]["message"]["content"]

def tell(done):
    progress = os.environ["IRON_CAGE_URL"] + "/api/agents/" + os.environ["IRON_CAGE_AGENT_ID"] + "/progress"
    send("PUT", progress, {"done": done, "total": 100, "unit": "lead"}, authorization="Bearer " + os.environ["IRON_CAGE_RUN_TOKEN"])

print("\\033[1mLead generation\\033[0m  100 invented companies\\n", flush=True)
names = ["Acorn Works", "Blue Harbour", "Copper Lane", "Dovetail Labs", "Ember & Oak", "Foxglove Systems", "Granite Row", "Hollow Pine"]
notes = "What is known of the company, its market and the people who decide there. " * 90
for lead in range(1, 101):
    name = names[lead % len(names)]
    ask("gpt-4o-mini", "Does " + name + " fit?")
    contact = "ceo@" + name.split()[0].lower() + ".example"
    ask("gpt-4", notes + "Write a short message to " + name + (", " + contact + "." if lead % 5 == 3 else "."))
    mark = "\\033[32mqualified\\033[0m" if lead % 7 != 0 else "\\033[33mno answer\\033[0m"
    print(f"\\033[90m{lead:>4} / 100\\033[0m  {mark}  {name} {lead}" + (f", {contact}" if lead % 5 == 3 else ""), flush=True)
    tell(lead)
    time.sleep(0.02 if lead < 23 else 600)
`
const DIGEST = 'print("Reading the week\'s reports …", flush=True)\nraise RuntimeError("the template digest.html is missing")\n'
const SECRETS = [
  ['OPENAI_API_KEY', 'production', 'sk-proj-', {}],
  ['OPENAI_API_KEY', 'staging', 'sk-proj-', {}],
  ['ANTHROPIC_API_KEY', 'production', 'sk-ant-', { delivery: 'sealed', hosts: ['api.anthropic.com'] }],
  ['CLEARBIT_KEY', 'development', 'pk_test_', {}],
  ['DATABASE_PASSWORD', 'production', '', {}],
] as const

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
  const host = await openBrowserHost(context, { root, dataFolder, environment: plainEnvironment(dataFolder, { IRON_SECRETS_MASTER_KEY: randomBytes(32).toString('hex') }) })
  try {
    const start = (name: string): Promise<unknown> =>
      askAsOwner(dataFolder, 'POST', '/agents', { script: join(scripts, name), budget: '10', maxRestarts: 1 })
    await start('weekly_digest.py')
    await host.page.getByText('Crashed').first().waitFor()
    await start('lead_gen_agent.py')
    await host.page.getByRole('navigation', { name: 'Agents' }).getByText('lead_gen_agent.py').click()
    await host.page.locator('.xterm').getByText('23 / 100').first().waitFor()
    await host.page.getByText('23 / 100 leads').first().waitFor()
    await host.page.getByRole('tab', { name: 'Requests' }).click()
    await host.page.screenshot({ path: join(pictures, 'control-room.png') })
    await host.page.getByRole('tab', { name: /^Protection/ }).click()
    await host.page.getByText('[EMAIL_REDACTED]').last().waitFor()
    await host.page.screenshot({ path: join(pictures, 'protection.png') })
    for (const [name, environment, value, more] of SECRETS) {
      await askAsOwner(dataFolder, 'POST', '/secrets', { name, environment, value: value + 'Invented0123456789'.repeat(3), ...more })
    }
    await host.page.getByRole('banner').getByRole('button', { name: 'Secrets' }).click()
    await host.page.getByRole('button', { name: 'Reveal OPENAI_API_KEY (staging)' }).click()
    await host.page.getByLabel('Value of OPENAI_API_KEY').waitFor()
    await host.page.mouse.move(720, 860)
    await host.page.screenshot({ path: join(pictures, 'secrets.png') })
  } finally {
    await host.stop()
  }
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
