import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Demo, DemoSpeed } from '../src/shared/domain/demo.ts'
import { NANODOLLARS_PER_DOLLAR } from '../src/shared/domain/money.ts'
import { openHostedRoom } from '../src/main/hostedRoom.ts'

/** The room as `iron_cage serve` opens it, with the demo in it, in a process of its own. */

export type DemoViewersOrder =
  | { readonly kind: 'open' }
  | { readonly kind: 'start'; readonly speed: DemoSpeed }
  | { readonly kind: 'read' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'close' }

export type DemoViewersAnswer =
  | { readonly kind: 'opened'; readonly url: string; readonly link: string; readonly token: string }
  | { readonly kind: 'started'; readonly agentId: string }
  | Reading
  | { readonly kind: 'wasReset' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly problem: string }

export interface Reading {
  readonly kind: 'reads'
  readonly lead: number
  readonly isOver: boolean
  /** Processor time that the room's process has used so far. */
  readonly cpuMs: number
  /** The sequence number of the last event. */
  readonly latest: number
}

const OWNER = { role: 'admin', id: 'owner' } as const
const MASTER_KEY = '0123456789abcdef'.repeat(4)

const folder = await mkdtemp(join(tmpdir(), 'iron-cage-bench-'))
const { room, url, stop } = await openHostedRoom({
  dataFolder: join(folder, 'data'),
  environment: { ...withoutOurs(process.env), IRON_CAGE_KEYCHAIN: 'off', IRON_SECRETS_MASTER_KEY: MASTER_KEY },
  host: 'browser',
  port: 0,
  isPortChosen: true,
  onStopRequested: () => {},
})
const request = async <T>(command: Parameters<typeof room.router.request>[0], input: object): Promise<T> => (await room.router.request(command, input, OWNER)) as T

/** How it stands is told whenever that changes; to ask would have it look for Python each time. */
let demo: Demo | null = null
room.router.open('demo.follow', {}, OWNER, { push: (item) => (demo = item as Demo), end: () => {} })

/** A bench run from within a room, or with keys of services at hand, is to measure the same. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(IRON_|OPENAI_|ANTHROPIC_)/.test(name)))
}

async function close(): Promise<void> {
  await stop()
  await rm(folder, { recursive: true, maxRetries: 3 })
}

async function answerTo(order: DemoViewersOrder): Promise<DemoViewersAnswer> {
  switch (order.kind) {
    case 'open': {
      const { token } = await request<{ token: string }>('token.create', { label: 'Viewers', role: 'viewer' })
      return { kind: 'opened', url, token, link: (await request<{ url: string }>('room.link', {})).url }
    }
    case 'start': {
      const { run, engine } = await request<Demo>('demo.start', { speed: order.speed })
      if (run === null) throw new Error(engine.note ?? 'The demo did not start.')
      // Held at its limit it would wait for somebody, and nothing would be to see.
      await request('budget.raise', { agentId: run.agentId, by: 25 * NANODOLLARS_PER_DOLLAR, reason: 'A measurement' })
      return { kind: 'started', agentId: run.agentId }
    }
    case 'read': {
      const run = demo?.run
      const { user, system } = process.cpuUsage()
      return { kind: 'reads', lead: run?.lead ?? 0, isOver: run?.phase === 'over', cpuMs: (user + system) / 1000, latest: room.bus.latest() }
    }
    case 'reset':
      await request('demo.reset', {})
      return { kind: 'wasReset' }
    case 'close':
      await close()
      return { kind: 'closed' }
  }
}

process.on('message', async (order: DemoViewersOrder) => {
  const answer = await answerTo(order).catch((problem: unknown): DemoViewersAnswer => ({ kind: 'failed', problem: String(problem) }))
  process.send!(answer, () => answer.kind === 'closed' && process.exit(0))
})

// A bench that failed asks for nothing more.
process.on('disconnect', async () => {
  await close()
  process.exit(1)
})
