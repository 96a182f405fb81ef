import { hkdfSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { StreamItem } from '../../shared/contract/contract.ts'
import type { AgentId, Environment } from '../../shared/domain/agent.ts'
import type { SecretAuditEntry } from '../../shared/domain/secret.ts'
import { OWNER_TOKEN_FILE } from '../access/ownerToken.ts'
import { composeControlRoom } from '../compose.ts'
import type { ControlRoom } from '../controlRoom.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { searchFolder } from '../testSeeds.ts'
import { openApi, type Api } from './openApi.ts'
import { forgeriesOf } from './testForgeries.ts'
import { ask, type Answer, type Ask } from './testHttp.ts'
import { expectRefusal } from './testShapes.ts'

/** The whole of document 002's secrets through the real door of a real room, in both of its spellings. */
const VALUE = `sk-proj-abc${'InventedQ7w2E9r4T1y6U3i8O5p0a2S4d6F8g1H3j5'}xyz`
const MASKED = 'sk-proj-abc...xyz'
const OTHER_VALUE = VALUE.replace('Invented', 'AnotherI')
const PASSWORD = 'an invented password'
const ENVIRONMENTS = ['development', 'staging', 'production'] as const satisfies readonly Environment[]
const PREFIXES = ['', '/api'] as const
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let folder: string
let room: ControlRoom
let api: Api
let ownerToken: string
/** Bearer tokens by who it is. */
const tokens = new Map<Who, string>()
const agents = new Map<Environment, AgentId>()
let ids: Record<Environment, string>
let number = 0

type Who = 'admin' | 'owner' | 'viewer' | `agent of ${Environment}`

async function request(token: string | null, method: string, path: string, body?: unknown, options: Ask = {}): Promise<Answer> {
  return ask(api.port, path, { ...options, method, body, headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...options.headers } })
}

async function as<T>(who: Who, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await request(tokens.get(who) ?? '', method, path, body)
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.any(String)])
  return JSON.parse(answer.text) as T
}

async function startAgent(environment: Environment): Promise<void> {
  const script = join(folder, `agent_of_${environment}.mjs`)
  await writeFile(script, `
    import { writeFileSync } from 'node:fs'
    writeFileSync(\`${folder}/token-of-\${process.env.IRON_CAGE_AGENT_ID}\`, process.env.IRON_CAGE_RUN_TOKEN)
    console.log('ready')
    setInterval(() => {}, 1000)`)
  const { id } = await as<{ id: AgentId }>('owner', 'POST', '/api/agents', { script, budget: '$1', environment })
  agents.set(environment, id)
  await new Promise<void>((resolve) => {
    let shown = ''
    room.router.open('terminal.output', { agentId: id }, { role: 'admin', id: 'owner' }, {
      push: (item) => {
        const { kind, ...rest } = item as StreamItem<'terminal.output'>
        if (kind === 'data') shown += (rest as { data: string }).data
        if (shown.includes('ready')) resolve()
      },
      end: () => {},
    })
  })
  tokens.set(`agent of ${environment}`, await readFile(join(folder, `token-of-${id}`), 'utf8'))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iron-cage-secrets-rest-'))
  const dataFolder = join(folder, 'data')
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder,
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env['PATH'], HOME: folder, IRON_SECRETS_MASTER_KEY: '0123456789abcdef'.repeat(4) },
    onStopRequested: () => {},
  })
  api = await openApi(room, { port: 0, rendererFolder: null, version: '1.2.3' })
  ownerToken = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
  tokens.set('owner', ownerToken)
  for (const [name, role] of [['ada', 'admin'], ['vera', 'viewer']] as const) {
    await as('owner', 'POST', '/api/users', { name, role, password: PASSWORD })
    const answer = await request(null, 'POST', '/api/auth/login', { username: name, password: PASSWORD })
    tokens.set(role, (JSON.parse(answer.text) as { token: string }).token)
  }
  for (const environment of ENVIRONMENTS) await startAgent(environment)
}, 60_000)
afterAll(async () => {
  await api.close()
  await room.stop()
  await rm(folder, { recursive: true, force: true })
})

