import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { examineMasterKey } from './cli/doctor/masterKey.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { createKeyFile } from './secrets/keyFile.ts'
import { openMasterKey } from './secrets/openKeys.ts'
import { rekeyRoom } from './secrets/rekeyRoom.ts'
import { readRoomKeys } from './secrets/roomKeys.ts'
import type { KeyGenerations } from './state/keptSecrets.ts'
import { findPostgres, POSTGRES_PASSWORD, startPostgres, type TestPostgres } from './state/postgres/testPostgres.ts'
import { verifyPostgresAudits } from './state/postgres/verifyPostgresAudits.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const KEY = '0123456789abcdef'.repeat(4)
const NEW_KEY = 'fedcba9876543210'.repeat(4)
const programs = findPostgres()

/** Six calls, two at a time, and it stays. */
const AGENT = `
  import { writeFileSync } from 'node:fs'
  writeFileSync('environment', String(process.env.DATABASE_URL))
  const call = () => fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: JSON.stringify({ model: 'gpt-4', max_tokens: 8, messages: [{ role: 'user', content: 'Hello' }] }),
  }).then((answer) => answer.text())
  for (let round = 0; round < 3; round++) await Promise.all([call(), call()])
  setInterval(() => {}, 1000)`

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
    url = await server.lend()
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

  it('accounts for its agents there, also where the server cuts its connections meanwhile; agents hear nothing of it', async () => {
    room = await open()
    const finished = Promise.withResolvers<void>()
    let calls = 0
    room.bus.listen((batch) => {
      for (const { name } of batch) if (name === 'llm.callFinished' && ++calls === 6) finished.resolve()
    })
    const { id } = (await ask('agent.start', { script: folder.write('caller.mjs', AGENT), budget: '$1', provider: 'simulated' })) as { id: string }
    await server.cut(url)
    await finished.promise
    const entries = await server.rows(url, `SELECT kind, count(*) AS count, sum(amount)::bigint AS amount FROM ledger WHERE kind IN ('limit', 'settle') GROUP BY kind ORDER BY kind`)
    // What calls have not used is given back right after their events were heard.
    const budget = (await ask('budget.status', { agentId: id })) as { spent: number; reserved: number }
    expect(budget.reserved).toBe(0)
    expect(entries).toEqual([
      { kind: 'limit', count: 1, amount: 1_000_000_000 },
      { kind: 'settle', count: 6, amount: budget.spent },
    ])
    expect(budget.spent).toBeGreaterThan(0)
    expect(readFileSync(join(folder.path, 'environment'), 'utf8')).toBe('undefined')
  })

  it('has its master key changed and its audits verified while it is closed, as one in a file', async () => {
    await expect(verifyPostgresAudits(url, systemClock, async () => null)).rejects.toThrow('has nothing of a control room')
    room = await open()
    const { id: secretId } = (await ask('secret.create', { name: 'INVENTED_KEY', environment: 'development', value: 'invented-value-0123' })) as { id: string }
    await expect(verifyPostgresAudits(url, systemClock, async () => null)).rejects.toThrow('is in use by another control room')
    await room.stop()
    const dataFolder = join(folder.path, 'data')
    const environment = { IRON_SECRETS_MASTER_KEY: KEY, IRON_SECRETS_NEW_MASTER_KEY: NEW_KEY, DATABASE_URL: url }
    const by = { role: 'admin', id: 'owner', agentId: null, run: null } as const
    expect(await rekeyRoom({ dataFolder, environment, keychain: null, keyFile: createKeyFile(dataFolder), askPassphrase: null, by, clock: systemClock })).toMatchObject({ resealed: 1, source: 'environment' })
    const key = async (generations: Pick<KeyGenerations, 'all'>): Promise<Buffer | null> => {
      const found = await openMasterKey({ environment: { IRON_SECRETS_MASTER_KEY: NEW_KEY }, keychain: null })
      return (await readRoomKeys(found, generations)).derive('audit')
    }
    const doctor = (environment: Record<string, string>): Promise<unknown> => examineMasterKey({ dataFolder, environment: { ...environment, DATABASE_URL: url } }, null)
    expect(await doctor({ IRON_SECRETS_MASTER_KEY: NEW_KEY })).toMatchObject({ state: 'ok', message: 'the one from IRON_SECRETS_MASTER_KEY opens what is kept here' })
    expect(await doctor({ IRON_SECRETS_MASTER_KEY: KEY })).toMatchObject({ state: 'problem' })
    expect(await verifyPostgresAudits(url, systemClock, key)).toMatchObject({ safety: { firstBad: null }, secrets: { firstBad: null, isSealChecked: true } })
    room = await open('data', { IRON_SECRETS_MASTER_KEY: NEW_KEY })
    expect(await ask('secret.get', { secretId, reveal: true })).toMatchObject({ value: 'invented-value-0123' })
  })

  it('is opened where there is none of it yet, not with a server that it could not use', async () => {
    await expect(open('data', { DATABASE_URL: '', REDIS_URL: 'redis://:invented-password@127.0.0.1' })).rejects.toThrow(/^REDIS_URL is set without DATABASE_URL/)
    await expect(open('data', { REDIS_URL: 'redis://:invented-password@127.0.0.1:1' })).rejects.toThrow(/^The Redis server 127\.0\.0\.1:1 cannot be reached/)
    await expect(open('data', { IRON_CAGE_SHARED_BUDGET: '$5' })).rejects.toThrow(/^shared_budget is set without REDIS_URL/)
    await expect(open('data', { DATABASE_URL: 'mysql://room:invented-password@127.0.0.1/room' })).rejects.toThrow(/^DATABASE_URL is no address of a PostgreSQL database/)
    room = await open()
  })

  it('lets nobody see the password of its database', async () => {
    room = await open()
    await ask('secret.create', { name: 'INVENTED_KEY', environment: 'development', value: 'invented-value-0123' })
    await server.cut(url)
    await ask('secret.create', { name: 'OTHER_KEY', environment: 'development', value: 'invented-value-4567' })
    await expect(open('second')).rejects.toMatchObject({ message: expect.not.stringContaining(POSTGRES_PASSWORD) as string })
    await room.stop()
    const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).map((name) => join(folder.path, name))
    const bytes = Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)))
    for (const secret of [POSTGRES_PASSWORD, encodeURIComponent(POSTGRES_PASSWORD)]) expect(bytes.includes(secret)).toBe(false)
  })
})
