import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Announcement, Severity } from '../src/shared/domain/event.ts'
import { openHostedRoom } from '../src/main/hostedRoom.ts'

/** A room without a window that has a long log, in a process of its own. */

export type LogScrollOrder = { readonly kind: 'open'; readonly events: number } | { readonly kind: 'flow'; readonly perSecond: number } | { readonly kind: 'close' }
export type LogScrollAnswer = { readonly kind: 'opened'; readonly url: string } | { readonly kind: 'flows' } | { readonly kind: 'closed' }

const OWNER = { role: 'admin', id: 'owner' } as const
const AT_ONCE = 2_000
const FLOW_EVERY_MS = 20

let announce: (announcement: Announcement) => Promise<unknown> = async () => {}
let agentId = ''
let number = 0
let flow: NodeJS.Timeout | undefined
let close: () => Promise<void> = async () => {}

function next(): Announcement {
  number += 1
  const severity: Severity = number % 50 === 0 ? 'ERROR' : number % 10 === 0 ? 'WARN' : number % 7 === 0 ? 'DEBUG' : 'INFO'
  const message = `Lead ${number} of Company ${number % 997}: enriched from LinkedIn after ${number % 13} attempts, scored and written to the sheet.`
  return { name: 'log.written', agentId, severity, message, payload: { fields: { lead: number, company: `Company ${number % 997}`, attempts: number % 13 } } }
}

async function open(events: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'iron-cage-bench-'))
  const script = join(folder, 'quiet_agent')
  await writeFile(script, '#!/bin/sh\nexec sleep 86400\n', { mode: 0o755 })
  const environment = { PATH: process.env['PATH'], HOME: folder }
  const { room, stop } = await openHostedRoom({ dataFolder: join(folder, 'data'), environment, host: 'browser', port: 0, isPortChosen: true, onStopRequested: () => {} })
  close = async () => {
    await stop()
    await rm(folder, { recursive: true })
  }
  announce = (announcement) => room.bus.announce(announcement)
  const agent = (await room.router.request('agent.start', { script }, OWNER)) as { id: string }
  agentId = agent.id
  while (number < events) await Promise.all(Array.from({ length: Math.min(AT_ONCE, events - number) }, () => announce(next())))
  return ((await room.router.request('room.link', {}, OWNER)) as { url: string }).url
}

function flowAt(perSecond: number): void {
  clearInterval(flow)
  if (perSecond === 0) return
  flow = setInterval(() => {
    for (let each = 0; each < (perSecond * FLOW_EVERY_MS) / 1_000; each++) void announce(next())
  }, FLOW_EVERY_MS)
}

const answer = (message: LogScrollAnswer): void => void process.send!(message)

process.on('message', async (order: LogScrollOrder) => {
  if (order.kind === 'open') answer({ kind: 'opened', url: await open(order.events) })
  else if (order.kind === 'flow') {
    flowAt(order.perSecond)
    answer({ kind: 'flows' })
  } else {
    flowAt(0)
    await close()
    process.send!({ kind: 'closed' } satisfies LogScrollAnswer, () => process.exit(0))
  }
})

// A bench that failed asks for nothing more.
process.on('disconnect', async () => {
  flowAt(0)
  await close()
  process.exit(1)
})
