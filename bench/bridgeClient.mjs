import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'

/**
 * bridgeClient.mjs <bare socket> <result file> <round trips> <events>; without round trips it pours out events until there is a file
 * called <result file>.stop. The same as bridgeClient.py, for Node; what it sends one way is written out before the clock starts, so that the room
 * is measured.
 */
const [, , bare, result, trips, events] = process.argv

async function open(path, hello) {
  const socket = createConnection(path)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let text = ''
  let waiting = null
  let lines = []
  socket.on('data', (chunk) => {
    text += chunk
    const whole = text.split('\n')
    text = whole.pop()
    lines.push(...whole)
    waiting?.()
  })
  const read = async () => {
    while (lines.length === 0) await new Promise((resolve) => (waiting = resolve))
    const [first] = lines.splice(0, 1)
    return JSON.parse(first)
  }
  const line = { socket, read, send: (message) => void socket.write(`${JSON.stringify(message)}\n`), drop: () => (lines = []) }
  if (hello) {
    line.send(hello)
    await read()
  }
  return line
}

const message = (kind, number) => ({
  kind,
  ...(kind === 'ask' ? { id: number } : {}),
  command: 'agent.progress',
  input: { done: number, total: 10_000_000, unit: 'lead', failed: 0 },
})

async function roundTrips(line, count) {
  const lengths = []
  for (let number = 0; number < count; number++) {
    const begin = process.hrtime.bigint()
    line.send(message('ask', number))
    await line.read()
    lengths.push(Number(process.hrtime.bigint() - begin) / 1e6)
  }
  return lengths
}

const lotOf = (first, count) => Buffer.from(Array.from({ length: count }, (_, i) => `${JSON.stringify(message('tell', first + i))}\n`).join(''))

async function write({ socket }, lot) {
  if (!socket.write(lot)) await new Promise((resolve) => socket.once('drain', resolve))
}

async function pour(line) {
  const lot = lotOf(0, 512)
  for (let lots = 0; !existsSync(`${result}.stop`); lots++) {
    for (let i = 0; i < 100; i++) await write(line, lot)
    if (lots === 1) writeFileSync(`${result}.began`, '')
  }
}

async function oneWay(line, count) {
  const lots = []
  for (let first = 0; first < count; first += 512) lots.push(lotOf(first, Math.min(512, count - first)))
  const begin = performance.now()
  for (const lot of lots) await write(line, lot)
  line.send(message('ask', count))
  while ((await line.read()).id !== count);
  return count / ((performance.now() - begin) / 1e3)
}

const handles = { signal: false, secrets: false }
const hello = { kind: 'hello', protocol: 1, token: process.env.IRON_CAGE_RUN_TOKEN, language: 'node', pid: process.pid, sdk: 'bench', handles }
const [bridge, echo] = [await open(process.env.IRON_CAGE_BRIDGE, hello), await open(bare)]
const figures = { bridge: [], bare: [], bridgeEvents: [], bareEvents: [] }
if (trips === '0') await pour(bridge)
for (let turn = 0; turn < 10; turn++) {
  for (const [name, line] of [['bridge', bridge], ['bare', echo]]) {
    const lengths = await roundTrips(line, trips / 10)
    if (turn > 0) figures[name].push(...lengths)
  }
}
for (let round = 0; round < (events > 0 ? 3 : 0); round++) {
  figures.bridgeEvents.push(await oneWay(bridge, Number(events)))
  figures.bareEvents.push(await oneWay(echo, Number(events)))
}
writeFileSync(`${result}.part`, JSON.stringify(figures))
renameSync(`${result}.part`, result)
process.exit(0)
