import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** An agent that misbehaves by its role: `node agent.mjs ROLE SEED FOLDER`. The folder is not the room's. */

const [role, seed, folder] = process.argv.slice(2)
const { IRON_CAGE_AGENT_ID: agentId, OPENAI_BASE_URL: base } = process.env
const held = readFileSync(join(folder, 'held.txt'), 'utf8')
const counter = join(folder, `${agentId}.count`)

// A linear congruential generator is chance enough here.
let state = Number(seed)
const chance = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Every call has a number of its own, across restarts: it is what it asks for, and what it is billed. */
function nextNumber() {
  let last = 0
  try {
    last = Number(readFileSync(counter, 'utf8'))
  } catch {
    // The first one.
  }
  writeFileSync(counter, String(last + 1))
  return last + 1
}

async function call() {
  const number = nextNumber()
  const isLeaking = role === 'leaker' && chance() < 0.5
  const content = `An invented question, number ${number}.${isLeaking ? ` ${held}` : ''}`
  const body = JSON.stringify({ model: 'gpt-4-turbo', max_tokens: number, stream: chance() < 0.4, messages: [{ role: 'user', content }] })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer an-invented-word', 'x-soak-agent': agentId }
  const hangUp = new AbortController()
  if (chance() < 0.03) setTimeout(() => hangUp.abort(), 30)
  await fetch(`${base}/chat/completions`, { method: 'POST', headers, body, signal: hangUp.signal }).then((answer) => answer.text(), () => '')
}

function show() {
  process.stdout.write(`\u001B[36mlead\u001B[0m scored, ${Math.round(chance() * 100)} of 100\n`)
  if (role !== 'leaker') return
  const secret = process.env.SOAK_STORE_KEY ?? ''
  const text = `${held} ${secret}`
  const cut = Math.floor(chance() * text.length)
  process.stdout.write(text.slice(0, cut))
  process.stdout.write(`${text.slice(cut)}\n`)
}

/** A child that leaves session and group, and does not mind being asked to end. */
function branch() {
  spawn('sh', ['-c', 'trap "" HUP TERM INT; while :; do sleep 1; done'], { detached: true, stdio: 'ignore' }).unref()
}

process.on('SIGHUP', () => {})
if (role === 'brancher') branch()
for (;;) {
  await Promise.all(Array.from({ length: role === 'spender' ? 6 : 2 }, call))
  show()
  if (role === 'crasher' && chance() < 0.12) {
    if (chance() < 0.5) process.kill(process.pid, 'SIGSEGV')
    throw new Error(`Nothing works, says ${held.slice(0, 40)}`)
  }
  if (role === 'brancher' && chance() < 0.05) branch()
  await pause(300 + chance() * 600)
}
