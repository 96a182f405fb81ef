import { once } from 'node:events'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { StreamItem } from '../../shared/contract/contract.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { LARGEST_MESSAGE_BYTES } from '../../shared/wire.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import type { Sink } from '../router/router.ts'
import { openApi, type Api, type ApiOptions } from './openApi.ts'
import { FOREIGN_HOSTS, FOREIGN_ORIGINS } from './testForgeries.ts'
import { askRaw } from './testHttp.ts'
import { createTestRoom, RUN_TOKEN, type TestRoom } from './testRoom.ts'
import { expectRefusal } from './testShapes.ts'
import { openBareSocket, openSocket, refusedSocket, type TestSocket } from './testSocket.ts'

type EventSink = Sink<StreamItem<'event.follow'>>
const MEGABYTE = 'x'.repeat(1_000_000)
const large = (): StreamItem<'event.follow'> => ({ kind: 'resynchronise', latest: 1, padding: MEGABYTE }) as never

interface Scene {
  readonly test: TestRoom
  readonly api: Api
  readonly clock: TestClock
  readonly owner: Readonly<Record<string, string>>
  readonly cookie: Readonly<Record<string, string>>
  readonly sinks: EventSink[]
  /** Resolves when so many streams have been let go of in all. */
  letGo(count: number): Promise<void>
  follow(headers?: Readonly<Record<string, string>>, options?: { autoPong?: boolean }): Promise<TestSocket>
}

async function setUp(options: Partial<ApiOptions> = {}): Promise<Scene> {
  const sinks: EventSink[] = []
  const letGo = Promise.withResolvers<void>()
  let closed = 0
  let wanted = Infinity
  const clock = createTestClock()
  const test = await createTestRoom({
    clock,
    commandHandlers: { 'agent.list': () => ({ agents: [], seq: 4 }), 'room.stop': () => ({}), 'event.exportCsv': () => MEGABYTE.repeat(20) },
    streamHandlers: {
      'event.follow': (_input, _caller, sink) => {
        sinks.push(sink)
        return {
          close: () => {
            if (++closed >= wanted) letGo.resolve()
          },
        }
      },
    },
  })
  const api = await openApi(test.room, {
    port: 0,
    rendererFolder: null,
    version: '1.2.3',
    allowedOrigins: ['https://tool.example'],
    clock,
    ...options,
  })
  onTestFinished(async () => {
    const closing = api.close()
    // Viewers that do not answer the goodbye.
    clock.advance(1000)
    await closing
    await test.remove()
  })
  const { session } = (await test.room.access.redeemCode(test.room.access.createCode()))!
  const owner = { authorization: `Bearer ${test.ownerToken}` }
  return {
    test,
    api,
    clock,
    owner,
    cookie: { cookie: `iron_cage_${api.port}=${session}` },
    sinks,
    letGo: (count) => {
      wanted = count
      if (closed >= wanted) letGo.resolve()
      return letGo.promise
    },
    async follow(headers = owner, socketOptions = {}) {
      const socket = await openSocket(api.port, headers, '/ws', socketOptions)
      socket.send({ id: 1, open: 'event.follow', input: {} })
      await roundTrip(socket)
      return socket
    },
  }
}

let lastId = 100
/** What was sent before has been dealt with when this resolves. */
async function roundTrip(socket: TestSocket): Promise<void> {
  const id = ++lastId
  socket.send({ id, request: 'agent.list', input: {} })
  await socket.next((message) => message.id === id)
}

