import { once } from 'node:events'
import { request, Agent as HttpAgent } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openApi, type Api, type ApiOptions } from './openApi.ts'
import { ask } from './testHttp.ts'
import { createTestRoom, type TestRoom } from './testRoom.ts'
import { expectRefusal } from './testShapes.ts'

let test: TestRoom
let handler: () => Promise<{ agents: []; seq: number }>
const opened: Api[] = []

async function open(options: Partial<ApiOptions> = {}): Promise<Api> {
  const api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3', ...options })
  opened.push(api)
  return api
}

beforeEach(async () => {
  test = await createTestRoom({ commandHandlers: { 'agent.list': () => handler() } })
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()))
  await test.remove()
})

describe('the API', () => {
  it('tells the room where it is', async () => {
    const api = await open()
    expect(api.url).toBe(`http://127.0.0.1:${api.port}`)
    expect(test.published).toEqual([{ url: api.url, port: api.port }])
  })

  it('takes the port that it is given', async () => {
    const first = await open()
    await first.close()
    expect((await open({ port: first.port })).port).toBe(first.port)
  })

  it('says so when the port is in use, and tells the room nothing', async () => {
    const { port } = await open()
    await expect(open({ port })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `Port ${port} is in use. Give another one, or 0 for any that is free.`,
    })
    expect(test.published).toHaveLength(1)
  })

  it('listens on one loopback address and on no other', async () => {
    const { port } = await open()
    for (const host of ['127.0.0.2', '::1']) {
      const socket = connect(port, host)
      const [error] = await once(socket, 'error')
      expect(['ECONNREFUSED', 'EADDRNOTAVAIL']).toContain(error.code)
    }
  })

  it('tells its health to everybody, and nothing else with it', async () => {
    const { port } = await open()
    expect((await ask(port, '/api/health')).text).toBe('{"status":"ok","version":"1.2.3"}')
  })

  it('writes an incident down when a part of its own fails, and tells only its number', async () => {
    const { port } = await open()
    const broken = { ...test.room, access: { ...test.room.access, fromBearer: () => { throw new TypeError('invented detail') } } }
    const other = await openApi(broken, { port: 0, rendererFolder: null, version: '1.2.3' })
    opened.push(other)
    const error = expectRefusal(await ask(other.port, '/api/agents', { headers: { authorization: 'Bearer x' } }), 'INTERNAL')
    const { incident } = error.details as { incident: string }
    expect(error.message).toBe(`Something went wrong inside the control room. The log has it as incident ${incident}.`)
    expect(test.logged).toMatchObject([{ level: 'ERROR', event: 'api.defect', fields: { incident, error: expect.stringContaining('invented detail') } }])
    expect((await ask(port, '/api/health')).status).toBe(200)
  })
})

describe('closing the API', () => {
  it('lets a request under way have its answer, over a connection that would have been kept', async () => {
    const { port, close } = await open()
    const begun = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<{ agents: []; seq: number }>()
    handler = () => {
      begun.resolve()
      return answer.promise
    }
    const agent = new HttpAgent({ keepAlive: true })
    const outgoing = request({ port, host: '127.0.0.1', path: '/api/agents', agent, headers: { authorization: `Bearer ${test.ownerToken}` } })
    outgoing.end()
    await begun.promise
    const closing = close()
    answer.resolve({ agents: [], seq: 4 })
    const [incoming] = await once(outgoing, 'response')
    expect(JSON.parse(await text(incoming))).toEqual({ agents: [], seq: 4 })
    await closing
    agent.destroy()
  })

  it('does not wait for ever for a request that never ends', async () => {
    const { port, close } = await open()
    const begun = Promise.withResolvers<void>()
    handler = () => {
      begun.resolve()
      return new Promise(() => {})
    }
    const outgoing = request({ port, host: '127.0.0.1', path: '/api/agents', headers: { authorization: `Bearer ${test.ownerToken}` } })
    outgoing.end()
    const failed = once(outgoing, 'error')
    await begun.promise
    await close()
    expect((await failed)[0].code).toBe('ECONNRESET')
  })

  it('takes no more requests after', async () => {
    const { port, close } = await open()
    await close()
    await expect(ask(port, '/api/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('may be asked for twice', async () => {
    const { close } = await open()
    await Promise.all([close(), close()])
    await close()
  })
})