/** One of this name in each environment. */
let name: string
beforeEach(async () => {
  name = `KEY_${number++}`
  const made = await Promise.all(ENVIRONMENTS.map((environment) => as<{ id: string }>('admin', 'POST', '/secrets', { name, value: VALUE, environment })))
  ids = Object.fromEntries(ENVIRONMENTS.map((environment, index) => [environment, made[index]?.id ?? ''])) as typeof ids
})

async function audited(secretName: string): Promise<SecretAuditEntry[]> {
  return (await as<{ entries: SecretAuditEntry[] }>('admin', 'GET', `/secrets/audit?secret_name=${encodeURIComponent(secretName)}`)).entries
}

async function newestRow(secretName: string): Promise<string> {
  const [entry] = await audited(secretName)
  return entry === undefined ? 'none' : `${entry.operation} ${entry.requester_role} ${entry.requester}${entry.success ? '' : ' !'}`
}

describe.each(PREFIXES)('%s/secrets', (prefix) => {
  it('creates in the shape of the document, and never answers the value', async () => {
    const answer = await request(tokens.get('admin') ?? '', 'POST', `${prefix}/secrets`, { name: `${name}_B`, value: VALUE, environment: 'production' })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { id: expect.stringMatching(/^secret-[0-9a-f]{12}$/) as string, name: `${name}_B`, environment: 'production', created_at: expect.stringMatching(ISO) as string, updated_at: expect.stringMatching(ISO) as string },
    ])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.text).not.toContain(VALUE)
    const [entry] = await audited(`${name}_B`)
    expect(entry).toEqual({
      id: expect.any(Number) as number, secret_name: `${name}_B`, operation: 'CREATE', requester_role: 'admin', requester: 'ada', agent_id: null, success: true, error_message: null,
      timestamp: expect.stringMatching(ISO) as string,
    })
  })

  it('lists masked for everybody who may list', async () => {
    for (const who of ['admin', 'owner', 'viewer'] as const) {
      const answer = await request(tokens.get(who) ?? '', 'GET', `${prefix}/secrets`)
      expect(answer.text).not.toContain(VALUE)
      const { secrets } = JSON.parse(answer.text) as { secrets: { id: string; value: string; is_masked: boolean }[] }
      expect(secrets.find(({ id }) => id === ids.production)).toMatchObject({ value: MASKED, is_masked: true })
    }
    const only = await as<{ secrets: { environment: string }[] }>('viewer', 'GET', `${prefix}/secrets?environment=staging`)
    expect(new Set(only.secrets.map(({ environment }) => environment))).toEqual(new Set(['staging']))
  })

  it('updates, deletes and takes back', async () => {
    const id = ids.staging
    expect(await as('admin', 'PUT', `${prefix}/secrets/${id}`, { value: OTHER_VALUE })).toMatchObject({ id, version: 2, agents: [] })
    expect(await as('admin', 'GET', `${prefix}/secrets/${id}?reveal=true`)).toMatchObject({ value: OTHER_VALUE, is_masked: false, version: 2 })
    expect(await as('admin', 'DELETE', `${prefix}/secrets/${id}`)).toEqual({})
    expectRefusal(await request(tokens.get('admin') ?? '', 'GET', `${prefix}/secrets/${id}?reveal=true`), 'NOT_FOUND')
    expectRefusal(await request(tokens.get('agent of staging') ?? '', 'GET', `${prefix}/secrets/${id}`), 'NOT_FOUND')
    expect(await as('admin', 'POST', `/api/secrets/${id}/restore`)).toMatchObject({ deleted_at: null })
    expect((await audited(name)).slice(0, 6).map(({ operation, success }) => `${operation}${success ? '' : ' !'}`)).toEqual(['RESTORE', 'READ !', 'REVEAL !', 'DELETE', 'REVEAL', 'UPDATE'])
  })

  it.each(ENVIRONMENTS)('gives one of %s masked, whole to whoever asks for it and may, and to nobody else', async (environment) => {
    const path = `${prefix}/secrets/${ids[environment]}`
    for (const who of ['admin', 'owner', 'viewer'] as const) {
      expect(await as(who, 'GET', path)).toMatchObject({ id: ids[environment], name, environment, value: MASKED, is_masked: true })
      expect(await newestRow(name)).toBe(`READ ${who === 'viewer' ? 'viewer vera' : who === 'admin' ? 'admin ada' : 'admin owner'}`)
    }
    for (const who of ['admin', 'owner'] as const) {
      expect(await as(who, 'GET', `${path}?reveal=true`)).toMatchObject({ value: VALUE, is_masked: false })
      expect(await newestRow(name)).toBe(`REVEAL admin ${who === 'admin' ? 'ada' : 'owner'}`)
    }
    const refused = await request(tokens.get('viewer') ?? '', 'GET', `${path}?reveal=true`)
    expectRefusal(refused, 'FORBIDDEN')
    expect(refused.text).not.toContain('sk-proj')
    expect(await newestRow(name)).toBe('DENY viewer vera !')
  })

  it.each(ENVIRONMENTS.flatMap((own) => ENVIRONMENTS.map((environment) => [own, environment] as const)))('gives an agent of %s what is of %s only where that is its own', async (own, environment) => {
    const who = `agent of ${own}` as const
    for (const query of ['', '?reveal=true']) {
      const path = `${prefix}/secrets/${ids[environment]}${query}`
      if (own === environment) {
        expect(await as(who, 'GET', path)).toMatchObject({ value: VALUE, is_masked: false })
        expect(await newestRow(name)).toBe(`READ agent ${agents.get(own)}`)
        continue
      }
      const answer = await request(tokens.get(who) ?? '', 'GET', path)
      expectRefusal(answer, 'FORBIDDEN')
      expect(answer.text).not.toContain('sk-proj')
      expect(await newestRow(name)).toBe(`DENY agent ${agents.get(own)} !`)
    }
  })

  it('answers the audit in the shape of the document, by name', async () => {
    const { entries } = await as<{ entries: SecretAuditEntry[] }>('viewer', 'GET', `${prefix}/secrets/audit?secret_name=${name}&limit=1`)
    expect(Object.keys(entries[0] ?? {}).sort()).toEqual(['agent_id', 'error_message', 'id', 'operation', 'requester', 'requester_role', 'secret_name', 'success', 'timestamp'])
    expect(entries).toHaveLength(1)
    expect((await as<{ entries: unknown[] }>('viewer', 'GET', `${prefix}/secrets/audit?secret_name=NO_SUCH_KEY`)).entries).toEqual([])
  })
})

