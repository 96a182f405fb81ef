import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandInput, CommandName, CommandOutput } from '../../shared/contract/contract.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import type { Demo } from '../../shared/domain/demo.ts'
import type { Event, EventName, EventOf } from '../../shared/domain/event.ts'
import { OWNER } from '../access/owner.ts'
import { composeControlRoom } from '../compose.ts'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import type { ControlRoom } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'

/** A room of its own with the real agent in it. */
export interface DemoSeat {
  readonly folder: TestFolder
  readonly dataFolder: string
  room: ControlRoom
  /** All events since the room was opened, oldest first. */
  readonly events: Event[]
  ask<N extends CommandName>(name: N, input?: CommandInput<N>): Promise<CommandOutput<N>>
  /** The code of what it is refused with. */
  refusal<N extends CommandName>(name: N, input?: CommandInput<N>): Promise<string>
  /** The first such event from now on, or that was heard since the last `until`. */
  until<N extends EventName>(name: N, isIt?: (event: EventOf<N>) => boolean): Promise<EventOf<N>>
  /** The demo as it is told to whoever follows it, once it is so. */
  untilDemo(isIt: (demo: Demo) => boolean): Promise<Demo>
  /** What was heard so far is not waited for any more. */
  forget(): void
  /** Runs to a lead without a pause and is held before it. */
  holdAt(lead: number): Promise<void>
  /** To the end, with the increase approved. */
  finish(): Promise<void>
  /** Its agent has ended, in whatever way. */
  settled(): Promise<void>
  formatted(): Promise<CommandOutput<'agent.metrics'>['formatted']>
  results(): string[][]
  readonly agentId: AgentId
  reopen(): Promise<void>
  close(): Promise<void>
}

export interface SeatOptions {
  readonly dataFolder?: string
  /** The data folder of a room that was there before, in place of a new one. */
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly hasKey?: boolean
  /** The demo's own file. */
  readonly demoFile?: string
  readonly clock?: Clock
}

export async function openDemoSeat({ dataFolder: name = 'data', folder: known, environment = {}, hasKey = true, demoFile, clock = systemClock }: SeatOptions = {}): Promise<DemoSeat> {
  const folder = createTestFolder()
  const dataFolder = known ?? join(folder.path, name)
  if (demoFile !== undefined) {
    mkdirSync(join(dataFolder, 'demo'), { recursive: true })
    writeFileSync(join(dataFolder, 'demo', 'demo.yaml'), demoFile)
  }
  const key = randomBytes(32).toString('hex')
  const events: Event[] = []
  let heard = 0
  let wake = Promise.withResolvers<void>()

  async function open(): Promise<ControlRoom> {
    const room = await composeControlRoom({
      clock,
      random: systemRandom,
      dataFolder,
      host: 'browser',
      version: '1.2.3',
      environment: { PATH: process.env.PATH, HOME: folder.path, ...(hasKey ? { IRON_SECRETS_MASTER_KEY: key } : {}), ...environment },
      onStopRequested: () => undefined,
    })
    room.bus.listen((batch) => {
      events.push(...batch)
      wake.resolve()
    })
    return room
  }

  let agentId: AgentId = ''
  const seat: DemoSeat = {
    folder,
    dataFolder,
    room: await open(),
    events,
    async ask(command, input) {
      const answer = (await seat.room.router.request(command, input ?? {}, OWNER)) as never
      if (command.startsWith('demo.')) agentId = (answer as CommandOutput<'demo.show'>).run?.agentId ?? agentId
      return answer
    },
    refusal: (command, input) => seat.ask(command, input).then(() => 'none', (problem: { code: string }) => problem.code),
    async until(event, isIt = () => true) {
      for (;;) {
        while (heard < events.length) {
          const next = events[heard++] as Event
          if (next.name === event && isIt(next as never)) return next as never
        }
        wake = Promise.withResolvers()
        await wake.promise
      }
    },
    async untilDemo(isIt) {
      const found = Promise.withResolvers<Demo>()
      const following = seat.room.router.open('demo.follow', {}, OWNER, {
        push: (demo) => {
          if (isIt(demo as Demo)) found.resolve(demo as Demo)
        },
        end: () => found.reject(new Error('The demo is not told of any more.')),
      })
      return found.promise.finally(() => following.close())
    },
    forget() {
      events.length = 0
      heard = 0
    },
    async holdAt(lead) {
      await seat.ask('demo.pace', { isPaused: true, skipTo: lead })
      await seat.until('performance.changed', ({ payload }) => payload.performance.done >= lead - 1)
    },
    async finish() {
      await seat.ask('demo.pace', { isPaused: false, speed: 'max' })
      if (!events.some(({ name: of }) => of === 'budget.warned')) await seat.until('budget.warned')
      await seat.ask('budget.raise', { agentId, by: 25_000_000_000, reason: 'the rest of the list' })
      await seat.settled()
    },
    async settled() {
      if (isSettled((await seat.ask('agent.status', { agentId })).status)) return
      await seat.until('agent.changed', ({ payload: { agent } }) => agent.id === agentId && isSettled(agent.status))
    },
    formatted: async () => (await seat.ask('agent.metrics', { agentId })).formatted,
    results() {
      const file = join(dataFolder, 'demo', 'results.csv')
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1).map((row) => row.split(',')) : []
    },
    get agentId() {
      return agentId
    },
    async reopen() {
      await seat.room.stop()
      seat.room = await open()
    },
    async close() {
      await seat.room.stop()
      folder.remove()
    },
  }
  return seat
}

/** What the whole demo comes to, whatever it has been through. */
export const ALL_DONE = {
  progress: '100 / 100 leads (100%)',
  success: '99% (99/100)',
  spent: '$55.83',
  limit: '$75.00',
  baseline: 'vs Baseline: $64.86 saved',
  blocked: '66 leads',
  saved: '$6.60 saved',
  viaFallback: '98% via fallback',
  cacheHits: '34%',
}
