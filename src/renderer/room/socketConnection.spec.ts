// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import type { ClientMessage } from '../../shared/wire.ts'
import type { ConnectionState } from './connection.ts'
import { backOff, connectOverSocket, type Socket } from './socketConnection.ts'
import { createTestTiming, settle } from './testRoom.ts'

interface TestSocket extends Socket {
  readonly sent: ClientMessage[]
  isClosed: boolean
  readyState: number
}

function setUp(isSignedIn: 'yes' | 'no' | 'unknown' = 'yes') {
  const sockets: TestSocket[] = []
  const timing = createTestTiming()
  const host = { answer: isSignedIn }
  const connection = connectOverSocket(
    {
      openSocket: () => {
        const socket: TestSocket = {
          readyState: 1,
          sent: [],
          isClosed: false,
          onopen: null,
          onmessage: null,
          onclose: null,
          send: (text) => socket.sent.push(JSON.parse(text) as ClientMessage),
          close: () => {
            socket.isClosed = true
          },
        }
        sockets.push(socket)
        return socket
      },
      isSignedIn: async () => host.answer,
      signOut: async () => void (host.answer = 'no'),
    },
    timing,
  )
  const states: ConnectionState['kind'][] = []
  connection.onState((state) => states.push(state.kind))
  const latest = (): TestSocket => sockets.at(-1) as TestSocket
  const say = (message: unknown): void => latest().onmessage?.({ data: JSON.stringify(message) })
  return { connection, timing, sockets, latest, say, states, host }
}

