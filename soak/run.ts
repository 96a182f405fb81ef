import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isSettled } from '../src/shared/domain/agentStatus.ts'
import { held, inOneText } from '../src/main/leaks/testPrivate.ts'
import { compareBooks } from './books.ts'
import { agentsOf, DEEDS, isOurs, kill, type Scene } from './deeds.ts'
import { mountDisk } from './disk.ts'
import { judgeEnds } from './ends.ts'
import { FEWEST_READINGS, judgeHandles, judgeMemory } from './flatness.ts'
import type { HostReading } from './host.ts'
import { findLeaks, findLeaksOnScreens, lastingOrphans, orphans, told } from './leftovers.ts'
import { DISTURBANCES, drawPlan, type Deed, type Step } from './plan.ts'
import { openProvider } from './provider.ts'
import { createReport } from './report.ts'
import { createSoakRoom, type SoakRoom } from './room.ts'
import { createSecrets } from './secrets.ts'

/** `npm run soak -- [--minutes 60] [--seed N] [--plan] [--result FILE]`; docs/soak.md says what it does. */

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' }, plan: { type: 'boolean', default: false }, result: { type: 'string' } } })
const minutes = Number(options.minutes)
const seed = Number(options.seed ?? randomBytes(4).readUInt32LE())
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('--minutes takes a number above zero, --seed a whole number.\n')
  process.exit(2)
}
const plan = drawPlan(seed, Math.round(minutes * 60_000))
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const disturbances = new Set<Deed>(DISTURBANCES)
say(`Soak of ${minutes} minutes. Again with the same plan: npm run soak -- --minutes ${minutes} --seed ${seed}`)
if (options.plan) {
  for (const { atMs, deed, chance } of plan.steps) say(`${(atMs / 1000).toFixed(1).padStart(8)} s  ${deed} ${chance.toFixed(6)}`)
  process.exit(0)
}
if (process.platform !== 'linux') {
  say('Skipped: it looks at processes and files through /proc, which only Linux has.')
  if (options.result) writeFileSync(options.result, JSON.stringify({ passed: 0, failed: 0, skipped: 1 }))
  process.exit(0)
}

const CHECK_EVERY_MS = 2_000
const QUIET_MS = 20_000
const OPENING_TRIES = 5
/** What is due longer ago, because the room or the machine was away, is let go by: it would all come at once. */
const LATE_MS = 3_000
/** The last questions may be long ones, and the machine slow. */
const PATIENCE_MS = 120_000
/** Beyond this nothing comes any more: a slow machine is given half as long again. */
const mostMs = minutes * 90_000 + 5 * 60_000

const place = mkdtempSync(join(tmpdir(), 'iron-cage-soak-'))
const folder = join(place, 'agents')
mkdirSync(folder)
writeFileSync(join(folder, 'held.txt'), inOneText(held))
const disk = mountDisk(join(place, 'disk'))
const mark = `soak-${randomBytes(12).toString('hex')}`
const provider = await openProvider(seed)
const complaints: string[] = []
const room = createSoakRoom({
  dataFolder: disk.folder,
  // Nothing of whoever runs this: agents inherit it.
  environment: { PATH: process.env['PATH'], HOME: place, TMPDIR: place, SOAK_MARK: mark, IRON_CAGE_KEYCHAIN: 'off', IRON_SECRETS_MASTER_KEY: randomBytes(32).toString('hex') },
  onComplaint: (text) => void complaints.push(text),
})
const scene: Scene = { room, disk, folder, upstream: provider.url, mark, secrets: createSecrets(), problems: [] }
const done = new Map<Deed, number>()
const report = createReport()

function clean(): void {
  for (const pid of orphans(mark)) if (isOurs(pid, mark)) kill(pid)
  disk.remove()
  rmSync(place, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void room.end('kill').finally(() => {
      clean()
      process.exit(130)
    })
  })
}

async function reopen(): Promise<void> {
  for (let tries = 0; !room.isOpen; tries++) {
    if (tries === OPENING_TRIES) throw new Error(`The room did not open again:\n${complaints.slice(-20).join('')}`)
    if (!(await room.open())) await pause(500)
  }
}

const underWay = new Set<Promise<unknown>>()
async function act({ deed, chance }: Step): Promise<void> {
  done.set(deed, (done.get(deed) ?? 0) + 1)
  const acting = DEEDS[deed](scene, chance)
  if (disturbances.has(deed)) return void (await acting)
  // Work goes on beside what else happens.
  const settled = acting.catch((problem: unknown) => void scene.problems.push(`${deed}: ${String(problem)}`)).finally(() => underWay.delete(settled))
  underWay.add(settled)
}

/** Resolves at the end of the plan; gives what the calm stretch was measured with. */
async function perform(): Promise<{ opened: HostReading | null; calm: HostReading[] }> {
  const beganAt = performance.now()
  const elapsed = (): number => performance.now() - beganAt
  const calm: HostReading[] = []
  let opened = await room.read()
  let life = room.lives
  let nextReadingAt = plan.calmFromMs + CHECK_EVERY_MS
  for (const step of plan.steps) {
    await pause(Math.max(0, step.atMs - elapsed()))
    if (!disturbances.has(step.deed) && elapsed() - step.atMs > LATE_MS) continue
    if (!room.isOpen) {
      await reopen()
      opened = await room.read()
    }
    if (life !== room.lives) {
      life = room.lives
      calm.length = 0
    }
    if (disturbances.has(step.deed)) say(`${(elapsed() / 1000).toFixed(1).padStart(8)} s  ${step.deed}`)
    await act(step)
    if (elapsed() < nextReadingAt) continue
    nextReadingAt = elapsed() + Math.max(CHECK_EVERY_MS, (plan.lengthMs - plan.calmFromMs) / 60)
    const reading = await room.read()
    if (reading) calm.push(reading)
  }
  await Promise.all(underWay)
  await reopen()
  return { opened, calm }
}

