import { describe, expect, it } from 'vitest'
import type { StreamItem } from '../../shared/contract/contract.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import type { ServerMessage } from '../../shared/wire.ts'
import { nextTurn } from '../nextTurn.ts'
import type { CommandHandlers, Sink, StreamHandlers } from './router.ts'
import { createSession, type Session } from './session.ts'
import { createTestRouter } from './testRouter.ts'

const OWNER: Caller = { role: 'admin', id: 'owner' }
const BATCH: StreamItem<'event.follow'> = { kind: 'events', events: [] }

interface Followed {
  readonly sink: Sink<StreamItem<'event.follow'>>
  acknowledged: number
  closed: number
}

interface Conversation {
  readonly session: Session
  readonly sent: ServerMessage[]
  readonly followed: Followed[]
  readonly defects: unknown[]
  /** Resolves with the next message that is sent. */
  next(): Promise<ServerMessage>
}

function converse(handlers: Partial<CommandHandlers> = {}, streams: Partial<StreamHandlers> = {}): Conversation {
  const sent: ServerMessage[] = []
  const followed: Followed[] = []
  let onSent: ((message: ServerMessage) => void) | null = null
  const { router, defects } = createTestRouter(handlers, {
    'event.follow': (_input, _caller, sink) => {
      const one: Followed = { sink, acknowledged: 0, closed: 0 }
      followed.push(one)
      return { close: () => one.closed++, acknowledge: (count) => (one.acknowledged += count) }
    },
    ...streams,
  })
  const session = createSession(router, OWNER, (message) => {
    sent.push(message)
    onSent?.(message)
  })
  return { session, sent, followed, defects, next: () => new Promise((resolve) => (onSent = resolve)) }
}

describe('a request over a session', () => {
  it('whose answer cannot be sent is told so, and a wire that takes nothing harms nobody', async () => {
    const unhandled: unknown[] = []
    const listen = (problem: unknown): void => void unhandled.push(problem)
    process.on('unhandledRejection', listen)
    const { router } = createTestRouter({ 'room.stop': () => ({}) })
    const sent: ServerMessage[] = []
    const session = createSession(router, OWNER, (message) => {
      if ('output' in message || message.id === 2) throw new RangeError('Invalid string length')
      sent.push(message)
    })
    session.receive({ id: 1, request: 'room.stop', input: {} })
    session.receive({ id: 2, request: 'room.stop', input: {} })
    for (let turn = 0; turn < 3; turn++) await nextTurn()
    process.off('unhandledRejection', listen)
    expect(sent).toEqual([{ id: 1, error: { code: 'TOO_LARGE', message: 'The answer is too large for one message; ask for less at once.' } }])
    expect(unhandled).toEqual([])
  })

  it('is answered under its own id, in whatever order the answers come', async () => {
    const { promise, resolve } = Promise.withResolvers<{ agents: []; seq: number }>()
    const { session, sent, next } = converse({ 'agent.list': () => promise, 'room.stop': () => ({}) })
    session.receive({ id: 1, request: 'agent.list', input: {} })
    const first = next()
    session.receive({ id: 2, request: 'room.stop', input: {} })
    await first
    const second = next()
    resolve({ agents: [], seq: 4 })
    await second
    expect(sent).toEqual([
      { id: 2, output: {} },
      { id: 1, output: { agents: [], seq: 4 } },
    ])
  })

  it('that fails is answered with the error\'s body', async () => {
    const { session, next } = converse({ 'agent.list': () => { throw new AppError('UNAVAILABLE', 'Not now.') } })
    const answer = next()
    session.receive({ id: 9, request: 'agent.list', input: {} })
    expect(await answer).toEqual({ id: 9, error: { code: 'UNAVAILABLE', message: 'Not now.' } })
  })

  it('is no longer answered once the session is closed', async () => {
    const { promise, resolve } = Promise.withResolvers<{ agents: []; seq: number }>()
    const { session, sent } = converse({ 'agent.list': () => promise })
    session.receive({ id: 1, request: 'agent.list', input: {} })
    session.close()
    resolve({ agents: [], seq: 4 })
    await promise
    await new Promise(setImmediate)
    expect(sent).toEqual([])
  })

  it('is refused while a thousand others are under way, and taken again after', async () => {
    const { promise, resolve } = Promise.withResolvers<{ agents: []; seq: number }>()
    const { session, sent } = converse({ 'agent.list': () => promise })
    for (let id = 1; id <= 1025; id++) session.receive({ id, request: 'agent.list', input: {} })
    expect(sent).toEqual([{ id: 1025, error: { code: 'RATE_LIMITED', message: expect.any(String) } }])
    resolve({ agents: [], seq: 4 })
    await new Promise(setImmediate)
    session.receive({ id: 1026, request: 'agent.list', input: {} })
    await new Promise(setImmediate)
    expect(sent.at(-1)).toEqual({ id: 1026, output: { agents: [], seq: 4 } })
  })
})