/** What the contract asks of a caller; each is refused with a row, whatever environment it is about. */
const CHANGES = (id: string): [what: string, method: string, path: string, body?: unknown][] => [
  ['create', 'POST', '/secrets', { name: 'NEVER_MADE', value: OTHER_VALUE, environment: 'production' }],
  ['create', 'POST', '/api/secrets', { name: 'NEVER_MADE', value: OTHER_VALUE, environment: 'production' }],
  ['update', 'PUT', `/secrets/${id}`, { value: OTHER_VALUE }],
  ['update', 'PUT', `/api/secrets/${id}`, { value: OTHER_VALUE }],
  ['delete', 'DELETE', `/secrets/${id}`],
  ['delete', 'DELETE', `/api/secrets/${id}`],
  ['restore', 'POST', `/api/secrets/${id}/restore`],
  ['rollback', 'POST', `/api/secrets/${id}/rollback`, { version: 1 }],
  ['import', 'POST', '/api/secrets/import', { environment: 'production', format: 'env', text: `NEVER_MADE=${OTHER_VALUE}` }],
  ['export', 'POST', '/api/secrets/export', { environment: 'production', format: 'env', reason: 'because I say so' }],
]
const READS = (id: string): [what: string, method: string, path: string, body?: unknown][] => [
  ['get', 'GET', `/secrets/${id}`],
  ['get', 'GET', `/api/secrets/${id}?reveal=true`],
  ['list', 'GET', '/secrets'],
  ['list', 'GET', '/api/secrets?deleted=true'],
  ['versions', 'GET', `/api/secrets/${id}/versions`],
  ['audit', 'GET', '/secrets/audit'],
  ['audit', 'GET', '/api/secrets/audit?secret_name=x'],
]