describe('a connection over a WebSocket', () => {
  it('answers requests by their id', async () => {
    const { connection, latest, say } = setUp()
    latest().onopen?.()
    const asked = connection.client.request('agent.list', {})
    const [message] = latest().sent
    expect(message).toEqual({ id: 1, request: 'agent.list', input: {} })
    say({ id: 1, output: { agents: [], seq: 7 } })
    expect(await asked).toEqual({ agents: [], seq: 7 })
  })

  it('refuses at once what is asked while there is no connection, in words for people', async () => {
    const { connection, latest } = setUp()
    await expect(connection.client.request('agent.list', {})).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(latest().sent).toEqual([])
    let ended: string | undefined
    connection.client.follow('event.follow', {}, { onItem: () => {}, onEnd: (error) => (ended = error?.code) })
    await settle()
    expect(ended).toBe('UNAVAILABLE')
  })

  it('fails what waits and ends what is followed when the connection goes', async () => {
    const { connection, latest } = setUp()
    latest().onopen?.()
    let ended: string | undefined
    connection.client.follow('event.follow', {}, { onItem: () => {}, onEnd: (error) => (ended = error?.code) })
    const asked = connection.client.request('agent.list', {})
    latest().onclose?.()
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('being restored') })
    expect(ended).toBe('UNAVAILABLE')
  })

  it('sends nothing over a connection that is closing, and fails it when it has closed', async () => {
    const { connection, latest } = setUp()
    latest().onopen?.()
    latest().readyState = 2
    const asked = connection.client.request('agent.list', {})
    expect(latest().sent).toEqual([])
    latest().onclose?.()
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('comes back with growing pauses, and says until when it waits', async () => {
    const { connection, timing, sockets, latest, states } = setUp('unknown')
    latest().onopen?.()
    latest().onclose?.()
    await settle()
    expect(connection.state()).toEqual({ kind: 'reconnecting', attempt: 1, retryAt: 250 })
    timing.pass(249)
    expect(sockets).toHaveLength(1)
    timing.pass(1)
    expect(sockets).toHaveLength(2)
    latest().onclose?.()
    await settle()
    expect(connection.state()).toEqual({ kind: 'reconnecting', attempt: 2, retryAt: 250 + 500 })
    timing.pass(500)
    latest().onopen?.()
    expect(states).toEqual(['open', 'reconnecting', 'reconnecting', 'open'])
  })

  it('counts a room as found only when it talks', async () => {
    const { connection, timing, latest, say } = setUp()
    for (const attempt of [1, 2]) {
      latest().onopen?.()
      latest().onclose?.()
      await settle()
      expect(connection.state()).toMatchObject({ attempt })
      timing.pass(10_000)
    }
    latest().onopen?.()
    say({ id: 99, item: null })
    latest().onclose?.()
    expect(connection.state()).toMatchObject({ attempt: 1 })
  })

  it('stops trying when it is not signed in, and tries again when told to', async () => {
    const { connection, timing, sockets, latest, host } = setUp('no')
    latest().onclose?.()
    await settle()
    expect(connection.state()).toEqual({ kind: 'signed-out' })
    timing.pass(60_000)
    expect(sockets).toHaveLength(1)
    host.answer = 'yes'
    connection.retry()
    expect(connection.state()).toEqual({ kind: 'connecting' })
    latest().onopen?.()
    expect(connection.state()).toEqual({ kind: 'open' })
  })

  it('is signed out once its session is ended and the room has hung up', async () => {
    const { connection, latest, host } = setUp('yes')
    latest().onopen?.()
    await connection.signOut?.()
    expect(host.answer).toBe('no')
    latest().onclose?.()
    await settle()
    expect(connection.state()).toEqual({ kind: 'signed-out' })
  })

  it('does not call itself signed out when the answer comes after the connection is back', async () => {
    const { connection, timing, latest } = setUp('no')
    latest().onclose?.()
    timing.pass(250)
    latest().onopen?.()
    await settle()
    expect(connection.state()).toEqual({ kind: 'open' })
  })

  it('tries at once when told to, and no second time', async () => {
    const { connection, timing, sockets, latest } = setUp('unknown')
    latest().onclose?.()
    connection.retry()
    expect(sockets).toHaveLength(2)
    timing.pass(10_000)
    expect(sockets).toHaveLength(2)
    latest().onopen?.()
    connection.retry()
    expect(sockets).toHaveLength(2)
  })

  it('says no more after it was closed', async () => {
    const { connection, timing, sockets, latest, states } = setUp('no')
    latest().onopen?.()
    connection.close()
    const [socket] = sockets
    expect(socket?.isClosed).toBe(true)
    socket?.onclose?.()
    await settle()
    timing.pass(60_000)
    expect(sockets).toHaveLength(1)
    expect(states).toEqual(['open'])
  })

  it('uploads every dropped file and hands back the script that the room chose', async () => {
    const { connection, latest, say } = setUp()
    latest().onopen?.()
    const taken = connection.takeFiles([new File(['print(1)'], 'agent.py'), new File(['a,b'], 'leads.csv')])
    await expect.poll(() => latest().sent.length).toBe(1)
    expect(latest().sent[0]).toEqual({
      id: 1,
      request: 'launch.upload',
      input: {
        files: [
          { name: 'agent.py', contentBase64: btoa('print(1)') },
          { name: 'leads.csv', contentBase64: btoa('a,b') },
        ],
      },
    })
    say({ id: 1, output: { script: '/data/workspaces/agent.py' } })
    expect(await taken).toBe('/data/workspaces/agent.py')
  })

  it('refuses to upload more than the room takes, before anything is read', async () => {
    const { connection, latest } = setUp()
    latest().onopen?.()
    const huge = new File(['x'], 'model.bin')
    Object.defineProperty(huge, 'size', { value: 30_000_000 })
    await expect(connection.takeFiles([huge])).rejects.toMatchObject({ code: 'TOO_LARGE', message: expect.stringContaining('30 MB') })
    expect(latest().sent).toEqual([])
  })
})

describe('the pause before the next try', () => {
  it('doubles up to ten seconds', () => {
    expect([1, 2, 3, 4, 20].map((failures) => backOff(failures, 1))).toEqual([250, 500, 1_000, 2_000, 10_000])
  })

  it('is half chance, so that many pages do not come back at once', () => {
    expect(backOff(3, 0)).toBe(500)
    expect(backOff(3, 0.5)).toBe(750)
  })
})