describe('the upgrade', () => {
  it.each(FOREIGN_HOSTS)('is refused under a foreign host name: %s', async (_what, host) => {
    const { api, owner } = await setUp()
    expectRefusal(await refusedSocket(api.port, { ...owner, host: host(api.port) }), 'FORBIDDEN')
  })

  it.each(FOREIGN_ORIGINS)('is refused to a foreign page: %s', async (_what, origin) => {
    const { api, owner, cookie } = await setUp()
    for (const headers of [owner, cookie]) expectRefusal(await refusedSocket(api.port, { ...headers, origin: origin(api.port) }), 'FORBIDDEN')
  })

  it('is refused without a host name', async () => {
    const { api, owner } = await setUp()
    const lines = ['GET /ws HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', `Authorization: ${owner['authorization']}`]
    expectRefusal(await askRaw(api.port, `${lines.join('\r\n')}\r\n\r\n`), 'FORBIDDEN')
  })

  it('is refused to nobody in particular', async () => {
    const { test, api, cookie } = await setUp()
    const own = { origin: `http://127.0.0.1:${api.port}` }
    expectRefusal(await refusedSocket(api.port, own), 'UNAUTHENTICATED')
    expectRefusal(await refusedSocket(api.port, { ...own, authorization: 'Bearer wrong' }), 'UNAUTHENTICATED')
    expectRefusal(await refusedSocket(api.port, { ...own, ...cookie, authorization: 'Bearer wrong' }), 'UNAUTHENTICATED')
    expectRefusal(await refusedSocket(api.port, { ...own, cookie: `iron_cage_${api.port}=wrong` }), 'UNAUTHENTICATED')
    for (const name of ['token', 'access_token', 'authorization']) {
      expectRefusal(await refusedSocket(api.port, own, `/ws?${name}=${test.ownerToken}`), 'UNAUTHENTICATED')
    }
  })

  it('believes a cookie only when our own page is said to ask', async () => {
    const { api, cookie } = await setUp()
    const own = `http://127.0.0.1:${api.port}`
    expectRefusal(await refusedSocket(api.port, cookie), 'FORBIDDEN')
    expectRefusal(await refusedSocket(api.port, { ...cookie, 'sec-fetch-site': 'same-origin' }), 'FORBIDDEN')
    expectRefusal(await refusedSocket(api.port, { ...cookie, origin: 'https://tool.example' }), 'FORBIDDEN')
    expectRefusal(await refusedSocket(api.port, { ...cookie, origin: own, 'sec-fetch-site': 'same-site' }), 'FORBIDDEN')
    for (const origin of [own, `http://localhost:${api.port}`]) await roundTrip(await openSocket(api.port, { ...cookie, origin }))
  })

  it('is granted to a token without a page, from our page, or from an allowed one', async () => {
    const { api, owner } = await setUp()
    await roundTrip(await openSocket(api.port, owner))
    for (const origin of [`http://127.0.0.1:${api.port}`, 'https://tool.example']) await roundTrip(await openSocket(api.port, { ...owner, origin }))
  })

  it.each(['/', '/api/ws', '/ws/', '/api/agents', '/ws/../ws'])('is nothing at %s', async (path) => {
    const { api, owner } = await setUp()
    const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${api.port}`, 'Connection: Upgrade', 'Upgrade: websocket', `Authorization: ${owner['authorization']}`]
    expectRefusal(await askRaw(api.port, `${lines.join('\r\n')}\r\n\r\n`), 'NOT_FOUND')
  })

  it('offers no compression', async () => {
    const { api, owner } = await setUp()
    const socket = await openSocket(api.port, { ...owner, 'sec-websocket-extensions': 'permessage-deflate' })
    expect(socket.webSocket.extensions).toBe('')
  })

  it('to another protocol than ours is no upgrade: the request is answered', async () => {
    const { api } = await setUp()
    const lines = ['GET /api/health HTTP/1.1', `Host: 127.0.0.1:${api.port}`, 'Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c']
    expect((await askRaw(api.port, `${lines.join('\r\n')}\r\n\r\n`)).text).toBe('{"status":"ok","version":"1.2.3"}')
  })

  it('is refused with a reason when enough viewers are there, until one has left', async () => {
    const { api, owner, follow, letGo } = await setUp({ viewerLimits: { mostConnections: 2 } })
    const first = await follow()
    await follow()
    const error = expectRefusal(await refusedSocket(api.port, owner), 'UNAVAILABLE')
    expect(error.message).toBe('There are 2 viewers already; this room takes no more.')
    first.webSocket.close()
    await letGo(1)
    await roundTrip(await openSocket(api.port, owner))
  })
})

describe('a session over the WebSocket', () => {
  it('answers requests, refuses what the caller may not do, and goes on', async () => {
    const { api, test } = await setUp()
    const socket = await openSocket(api.port, { authorization: `Bearer ${test.viewerToken}` })
    socket.send({ id: 1, request: 'room.stop', input: {} })
    expect(await socket.next()).toMatchObject({ id: 1, error: { code: 'FORBIDDEN' } })
    socket.send({ id: 2, request: 'agent.list', input: {} })
    expect(await socket.next()).toEqual({ id: 2, output: { agents: [], seq: 4 } })
  })

  it('lets an agent do what agents may, and no more', async () => {
    const { api } = await setUp()
    const socket = await openSocket(api.port, { authorization: `Bearer ${RUN_TOKEN}` })
    socket.send({ id: 1, request: 'agent.list', input: {} })
    socket.send({ id: 2, open: 'event.follow', input: {} })
    expect(await socket.next((message) => message.id === 1)).toMatchObject({ error: { code: 'FORBIDDEN' } })
    expect(socket.received).toContainEqual({ id: 2, error: { code: 'FORBIDDEN', message: expect.any(String) } })
  })

  it('carries one batch to every viewer, each under its own id', async () => {
    const { sinks, follow, api, owner } = await setUp()
    const viewers = [await follow(), await follow()]
    const other = await openSocket(api.port, owner)
    other.send({ id: 77, open: 'event.follow', input: {} })
    await roundTrip(other)
    const batch: StreamItem<'event.follow'> = { kind: 'resynchronise', latest: 9 }
    for (const sink of sinks) sink.push(batch)
    for (const viewer of viewers) expect(await viewer.next()).toEqual({ id: 1, item: batch })
    expect(await other.next()).toEqual({ id: 77, item: batch })
  })

  it('lets go of its streams when the viewer leaves, politely or not', async () => {
    const { follow, letGo } = await setUp()
    const [polite, rude] = [await follow(), await follow()]
    polite.webSocket.close()
    rude.webSocket.terminate()
    await letGo(2)
  })
})

/** A frame of a client, with a mask of zeros. */
function frame(firstByte: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload)
  return Buffer.concat([Buffer.from([firstByte, 0x80 | body.length, 0, 0, 0, 0]), body])
}
function frameThatSays(length: number): Buffer {
  const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

describe('a viewer that sends rubbish', () => {
  it.each([
    ['a binary message', frame(0x82, '{}'), 1003, 'This room speaks JSON in text messages.'],
    ['no JSON', frame(0x81, '{"id":'), 1007, 'That is not JSON.'],
    ['JSON without end', frame(0x81, '['.repeat(120)), 1007, 'That is not JSON.'],
    ['a prototype', frame(0x81, '{"__proto__":{}}'), 1007, '"__proto__" is no key that this room takes.'],
    ['text that is no UTF-8', frame(0x81, Buffer.from([0xc3, 0x28])), 1007, ''],
    ['a frame without a mask', Buffer.from([0x81, 0x01, 0x41]), 1002, ''],
    ['reserved bits', frame(0xf1, 'x'), 1002, ''],
    ['an unknown kind of frame', frame(0x83, 'x'), 1002, ''],
    ['a continuation of nothing', frame(0x80, 'x'), 1002, ''],
    ['more than the largest message', frameThatSays(LARGEST_MESSAGE_BYTES + 1), 1009, ''],
    ['a length beyond all numbers', frameThatSays(Number.MAX_SAFE_INTEGER * 4), 1009, ''],
  ])('(%s) is told why and closed, and nobody else notices', async (_what, bytes, code, reason) => {
    const { api, owner, follow, sinks, test } = await setUp()
    const neighbour = await follow()
    const socket = await openBareSocket(api.port, owner)
    socket.write(bytes)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect([answer[0], answer.readUInt16BE(2), answer.subarray(4, 2 + answer[1]!).toString()]).toEqual([0x88, code, reason])
    socket.destroy()
    sinks[0]!.push({ kind: 'resynchronise', latest: 1 })
    expect(await neighbour.next((message) => 'item' in message)).toEqual({ id: 1, item: { kind: 'resynchronise', latest: 1 } })
    expect([test.defects, test.logged]).toEqual([[], []])
  })

  it('(JSON of a million levels) is told why and closed', async () => {
    const { api, owner } = await setUp()
    const socket = await openSocket(api.port, owner)
    socket.webSocket.send('['.repeat(1_000_000) + ']'.repeat(1_000_000))
    expect(await socket.closed).toEqual({ code: 1007, reason: 'That JSON is nested more than 100 levels deep.' })
  })

  it('(a message of another room) is told so, and may go on', async () => {
    const { api, owner } = await setUp()
    const socket = await openSocket(api.port, owner)
    socket.webSocket.send('{"hello":"there"}')
    expect(await socket.next()).toMatchObject({ id: 0, error: { code: 'INVALID_INPUT' } })
    await roundTrip(socket)
  })
})

describe('a viewer that does not read', () => {
  it('is dropped when it is too far behind, while the others get everything', async () => {
    const { follow, sinks, letGo, test } = await setUp({ viewerLimits: { mostBufferedBytes: 2_000_000 } })
    const slow = await follow()
    const fast = await follow()
    slow.webSocket.pause()
    let pushed = 0
    while (test.logged.length === 0) {
      const item = large()
      for (const sink of sinks) sink.push(item)
      pushed++
      await fast.next()
    }
    await letGo(1)
    expect(fast.received.filter((message) => 'item' in message)).toHaveLength(pushed)
    await roundTrip(fast)
    expect(test.logged).toEqual([
      { level: 'WARN', event: 'api.viewerDropped', msg: 'A viewer was dropped: it reads too slowly.', userId: 'owner' },
    ])
    slow.webSocket.resume()
    expect(await slow.closed).toEqual({ code: 1013, reason: 'This viewer reads too slowly.' })
  })

  it('is not too far behind while it takes what it has asked for, however much that is', async () => {
    const { follow, sinks, test } = await setUp({ viewerLimits: { mostBufferedBytes: 2_000_000 } })
    const viewer = await follow()
    viewer.webSocket.pause()
    viewer.send({ id: 7, request: 'event.exportCsv', input: {} })
    viewer.send({ id: 8, request: 'agent.list', input: {} })
    const other = await follow()
    await roundTrip(other)
    sinks[0]!.push({ kind: 'resynchronise', latest: 1 })
    viewer.webSocket.resume()
    await viewer.next((message) => 'item' in message)
    expect(viewer.received.map(({ id }) => id).filter((id) => id < 100)).toEqual([7, 8, 1])
    expect(test.logged).toEqual([])

    viewer.webSocket.pause()
    while (test.logged.length === 0) {
      sinks[0]!.push(large())
      await new Promise(setImmediate)
    }
    expect(test.logged).toMatchObject([{ msg: 'A viewer was dropped: it reads too slowly.' }])
  })

  it('is dropped when it has taken nothing for ten seconds', async () => {
    const { follow, sinks, letGo, clock, test } = await setUp({ viewerLimits: { mostBufferedBytes: 1_000_000_000 } })
    const slow = await follow()
    const fast = await follow()
    slow.webSocket.pause()
    for (let count = 0; count < 30; count++) {
      for (const sink of sinks) sink.push(large())
      await fast.next()
    }
    clock.advance(10_000)
    expect(test.logged).toEqual([])
    clock.advance(1000)
    await letGo(1)
    expect(test.logged).toMatchObject([{ event: 'api.viewerDropped', msg: 'A viewer was dropped: it has stopped reading.' }])
    await roundTrip(fast)
  })

  it('does not keep its socket for long after', async () => {
    const { follow, sinks, clock, test } = await setUp({ viewerLimits: { mostBufferedBytes: 0 } })
    const slow = await follow()
    slow.webSocket.pause()
    while (test.logged.length === 0) {
      sinks[0]!.push(large())
      await new Promise(setImmediate)
    }
    clock.advance(1000)
    slow.webSocket.resume()
    expect((await slow.closed).code).toBe(1006)
  })
})

describe('a viewer that is silent', () => {
  it('is asked every fifteen seconds whether it lives, and kept as long as it answers', async () => {
    const { follow, clock } = await setUp()
    const viewer = await follow()
    for (let count = 0; count < 4; count++) {
      const pinged = once(viewer.webSocket, 'ping')
      clock.advance(15_000)
      await pinged
      await roundTrip(viewer)
    }
    expect(viewer.webSocket.readyState).toBe(viewer.webSocket.OPEN)
  })

  it('is let go of when it does not answer', async () => {
    const { follow, clock, letGo } = await setUp()
    const viewer = await follow(undefined, { autoPong: false })
    const pinged = once(viewer.webSocket, 'ping')
    clock.advance(15_000)
    await pinged
    clock.advance(15_000)
    await letGo(1)
    expect((await viewer.closed).code).toBe(1006)
  })
})

describe('closing', () => {
  let scene: Scene
  afterEach(() => scene.test.remove())

  it('says goodbye to every viewer', async () => {
    scene = await setUp()
    const viewers = [await scene.follow(), await scene.follow()]
    await scene.api.close()
    for (const viewer of viewers) expect(await viewer.closed).toEqual({ code: 1001, reason: 'The control room is closing.' })
    await scene.letGo(2)
  })

  it('leaves no timer behind', async () => {
    scene = await setUp()
    await scene.follow()
    await scene.api.close()
    expect(scene.clock.waiting()).toBe(0)
  })

  it('lets nobody in who was still being recognised', async () => {
    const asked = Promise.withResolvers<void>()
    const recognised = Promise.withResolvers<Caller>()
    scene = await setUp()
    const access = {
      ...scene.test.room.access,
      fromSession: () => {
        asked.resolve()
        return recognised.promise
      },
    }
    const api = await openApi({ ...scene.test.room, access }, { port: 0, rendererFolder: null, version: '1.2.3' })
    const headers = { cookie: `iron_cage_${api.port}=slow`, origin: `http://127.0.0.1:${api.port}` }
    const answer = refusedSocket(api.port, headers)
    await asked.promise
    const closing = api.close()
    recognised.resolve({ role: 'admin', id: 'owner' })
    expectRefusal(await answer, 'UNAVAILABLE')
    await closing
  })

  it('does not wait for a viewer that never answers', async () => {
    scene = await setUp()
    const silent = await openBareSocket(scene.api.port, scene.owner)
    silent.on('error', () => {})
    silent.pause()
    const closing = scene.api.close()
    scene.clock.advance(1000)
    await closing
    silent.destroy()
  })
})