async function refusals(): Promise<number> {
  const { entries } = await as<{ entries: SecretAuditEntry[] }>('admin', 'GET', '/secrets/audit?limit=500')
  return entries.filter(({ operation }) => operation === 'DENY').length
}

describe('who has no right', () => {
  it.each(['viewer', 'agent of development', 'agent of staging', 'agent of production'] as const)('is refused with a row in the audit, and nothing happens: %s', async (who) => {
    for (const environment of ENVIRONMENTS) {
      const isAgent = who !== 'viewer'
      // Agents read one at a time, and what is theirs.
      for (const [what, method, path, body] of [...CHANGES(ids[environment]), ...(isAgent ? READS(ids[environment]).filter(([what]) => what !== 'get') : [])]) {
        const before = (await audited('*')).length + (await audited(name)).length + (await audited('NEVER_MADE')).length
        const answer = await request(tokens.get(who) ?? '', method, path, body)
        expect([what, path, answer.status]).toEqual([what, path, 403])
        expectRefusal(answer, 'FORBIDDEN')
        for (const value of [VALUE, OTHER_VALUE]) expect(answer.text).not.toContain(value)
        const after = (await audited('*')).length + (await audited(name)).length + (await audited('NEVER_MADE')).length
        // The first ten of a kind have one each; then they are counted.
        if (environment === 'development') expect([what, path, after]).toEqual([what, path, before + 1])
      }
      expect(await as('admin', 'GET', `/secrets/${ids[environment]}?reveal=true`)).toMatchObject({ value: VALUE, version: 1, deleted_at: null })
    }
    expect((await as<{ secrets: { name: string }[] }>('admin', 'GET', '/secrets')).secrets.map((secret) => secret.name)).not.toContain('NEVER_MADE')
  })

  it('gets no other agent’s secrets, an admin neither', async () => {
    const path = `/api/agents/${agents.get('staging')}/secrets`
    for (const who of ['owner', 'admin', 'viewer', 'agent of development', 'agent of production'] as const) {
      expectRefusal(await request(tokens.get(who) ?? '', 'GET', path), 'FORBIDDEN')
      expect(await newestRow('*')).toMatch(/^DENY (?:admin|viewer|agent) \S+ !$/)
    }
    expect(await as('agent of staging', 'GET', path)).toEqual({ secrets: {}, generation: 0 })
  })

  it('exports nothing without the password, an admin neither', async () => {
    const body = { environment: 'staging', format: 'env', reason: 'moving on' }
    for (const password of [undefined, '', 'wrong', `${PASSWORD} `]) {
      const answer = await request(tokens.get('admin') ?? '', 'POST', '/api/secrets/export', { ...body, password })
      expectRefusal(answer, 'FORBIDDEN')
      expect(answer.text).not.toContain(PASSWORD)
    }
    expect(await newestRow('*')).toBe('DENY admin ada !')
    const { text } = await as<{ text: string }>('admin', 'POST', '/api/secrets/export', { ...body, password: PASSWORD })
    expect(text).toContain(`${name}=${VALUE}\n`)
    expect(await newestRow('*')).toBe('EXPORT admin ada, of staging: moving on')
  })
})