describe('a message that is none', () => {
  const deep = (): unknown => {
    let value: unknown = 1
    for (let index = 0; index < 100_000; index++) value = [value]
    return value
  }
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a list', []],
    ['an object with nothing in it', {}],
    ['a request without an id', { request: 'agent.list', input: {} }],
    ['a negative id', { id: -1, request: 'agent.list', input: {} }],
    ['a broken id', { id: 1.5, request: 'agent.list', input: {} }],
    ['an undeclared key', { id: 1, request: 'agent.list', input: {}, caller: { role: 'admin' } }, 1],
    ['an acknowledgement of nothing', { id: 1, acknowledge: 0 }, 1],
    ['an acknowledgement of less than nothing', { id: 1, acknowledge: -5 }, 1],
    ['closing by halves', { id: 1, close: false }, 1],
    ['nesting without end', { id: 1, request: 'agent.list', input: deep() }, 1],
  ])('(%s) is answered as such, under its id where it has one, and the session goes on', async (_what, message, id = 0) => {
    const { session, sent, next } = converse({ 'agent.list': () => ({ agents: [], seq: 4 }) })
    session.receive(message)
    expect(sent).toEqual([{ id, error: { code: 'INVALID_INPUT', message: 'That message is none that this room understands.' } }])
    const answer = next()
    session.receive({ id: 1, request: 'agent.list', input: {} })
    expect(await answer).toEqual({ id: 1, output: { agents: [], seq: 4 } })
  })
})

describe('a stream over a session', () => {
  it('pushes items under its id until the client closes it', () => {
    const { session, sent, followed } = converse()
    session.receive({ id: 5, open: 'event.follow', input: {} })
    followed[0]!.sink.push(BATCH)
    session.receive({ id: 5, close: true })
    followed[0]!.sink.push(BATCH)
    expect(followed[0]!.closed).toBe(1)
    expect(sent).toEqual([{ id: 5, item: BATCH }])
  })

  it('passes acknowledgements on', () => {
    const { session, followed } = converse()
    session.receive({ id: 5, open: 'event.follow', input: {} })
    session.receive({ id: 5, acknowledge: 3 })
    session.receive({ id: 5, acknowledge: 4 })
    session.receive({ id: 6, acknowledge: 100 })
    expect(followed[0]!.acknowledged).toBe(7)
  })

  it('ended by its handler says so once, and pushes nothing after', () => {
    const { session, sent, followed } = converse()
    session.receive({ id: 5, open: 'event.follow', input: {} })
    followed[0]!.sink.end()
    followed[0]!.sink.push(BATCH)
    followed[0]!.sink.end(new AppError('UNAVAILABLE', 'Too late.'))
    expect(sent).toEqual([{ id: 5, ended: true }])
  })

  it('ended with an error tells the error', () => {
    const { session, sent, followed } = converse()
    session.receive({ id: 5, open: 'event.follow', input: {} })
    followed[0]!.sink.end(new AppError('AGENT_NOT_FOUND', 'It is gone.'))
    expect(sent).toEqual([{ id: 5, error: { code: 'AGENT_NOT_FOUND', message: 'It is gone.' } }])
  })

  it('may push and end before its handler has even returned', () => {
    let closed = 0
    const { session, sent } = converse({}, {
      'event.follow': (_input, _caller, sink) => {
        sink.push(BATCH)
        sink.end()
        return { close: () => closed++ }
      },
    })
    session.receive({ id: 5, open: 'event.follow', input: {} })
    expect(sent).toEqual([{ id: 5, item: BATCH }, { id: 5, ended: true }])
    expect(closed).toBe(1)
  })

  it('cannot be opened twice under one id, but again once it has ended', () => {
    const { session, sent, followed } = converse()
    session.receive({ id: 5, open: 'event.follow', input: {} })
    session.receive({ id: 5, open: 'event.follow', input: {} })
    expect(sent).toEqual([{ id: 5, error: { code: 'CONFLICT', message: 'Stream 5 is open already.' } }])
    followed[0]!.sink.end()
    session.receive({ id: 5, open: 'event.follow', input: {} })
    session.receive({ id: 5, close: true })
    session.receive({ id: 5, open: 'event.follow', input: {} })
    expect(followed).toHaveLength(3)
  })

  it('that is over leaves the next one under its id alone', () => {
    const { session, sent, followed } = converse()
    session.receive({ id: 5, open: 'event.follow', input: {} })
    session.receive({ id: 5, close: true })
    session.receive({ id: 5, open: 'event.follow', input: {} })
    followed[0]!.sink.push({ kind: 'resynchronise', latest: 1 })
    followed[0]!.sink.end()
    followed[1]!.sink.push(BATCH)
    session.close()
    expect(sent).toEqual([{ id: 5, item: BATCH }])
    expect(followed.map((one) => one.closed)).toEqual([1, 1])
  })

  it('that cannot be opened answers with the error', () => {
    const { session, sent } = converse()
    session.receive({ id: 1, open: '__proto__', input: {} })
    session.receive({ id: 2, open: 'event.follow', input: { after: -1 } })
    session.receive({ id: 2, open: 'event.follow', input: { after: -1 } })
    expect(sent).toMatchObject([
      { id: 1, error: { code: 'NOT_FOUND' } },
      { id: 2, error: { code: 'INVALID_INPUT' } },
      { id: 2, error: { code: 'INVALID_INPUT' } },
    ])
  })

  it('is refused when 256 others are open', () => {
    const { session, sent } = converse()
    for (let id = 1; id <= 257; id++) session.receive({ id, open: 'event.follow', input: {} })
    expect(sent).toMatchObject([{ id: 257, error: { code: 'RATE_LIMITED' } }])
  })

  it('is let go of when the session closes, each exactly once, and the session is deaf from then on', () => {
    const { session, sent, followed } = converse()
    session.receive({ id: 1, open: 'event.follow', input: {} })
    session.receive({ id: 2, open: 'event.follow', input: {} })
    session.receive({ id: 2, close: true })
    session.close()
    session.close()
    session.receive({ id: 3, open: 'event.follow', input: {} })
    followed[0]!.sink.push(BATCH)
    followed[0]!.sink.end()
    expect(followed.map((one) => one.closed)).toEqual([1, 1])
    expect(sent).toEqual([])
  })
})