async function endAllAgents(soaked: SoakRoom): Promise<void> {
  const running = (await agentsOf(soaked, PATIENCE_MS)).filter(({ status }) => !isSettled(status))
  await Promise.all(running.map(({ id }) => soaked.ask('POST', `/api/agents/${id}/stop`, undefined, PATIENCE_MS)))
}

async function removeAllAgents(soaked: SoakRoom): Promise<void> {
  for (const { id } of await agentsOf(soaked, PATIENCE_MS)) await soaked.ask('DELETE', `/api/agents/${id}`, undefined, PATIENCE_MS)
  for (const { id, status } of await agentsOf(soaked, PATIENCE_MS)) scene.problems.push(`${id} is ${status}, and does not leave the list.`)
}

/** What agents used is given back a moment after they have left. */
async function readQuiet(opened: HostReading): Promise<HostReading | null> {
  const until = performance.now() + QUIET_MS
  for (;;) {
    const reading = await room.read()
    if (reading === null || performance.now() > until || judgeHandles(opened, reading).problem === null) return reading
    await pause(500)
  }
}

async function soak(): Promise<void> {
  await reopen()
  await scene.secrets.create(room)
  const { opened, calm } = await perform()
  await endAllAgents(room)
  const shown = findLeaksOnScreens(disk.folder, scene.secrets.values)
  await removeAllAgents(room)
  const closed = opened && (await readQuiet(opened))
  const audits = (await room.ask('GET', '/api/audit/verify', undefined, PATIENCE_MS)) as Parameters<typeof report.audits>[0] | null
  await room.end('stop')
  report.check('The room ended when it was made to, and not otherwise', judgeEnds(room.ends, done))
  report.check('The room opened again each time', room.failedOpenings === 0 ? [] : [`${room.failedOpenings} times it did not at once.`])
  report.check('No process of an agent is left', (await lastingOrphans(mark)).map(told))
  report.audits(audits)
  if (opened && closed) report.check('Open files are as few as when it opened', [judgeHandles(opened, closed).problem])
  else report.check('Open files are as few as when it opened', ['The room could not be read.'])
  if (calm.length < FEWEST_READINGS) report.skip('Memory stays where it was', `for this takes ${FEWEST_READINGS} readings without a death of the room, and there were ${calm.length}: soak for longer`)
  else report.check('Memory stays where it was', [judgeMemory(calm).problem])

  const { problems, figures } = await compareBooks(disk.folder, provider.bills)
  report.check('What the provider told it was charged to the nanodollar', problems.exact)
  report.check('No bill is without a charge', problems.complete)
  report.check('No agent spent more than its limit', problems['never over'])
  report.check('No money is held for calls that are over', problems['nothing held'])
  report.check('Receipts add up to the ledger', problems['adds up'])
  const leaks = findLeaks(disk.folder, scene.secrets.values)
  report.check('Nothing private is kept', leaks.hits)
  if (shown.bytes === 0) report.skip('Nothing private is recorded of a screen', 'no agent was left on the list that had one')
  else report.check('Nothing private is recorded of a screen', shown.hits)
  report.check('Nothing else went wrong', scene.problems)
  if (disk.missing !== null) report.skip('A full disk', disk.missing)

  say(`\n${room.lives} lives of the room, which left with ${room.ends.join(', ')}`)
  say([...done].map(([deed, times]) => `${deed} ${times}`).join(', '))
  say(`${figures.calls} calls, ${figures.bills} bills of $${(figures.billed / 1e9).toFixed(2)}, charged $${(figures.charged / 1e9).toFixed(2)}: ${figures.reported} as reported, ${figures.counted} by count, ${figures.assumed} by the worst case; ${provider.refused} tries refused by the provider`)
  say(`${((leaks.bytes + shown.bytes) / 1e6).toFixed(1)} MB looked through for what is private, ${scene.secrets.values.length} values of a secret among it`)
  if (calm.length > 0) say(`Heap ${judgeMemory(calm).from.toFixed(1)} → ${judgeMemory(calm).to.toFixed(1)} MB in ${calm.length} readings; open files ${opened?.files} → ${closed?.files}; resident ${calm.at(-1)?.residentMb.toFixed(0)} MB`)
}

try {
  await Promise.race([
    soak(),
    pause(mostMs, null, { ref: false }).then(() => {
      throw new Error(`It has not ended after ${Math.round(mostMs / 60_000)} minutes; the room is ${room.isOpen ? 'open' : 'away'} in its life ${room.lives}.`)
    }),
  ])
} catch (problem) {
  report.check('The soak came to its end', [problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)])
} finally {
  await room.end('kill')
  await provider.close()
}
const failed = report.tell(say)
if (failed && complaints.length > 0) say(`The room's last words:\n${complaints.slice(-10).join('')}`)
if (failed && existsSync(place)) say(`Again: npm run soak -- --minutes ${minutes} --seed ${seed}`)
if (options.result) writeFileSync(options.result, JSON.stringify(report.counts))
clean()
process.exit(failed ? 1 : 0)