describe('who has no token, or one that opens nothing', () => {
  async function badTokens(): Promise<[what: string, token: string | null][]> {
    const key = new Uint8Array(hkdfSync('sha256', ownerToken, '', 'iron-cage session signing key, version 1', 32))
    const now = Math.floor(Date.now() / 1000)
    const signed = (changes: Record<string, unknown>): Promise<string> =>
      new SignJWT({ sub: 'owner', role: 'admin', jti: 'x', iss: 'iron-cage', aud: 'iron-cage/bearer', iat: now - 100, exp: now + 60, ...changes }).setProtectedHeader({ alg: 'HS256' }).sign(key)
    // This one would open the door: what follows differs from it in one thing each.
    expect((await request(await signed({}), 'GET', '/secrets')).status).toBe(200)
    const ended = await request(null, 'POST', '/api/auth/login', { username: 'ada', password: PASSWORD })
    const { token: revoked } = JSON.parse(ended.text) as { token: string }
    expect((await request(revoked, 'POST', '/api/auth/logout')).status).toBe(200)
    const made = await as<{ id: string; token: string }>('owner', 'POST', '/api/tokens', { label: 'invented', role: 'admin' })
    await as('owner', 'DELETE', `/api/tokens/${made.id}`)
    return [
      ['nothing', null],
      ['an empty token', ''],
      ['an expired token', await signed({ exp: now - 1 })],
      ['a cookie', await signed({ aud: 'iron-cage/session' })],
      ['a foreign issuer', await signed({ iss: 'another-room' })],
      ['a user who is not there', await signed({ sub: 'mallory' })],
      ['a revoked sign-in', revoked],
      ['a revoked API token', made.token],
      ['the master key', '0123456789abcdef'.repeat(4)],
      ['a secret', VALUE],
      ...forgeriesOf(tokens.get('admin') ?? '').map(([what, token]): [string, string] => [what, token]),
    ]
  }

  it('is refused on every address, with a row while there are few', async () => {
    const all = await badTokens()
    for (const [what, method, path, body] of [...CHANGES(ids.production), ...READS(ids.production), ['forAgent', 'GET', `/api/agents/${agents.get('production')}/secrets`] as const]) {
      const before = await refusals()
      for (const [kind, token] of all) {
        const answer = await request(token, method, path, body)
        expect([what, kind, answer.status]).toEqual([what, kind, 401])
        expectRefusal(answer, 'UNAUTHENTICATED')
      }
      // `create`, in its second spelling, is counted by now.
      if (!['/api/', '/secrets/audit'].some((begin) => path.startsWith(begin))) expect([path, (await refusals()) > before]).toEqual([path, true])
    }
    const { entries } = await as<{ entries: SecretAuditEntry[] }>('admin', 'GET', '/secrets/audit?limit=500')
    const strangers = entries.filter(({ requester_role: role }) => role === 'nobody')
    expect(new Set(strangers.map(({ operation, success }) => `${operation} ${success}`))).toEqual(new Set(['DENY false']))
    expect(new Set(strangers.map(({ error_message: message }) => /^"([\w.]+)"/.exec(message ?? '')?.[1]))).toEqual(
      new Set(['create', 'update', 'delete', 'restore', 'rollback', 'import', 'export', 'get', 'list', 'versions', 'audit', 'forAgent'].map((command) => `secret.${command}`)),
    )
    for (const [, token] of all) if (token) expect(JSON.stringify(strangers)).not.toContain(token)
  })

  it('is refused with a token in the address too, and the address is in no answer and no log', async () => {
    const marker = 'token-in-an-address-1Q2w3E'
    for (const query of [`token=${marker}`, `access_token=${marker}`, `authorization=Bearer%20${marker}`, `value=${marker}`]) {
      const answer = await request(null, 'GET', `/secrets?${query}`)
      expectRefusal(answer, 'UNAUTHENTICATED')
      expect(answer.text).not.toContain(marker)
    }
    const admitted = await request(null, 'GET', `/secrets?token=${tokens.get('admin')}`)
    expectRefusal(admitted, 'UNAUTHENTICATED')
    await room.log.flush()
    const { entries } = await as<{ entries: SecretAuditEntry[] }>('admin', 'GET', '/secrets/audit?limit=500')
    expect(JSON.stringify(entries)).not.toContain(marker)
    expect(searchFolder(join(folder, 'data'), { marker })).toEqual([])
  })

  it('is refused from a foreign page with an admin’s token, with a row', async () => {
    const answer = await request(tokens.get('admin') ?? '', 'GET', `/secrets/${ids.staging}`, undefined, { headers: { origin: 'https://evil.example' } })
    expectRefusal(answer, 'FORBIDDEN')
    expect(await newestRow(name)).toBe('DENY nobody nobody !')
  })
})
