import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../systemPorts.ts'
import { createInstanceLine } from './instanceLine.ts'
import { hasRedis, startRedis, type TestRedis } from './testRedis.ts'

const isHere = hasRedis()

describe.skipIf(!isHere)(`messages between instances, over Redis${isHere ? '' : ' (not installed here: redis-server)'}`, () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  it('arrive where somebody listens, and are given up where the server is there and says nothing', async () => {
    const heard = Promise.withResolvers<string>()
    const open = (own: string) => createInstanceLine({ url: server.url, group: 'invented', own, clock: systemClock, hear: heard.resolve, lookEveryMs: 10, patienceMs: 300 })
    const [one, other] = [await open('one'), await open('other')]
    expect(await one.send('other', 'invented')).toBe(true)
    expect(await heard.promise).toBe('invented')
    expect(await one.send('nobody', 'invented')).toBe(false)
    server.pause()
    await expect(one.send('other', 'invented')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    server.resume()
    for (let isBack = false; !isBack; await new Promise((resolve) => setImmediate(resolve))) isBack = await one.send('other', 'again').catch(() => false)
    await one.close()
    await other.close()
  })
})
