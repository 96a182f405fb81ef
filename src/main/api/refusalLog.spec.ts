import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { openApi, type Api } from './openApi.ts'
import { ask } from './testHttp.ts'
import { createTestRoom, RUN_TOKEN, type TestRoom } from './testRoom.ts'
import { refusedSocket } from './testSocket.ts'

let test: TestRoom
let api: Api
let clock: TestClock

beforeEach(async () => {
  clock = createTestClock()
  test = await createTestRoom({ clock })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3', clock })
})
afterEach(async () => {
  await api.close()
  await test.remove()
})

describe('the log of refusals', () => {
  it('tells who was turned away, without what the query held', async () => {
    await ask(api.port, '/api/agents?token=invented-secret', { headers: { host: 'rebind.example', authorization: 'Bearer invented-secret' } })
    expect(test.logged).toEqual([
      {
        level: 'WARN',
        event: 'api.refused',
        msg: expect.stringMatching(/^A request was refused\. This room answers to /),
        fields: { code: 'FORBIDDEN', method: 'GET', path: '/api/agents', host: 'rebind.example', origin: null, unsaidBefore: 0 },
      },
    ])
    expect(JSON.stringify(test.logged)).not.toContain('invented-secret')
  })

  it('tells it once in ten seconds, and then how often it happened', async () => {
    for (let count = 0; count < 5; count++) await ask(api.port, '/api/agents', { headers: { origin: 'https://evil.example' } })
    clock.advance(10_000)
    await refusedSocket(api.port, {})
    clock.advance(10_000)
    await ask(api.port, '/api/agents')
    expect(test.logged.map(({ fields }) => fields)).toMatchObject([
      { code: 'FORBIDDEN', origin: 'https://evil.example', unsaidBefore: 0 },
      { code: 'UNAUTHENTICATED', path: '/ws', unsaidBefore: 4 },
      { code: 'UNAUTHENTICATED', path: '/api/agents', unsaidBefore: 0 },
    ])
  })

  it('is not silent for an hour where the clock is set back by one', async () => {
    await ask(api.port, '/api/agents')
    clock.advance(-3_600_000)
    await ask(api.port, '/api/agents')
    expect(test.logged.map(({ fields }) => fields)).toMatchObject([{ unsaidBefore: 0 }, { unsaidBefore: 0 }])
  })

  it('does not repeat a whole book', async () => {
    await ask(api.port, `/api/${'x'.repeat(5000)}`, { headers: { origin: `https://${'x'.repeat(5000)}` } })
    expect(JSON.stringify(test.logged).length).toBeLessThan(1000)
  })

  it('leaves out what a caller may not do: that is an answer, and no intrusion', async () => {
    await ask(api.port, '/api/agents', { headers: { authorization: `Bearer ${RUN_TOKEN}` } })
    expect(test.logged).toEqual([])
  })
})
