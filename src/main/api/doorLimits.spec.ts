import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { openApi, type Api } from './openApi.ts'
import { ask, type Answer } from './testHttp.ts'
import { createTestRoom, type TestRoom } from './testRoom.ts'
import { expectRefusal } from './testShapes.ts'
import { openSocket } from './testSocket.ts'

let test: TestRoom
let api: Api
let clock: TestClock
const sockets: Socket[] = []

beforeEach(async () => {
  clock = createTestClock()
  test = await createTestRoom({ clock, commandHandlers: { 'user.list': () => ({ users: [] }) } })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3', clock, mostConnections: 2, requestRate: { burst: 3, perSecond: 1 } })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await api.close()
  await test.remove()
})

const list = (token: string): Promise<Answer> => ask(api.port, '/api/users', { headers: { authorization: `Bearer ${token}` } })

describe('whoever asks too often', () => {
  it('is told so and how long to wait, while others are answered', async () => {
    for (let count = 0; count < 3; count++) expect((await list(test.ownerToken)).status).toBe(200)
    const answer = await list(test.ownerToken)
    expect(expectRefusal(answer, 'RATE_LIMITED')).toMatchObject({ details: { waitSeconds: 1 } })
    expect(answer.headers['retry-after']).toBe('1')
    // It may not, and is told that, not that it was too fast.
    expectRefusal(await list(test.viewerToken), 'FORBIDDEN')
    clock.advance(1_000)
    expect((await list(test.ownerToken)).status).toBe(200)
  })

  it('without a token takes nothing from those who have one', async () => {
    for (let count = 0; count < 10; count++) expectRefusal(await list('wrong'), 'UNAUTHENTICATED')
    expect((await list(test.ownerToken)).status).toBe(200)
  })
})

describe('whoever connects when there are enough', () => {
  async function hold(): Promise<Socket> {
    const socket = connect(api.port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
    // Answered, it has been seen.
    socket.write(`GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\n\r\n`)
    await once(socket, 'data')
    return socket
  }

  it('is told so, once a request comes, and let go; who was there before stays', async () => {
    const [first] = [await hold(), await hold()]
    const answer = await ask(api.port, '/api/health')
    expectRefusal(answer, 'UNAVAILABLE')
    expect(answer.headers['connection']).toBe('close')

    first.write(`GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\n\r\n`)
    expect(String((await once(first, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('does not count viewers, which have a limit of their own', async () => {
    const viewers = [await openSocket(api.port, { authorization: `Bearer ${test.ownerToken}` }), await openSocket(api.port, { authorization: `Bearer ${test.ownerToken}` })]
    expect((await ask(api.port, '/api/health')).status).toBe(200)
    for (const { webSocket, closed } of viewers) {
      webSocket.close()
      await closed
    }
  })
})
