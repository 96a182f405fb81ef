import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApi } from '../src/main/api/openApi.ts'
import { findApplication } from '../src/main/application.ts'
import { composeControlRoom } from '../src/main/compose.ts'
import { systemRandom } from '../src/main/systemPorts.ts'
import { fastClock } from './fastClock.ts'

/** A room on a fast clock with an agent at work, in a process of its own. */

export type HourOrder = { readonly kind: 'open'; readonly since: number; readonly speed: number } | { readonly kind: 'work' } | { readonly kind: 'read' } | { readonly kind: 'close' }
export type HourAnswer = { readonly kind: 'opened'; readonly url: string } | { readonly kind: 'works' } | { readonly kind: 'holds'; readonly heapMb: number } | { readonly kind: 'closed'; readonly events: number }

const OWNER = { role: 'admin', id: 'owner' } as const
/** How often, in seconds on the fast clock. */
const EVERY = { call: 1, terminalLine: 0.1, logLine: 0.5, lead: 4, tool: 4, service: 2 } as const
/** Of the calls of a service, now and then so many fail one after the other that its breaker opens. */
const SERVICE_ROUND = 200
const SERVICE_FAILURES = 8

let begin: () => Promise<void> = async () => {}
let close: () => Promise<number> = async () => 0

async function open(since: number, speed: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'iron-cage-bench-'))
  const script = join(folder, 'lead_gen_agent')
  const inMs = (seconds: number): number => (seconds * 1000) / speed
  const agentModule = join(import.meta.dirname, 'hourAgent.mjs')
  await writeFile(script, `#!/bin/sh\nexec '${process.execPath}' '${agentModule}' ${inMs(EVERY.call)} ${inMs(EVERY.terminalLine)}\n`, { mode: 0o755 })
  const { version, rendererFolder } = findApplication()
  const environment = { PATH: process.env['PATH'], HOME: folder, IRON_CAGE_KEYCHAIN: 'off' }
  const room = await composeControlRoom({ clock: fastClock(since, speed), random: systemRandom, dataFolder: join(folder, 'data'), host: 'browser', version, environment, onStopRequested: () => {} })
  const api = await openApi(room, { port: 0, rendererFolder, version })
  const timers: NodeJS.Timeout[] = []

  begin = async () => {
    const { id: agentId } = (await room.router.request('agent.start', { script, budget: '500' }, OWNER)) as { id: string }
    const itself = { role: 'agent', id: agentId } as const
    const ask = (command: string, input: object): Promise<unknown> => room.router.request(command, { agentId, ...input }, itself)
    const idOf = (kind: string, number: number): string => `${kind}-${number.toString(16).padStart(16, '0')}`
    const each = (seconds: number, action: (number: number) => Promise<unknown>): void => {
      let number = 0
      timers.push(setInterval(() => void action(++number).catch((problem: unknown) => console.error(String(problem))), inMs(seconds)))
    }
    each(EVERY.logLine, (number) => ask('agent.log', { lines: [{ level: number % 40 === 0 ? 'WARN' : 'INFO', message: `Lead ${number} scored.`, fields: { lead: number } }] }))
    each(EVERY.lead, (number) => ask('agent.progress', { done: number, total: 1_000, unit: 'lead', failed: 0 }))
    each(EVERY.tool, async (number) => {
      const tool = { toolCallId: idOf('tool', number), name: 'score' }
      await ask('tool.begin', { ...tool, input: { lead: number } })
      await ask('tool.end', { ...tool, isOk: true, output: number % 10, latencyMs: 5 })
    })
    each(EVERY.service, async (number) => {
      const service = 'linkedin'
      const verdict = (await ask('service.begin', { service, key: number })) as { callId: string; do: string }
      if (verdict.do !== 'call') return
      const isOk = number % SERVICE_ROUND >= SERVICE_FAILURES
      await ask('service.end', { callId: verdict.callId, outcome: isOk ? 'ok' : 'failed', detail: isOk ? null : '429', latencyMs: 120 })
    })
  }
  close = async () => {
    for (const timer of timers) clearInterval(timer)
    const events = room.bus.latest()
    await api.close()
    await room.stop()
    await rm(folder, { recursive: true })
    return events
  }
  return ((await room.router.request('room.link', {}, OWNER)) as { url: string }).url
}

const answer = (message: HourAnswer): void => void process.send!(message)

process.on('message', async (order: HourOrder) => {
  if (order.kind === 'open') answer({ kind: 'opened', url: await open(order.since, order.speed) })
  else if (order.kind === 'work') {
    await begin()
    answer({ kind: 'works' })
  } else if (order.kind === 'read') {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    answer({ kind: 'holds', heapMb: (heapUsed + external) / 1e6 })
  } else process.send!({ kind: 'closed', events: await close() } satisfies HourAnswer, () => process.exit(0))
})

// A bench that failed asks for nothing more.
process.on('disconnect', async () => {
  await close()
  process.exit(1)
})
