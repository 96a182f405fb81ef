import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { findPostgres, startPostgres, type TestPostgres } from './state/postgres/testPostgres.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const PASSWORD = 'invented/password'
const KEY = '0123456789abcdef'.repeat(4)
const programs = findPostgres()

describe.skipIf(programs === null)(`a room whose state is in PostgreSQL${programs === null ? ' (not installed here: initdb and postgres of 15 or newer)' : ''}`, () => {
  let server: TestPostgres
  let folder: TestFolder
  let url: string
  let room: ControlRoom | null
  beforeAll(async () => {
    server = await startPostgres(programs ?? '')
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    folder = createTestFolder()
    room = null
    url = (await server.lend()).replace('room@', `room:${encodeURIComponent(PASSWORD)}@`)
  })
  afterEach(async () => {
    await room?.stop()
    await server.takeBack()
    folder.remove()
  })

  async function open(data = 'data', environment: Record<string, string> = {}): Promise<ControlRoom> {
    return composeControlRoom({
      clock: systemClock,
      random: systemRandom,
      dataFolder: join(folder.path, data),
      host: 'browser',
      version: '1.2.3',
      environment: { PATH: process.env.PATH, HOME: folder.path, DATABASE_URL: url, IRON_SECRETS_MASTER_KEY: KEY, ...environment },
      onStopRequested: () => undefined,
    })
  }
  const ask = (name: string, input: unknown = {}): Promise<unknown> => (room as ControlRoom).router.request(name, input, OWNER)

  it('finds in another folder what was stored from the first one', async () => {
    room = await open('one')
    await ask('secret.create', { name: 'INVENTED_KEY', environment: 'development', value: 'invented-value-0123' })
    await room.stop()
    room = await open('other')
    expect(await ask('secret.list', {})).toMatchObject({ secrets: [{ name: 'INVENTED_KEY', version: 1 }] })
    expect(await ask('audit.verify', {})).toMatchObject({ firstBad: null, isSealChecked: true, secrets: { firstBad: null } })
  })

  it('is opened where there is none of it yet, not with a server that it could not use', async () => {
    await expect(open('data', { REDIS_URL: 'redis://:invented-password@127.0.0.1' })).rejects.toThrow(/^REDIS_URL is set, and .* not there yet/)
    await expect(open('data', { DATABASE_URL: 'mysql://room:invented-password@127.0.0.1/room' })).rejects.toThrow(/^DATABASE_URL is no address of a PostgreSQL database/)
    room = await open()
  })

  it('lets nobody see the password of its database', async () => {
    room = await open()
    await ask('secret.create', { name: 'INVENTED_KEY', environment: 'development', value: 'invented-value-0123' })
    await server.cut(url)
    await ask('secret.create', { name: 'OTHER_KEY', environment: 'development', value: 'invented-value-4567' })
    await expect(open('second')).rejects.toMatchObject({ message: expect.not.stringContaining(PASSWORD) as string })
    await room.stop()
    const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).map((name) => join(folder.path, name))
    const bytes = Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)))
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) expect(bytes.includes(secret)).toBe(false)
  })
})
