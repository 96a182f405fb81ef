import { createPinia } from 'pinia'
import { createApp, type App } from 'vue'
import { createWireClient, type WireClient } from '../../shared/client.ts'
import type { CommandInput, CommandName, CommandOutput, StreamInput, StreamItem, StreamName } from '../../shared/contract/contract.ts'
import type { Agent } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { ClientMessage } from '../../shared/wire.ts'
import { roomConnectionKey, type ConnectionState, type RoomConnection } from './connection.ts'
import type { RequestFrame } from './frames.ts'
import { createListeners } from './listeners.ts'
import type { Timing } from './timing.ts'

/** The far end of a wire, for tests of what lives in the page. */
export interface TestRoom {
  readonly connection: RoomConnection
  /** Everything that came over the wire, in order. */
  readonly messages: ClientMessage[]
  answer<N extends CommandName>(name: N, handler: (input: CommandInput<N>) => CommandOutput<N> | Promise<CommandOutput<N>>): void
  /** What was asked with this name so far. */
  asked<N extends CommandName>(name: N): CommandInput<N>[]
  /** Open streams of this name, oldest first. */
  streams<N extends StreamName>(name: N): TestStream<N>[]
  enter(state: ConnectionState): void
}

export interface TestStream<N extends StreamName> {
  readonly input: StreamInput<N>
  readonly acknowledged: number[]
  push(item: StreamItem<N>): void
  end(error?: AppError): void
}

interface OpenStream {
  readonly id: number
  readonly name: string
  readonly input: unknown
  readonly acknowledged: number[]
}

export function createTestRoom(firstState: ConnectionState = { kind: 'open' }): TestRoom {
  const messages: ClientMessage[] = []
  const handlers = new Map<string, (input: never) => unknown>()
  const streams = new Map<number, OpenStream>()
  const states = createListeners<ConnectionState>()
  let state = firstState

  const wire: WireClient = createWireClient((message) => {
    messages.push(message)
    if ('request' in message) void reply(message.id, message.request, message.input)
    else if ('open' in message) streams.set(message.id, { id: message.id, name: message.open, input: message.input, acknowledged: [] })
    else if ('acknowledge' in message) streams.get(message.id)?.acknowledged.push(message.acknowledge)
    else streams.delete(message.id)
  })

  async function reply(id: number, name: string, input: unknown): Promise<void> {
    try {
      const handler = handlers.get(name)
      if (!handler) throw new AppError('NOT_FOUND', `This test answers no ${name}.`)
      wire.receive({ id, output: (await handler(input as never)) as JsonValue })
    } catch (problem) {
      if (!(problem instanceof AppError)) throw problem
      wire.receive({ id, error: problem.toBody() })
    }
  }

  return {
    messages,
    connection: {
      client: wire,
      state: () => state,
      onState: (listener) => states.add(listener),
      takeFiles: async (files) => `/dropped/${files[0]?.name}`,
      retry: () => {},
      signOut: null,
      close: () => {},
    },
    answer: (name, handler) => {
      handlers.set(name, handler)
    },
    asked: (name) => messages.flatMap((message) => ('request' in message && message.request === name ? [message.input as never] : [])),
    streams: (name) =>
      [...streams.values()]
        .filter((stream) => stream.name === name)
        .map((stream) => ({
          input: stream.input as never,
          acknowledged: stream.acknowledged,
          push: (item) => wire.receive({ id: stream.id, item: item as JsonValue }),
          end: (error) => {
            streams.delete(stream.id)
            wire.receive(error ? { id: stream.id, error: error.toBody() } : { id: stream.id, ended: true })
          },
        })),
    enter(next) {
      state = next
      if (next.kind !== 'open') {
        streams.clear()
        wire.disconnected('The test took the connection away.')
      }
      states.tell(next)
    },
  }
}

/** An application around the stores, as main.ts builds it. */
export function createTestApp(room: TestRoom): { app: App; use: <T>(store: () => T) => T } {
  const app = createApp({ render: () => null })
  app.use(createPinia()).provide(roomConnectionKey, room.connection)
  return { app, use: (store) => app.runWithContext(store) }
}

/** Lets everything that is promised already happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** Frames that come when the test says so. */
export function createTestFrames(): { requestFrame: RequestFrame; paint(): void } {
  let waiting: (() => void)[] = []
  return {
    requestFrame: (action) => {
      waiting.push(action)
      return () => {
        waiting = waiting.filter((other) => other !== action)
      }
    },
    paint() {
      const due = waiting
      waiting = []
      for (const action of due) action()
    },
  }
}

/** Time that passes when the test says so. */
export function createTestTiming(): Timing & { pass(ms: number): void; chance: number } {
  let now = 0
  let timers: { at: number; action: () => void }[] = []
  return {
    chance: 1,
    now: () => now,
    random() {
      return this.chance
    },
    after(delayMs, action) {
      const timer = { at: now + delayMs, action }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    pass(ms) {
      now += ms
      const due = timers.filter((timer) => timer.at <= now).sort((a, b) => a.at - b.at)
      timers = timers.filter((timer) => timer.at > now)
      for (const timer of due) timer.action()
    },
  }
}

export function agentChanged(seq: number, agent: Agent): Event {
  return { seq, at: seq, severity: 'INFO', agentId: agent.id, message: `${agent.id} is ${agent.status}.`, name: 'agent.changed', payload: { agent } }
}

export function roomStarted(seq: number): Event {
  return { seq, at: seq, severity: 'INFO', agentId: null, message: 'The control room is open.', name: 'room.started', payload: { version: '1.0.0' } }
}
