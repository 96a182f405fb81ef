import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Agent } from '../src/shared/domain/agent.ts'
import { openHostedRoom } from '../src/main/hostedRoom.ts'
import { serveBareEventPage } from './bareEventPage.ts'
import { now, pause } from './measure.ts'

/** The announcing side, in a process of its own: the room without a window as `iron_cage serve` opens it, or the yardstick. */

export type PageEventsOrder =
  | { readonly kind: 'open'; readonly isBare: boolean }
  | { readonly kind: 'run'; readonly samples: number; readonly backgroundPerSecond: number }
  | { readonly kind: 'close' }

export type PageEventsAnswer =
  | { readonly kind: 'opened'; readonly url: string }
  | RunReport
  | { readonly kind: 'closed' }

export interface RunReport {
  readonly kind: 'ran'
  /** When each sample was announced: even ones are lines of the event log, odd ones change the agent's live metrics. */
  readonly announcedAt: readonly number[]
  /** Samples and background together. */
  readonly events: number
  readonly cpuMs: number
}

interface Announcer {
  readonly url: string
  line(number: number): void
  change(number: number): void
  background(number: number): void
  close(): Promise<void>
}

/** Samples keep apart by chance, so that they fall on every moment of a frame. */
const SHORTEST_GAP_MS = 20
const LONGEST_GAP_MS = 100
/** The page keeps a thousand lines; a room that has been open for a while has them. */
const EARLIER_LINES = 1_100
const OTHER_AGENTS = 10
const OWNER = { role: 'admin', id: 'owner' } as const

async function openRoomAnnouncer(): Promise<Announcer> {
  const folder = await mkdtemp(join(tmpdir(), 'iron-cage-bench-'))
  const script = join(folder, 'quiet_agent')
  await writeFile(script, '#!/bin/sh\nexec sleep 86400\n', { mode: 0o755 })
  const { room, stop } = await openHostedRoom({
    dataFolder: join(folder, 'data'),
    environment: { PATH: process.env['PATH'], HOME: folder },
    host: 'browser',
    port: 0,
    isPortChosen: true,
    onStopRequested: () => {},
  })
  const { router, bus } = room
  const earlier = Array.from({ length: EARLIER_LINES }, (_, number) =>
    bus.announce({ name: 'log.written', agentId: null, severity: 'INFO', message: `An earlier line ${number}.`, payload: { fields: {} } }),
  )
  await Promise.all(earlier)
  const agent = (await router.request('agent.start', { script }, OWNER)) as unknown as Agent
  const older = { ...agent, createdAt: agent.createdAt - 1000 }
  const others = Array.from({ length: OTHER_AGENTS }, (_, number) => ({ ...older, id: `oa-0000000${number}` }))
  const { url } = (await router.request('room.link', {}, OWNER)) as { url: string }

  function changed(change: Agent): void {
    const message = `${change.plan.name} is ${change.status}.`
    void bus.announce({ name: 'agent.changed', agentId: change.id, severity: 'INFO', message, payload: { agent: change } })
  }

  return {
    url,
    line(number) {
      const message = `Measured line ${number}.`
      void bus.announce({ name: 'log.written', agentId: agent.id, severity: 'INFO', message, payload: { fields: {} } })
    },
    change: (number) => changed({ ...agent, status: 'running', restarts: number }),
    background(number) {
      const other = others[number % OTHER_AGENTS]
      if (number % 5 === 0 && other) changed({ ...other, status: number % 2 === 0 ? 'running' : 'stopping' })
      else {
        const bytes = 1000 + number
        const message = `A checkpoint of ${bytes} bytes was saved.`
        void bus.announce({ name: 'agent.checkpointSaved', agentId: agent.id, severity: 'DEBUG', message, payload: { bytes } })
      }
    },
    async close() {
      await stop()
      await rm(folder, { recursive: true })
    },
  }
}

async function openBareAnnouncer(): Promise<Announcer> {
  const { url, send, close } = await serveBareEventPage()
  return {
    url,
    line: (number) => send(`Measured line ${number}.`),
    change: (number) => send(`A change ${number}.`),
    background: (number) => send(`A checkpoint of ${1000 + number} bytes was saved.`),
    close: async () => close(),
  }
}

async function run(announcer: Announcer, samples: number, backgroundPerSecond: number): Promise<RunReport> {
  const announcedAt: number[] = []
  const cpu = process.cpuUsage()
  const begin = now()
  let behind = 0
  let nextAt = begin
  while (announcedAt.length < samples) {
    const time = now()
    for (const due = ((time - begin) / 1000) * backgroundPerSecond; behind < due; behind++) announcer.background(behind)
    if (time >= nextAt) {
      const number = announcedAt.length
      announcedAt.push(now())
      if (number % 2 === 0) announcer.line(number)
      else announcer.change(number)
      nextAt = time + SHORTEST_GAP_MS + Math.random() * (LONGEST_GAP_MS - SHORTEST_GAP_MS)
    }
    const backgroundAt = backgroundPerSecond === 0 ? Infinity : begin + (behind * 1000) / backgroundPerSecond
    await pause(Math.max(0, Math.min(nextAt, backgroundAt) - now()))
  }
  const { user, system } = process.cpuUsage(cpu)
  return { kind: 'ran', announcedAt, events: samples + behind, cpuMs: (user + system) / 1000 }
}

let announcer: Announcer | null = null
const answer = (message: PageEventsAnswer): void => void process.send!(message)

process.on('message', async (order: PageEventsOrder) => {
  if (order.kind === 'open') {
    announcer = await (order.isBare ? openBareAnnouncer() : openRoomAnnouncer())
    answer({ kind: 'opened', url: announcer.url })
  } else if (order.kind === 'run') {
    answer(await run(announcer!, order.samples, order.backgroundPerSecond))
  } else {
    await announcer?.close()
    process.send!({ kind: 'closed' } satisfies PageEventsAnswer, () => process.exit(0))
  }
})

// A bench that failed asks for nothing more.
process.on('disconnect', async () => {
  await announcer?.close()
  process.exit(1)
})
