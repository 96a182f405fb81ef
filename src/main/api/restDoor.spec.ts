import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commands } from '../../shared/contract/contract.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import type { Caller, LeastRole, Role } from '../../shared/domain/roles.ts'
import { AppError, ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts'
import { openApi, type Api } from './openApi.ts'
import { restRoutes } from './restRoutes.ts'
import { ask, type Answer, type Ask } from './testHttp.ts'
import { AGENT_ID, createTestRoom, RUN_TOKEN, type TestRoom } from './testRoom.ts'
import { expectRefusal } from './testShapes.ts'

const AGENT = sampleAgent({ id: AGENT_ID })

let test: TestRoom
let api: Api
let seen: { input: unknown; caller: Caller }[]
let fail: () => never

beforeAll(async () => {
  const keep = <T>(output: T) => (input: unknown, caller: Caller): T => {
    seen.push({ input, caller })
    return output
  }
  test = await createTestRoom({
    commandHandlers: {
      'agent.status': keep(AGENT),
      'agent.stop': keep(AGENT),
      'agent.start': keep(AGENT),
      'event.list': keep({ events: [], latest: 7, resynchronise: false }),
      'checkpoint.save': keep({ savedAt: 5, bytes: 2 }),
      'launch.upload': keep({ script: '/invented/agent.py' }),
      'agent.remove': keep({ secret: 'undeclared' } as never),
      'agent.list': () => fail(),
      'cost.export': keep('at,amount_usd\r\n2026-11-21T14:00:00.000Z,"0.03"\r\n'),
    },
  })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3' })
})
beforeEach(() => {
  seen = []
})
afterAll(async () => {
  await api.close()
  await test.remove()
})

const asOwner = (path: string, { headers, ...rest }: Ask = {}): Promise<Answer> =>
  ask(api.port, path, { ...rest, headers: { authorization: `Bearer ${test.ownerToken}`, ...headers } })

describe('a command over REST', () => {
  it('is answered with its output, and with nothing undeclared', async () => {
    const answer = await asOwner(`/api/agents/${AGENT_ID}/status`)
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, AGENT])
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    expect((await asOwner(`/api/agents/${AGENT_ID}`, { method: 'DELETE' })).text).toBe('{}')
  })

  it('has its further spellings at the root', async () => {
    expect(JSON.parse((await asOwner(`/agent/${AGENT_ID}/status`)).text)).toEqual(AGENT)
    expect((await asOwner(`/agent/${AGENT_ID}/stop`, { method: 'POST' })).status).toBe(200)
    expect(seen.map((one) => one.input)).toEqual([{ agentId: AGENT_ID }, { agentId: AGENT_ID }])
  })

  it('gets its input from path, query and body, and who asks from the token alone', async () => {
    await asOwner('/api/events?after=3&limit=10')
    await asOwner('/api/agents', { method: 'POST', body: { script: 'agent.py', args: ['a'] } })
    await ask(api.port, `/api/agents/${AGENT_ID}/checkpoint`, {
      method: 'PUT',
      headers: { authorization: `bearer ${RUN_TOKEN}` },
      body: { document: { step: [1, null] } },
    })
    expect(seen).toEqual([
      { input: { after: 3, limit: 10 }, caller: { role: 'admin', id: 'owner' } },
      { input: { script: 'agent.py', args: ['a'] }, caller: { role: 'admin', id: 'owner' } },
      { input: { agentId: AGENT_ID, document: { step: [1, null] } }, caller: { role: 'agent', id: AGENT_ID } },
    ])
  })

  it('needs no body where it needs no input, with or without a content type', async () => {
    const path = `/api/agents/${AGENT_ID}/stop`
    expect((await asOwner(path, { method: 'POST' })).status).toBe(200)
    expect((await asOwner(path, { method: 'POST', body: '' })).status).toBe(200)
    expect((await asOwner(path, { method: 'POST', body: {} })).status).toBe(200)
  })

  it('answers a HEAD as a GET without its body', async () => {
    const answer = await asOwner(`/api/agents/${AGENT_ID}/status`, { method: 'HEAD' })
    expect([answer.status, answer.text]).toEqual([200, ''])
  })
})

describe('a command whose answer is no JSON', () => {
  const TEXT = 'at,amount_usd\r\n2026-11-21T14:00:00.000Z,"0.03"\r\n'

  it('is answered with its text as it is, as a file to be saved', async () => {
    const answer = await asOwner('/api/costs/export?from=5&until=7')
    expect([answer.status, answer.text]).toEqual([200, TEXT])
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="costs.csv"',
      'content-length': String(Buffer.byteLength(TEXT)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(seen).toMatchObject([{ input: { from: 5, until: 7 } }])
  })

  it('is refused in JSON like any other', async () => {
    expectRefusal(await asOwner('/api/costs/export?from=yesterday'), 'INVALID_INPUT')
    expectRefusal(await ask(api.port, '/api/costs/export'), 'UNAUTHENTICATED')
    expect(seen).toEqual([])
  })
})

describe('an input over REST', () => {
  it.each([
    ['an agent id that is none', 'GET', '/api/agents/nobody/status', undefined],
    ['an agent id with a way out', 'GET', '/api/agents/..%2f..%2fetc/status', undefined],
    ['an agent id with NUL in it', 'GET', `/api/agents/${AGENT_ID}%00/status`, undefined],
    ['an unknown key in the query', 'GET', '/api/events?role=admin', undefined],
    ['a number that is none', 'GET', '/api/events?after=abc', undefined],
    ['a number out of range', 'GET', '/api/events?limit=5001', undefined],
    ['a negative number', 'GET', '/api/events?after=-1', undefined],
    ['a key twice', 'GET', '/api/events?after=1&after=2', undefined],
    ['a prototype in the query', 'GET', '/api/events?__proto__=1&constructor=2', undefined],
    ['an unknown key in the body', 'POST', '/api/agents', { script: 'a.py', caller: { role: 'admin' } }],
    ['a prototype in the body', 'POST', '/api/agents', '{"script":"a.py","__proto__":{"x":1}}'],
    ['a body without what it needs', 'POST', '/api/agents', {}],
    ['a body that is a list', 'POST', '/api/agents', []],
    ['a body that is null', 'POST', '/api/agents', 'null'],
    ['a body that is no JSON', 'POST', '/api/agents', '{"script":'],
    ['a body that is nested without end', 'POST', '/api/agents', '['.repeat(500_000)],
    ['a body that contradicts the path', 'POST', `/api/agents/${AGENT_ID}/stop`, { agentId: 'ot-00000001' }],
  ])('with %s is refused, and no handler hears of it', async (_what, method, path, body) => {
    expectRefusal(await asOwner(path, { method, body }), 'INVALID_INPUT')
    expect(seen).toEqual([])
    expect(test.defects).toEqual([])
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'application/xml', 'x', ''])(
    'in the content type %j is refused: a form of a foreign page can send no JSON',
    async (type) => {
      const answer = await asOwner('/api/agents', { method: 'POST', body: { script: 'a.py' }, headers: { 'content-type': type } })
      expectRefusal(answer, 'INVALID_INPUT', 415)
      expect(seen).toEqual([])
    },
  )

  it('may say its character set', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect((await asOwner('/api/agents', { method: 'POST', body: { script: 'ä.py' }, headers })).status).toBe(200)
    expect(seen[0]!.input).toEqual({ script: 'ä.py' })
  })

  it('larger than two megabytes is refused, before it is read where it says so', async () => {
    const large = JSON.stringify({ script: 'x'.repeat(2_000_001) })
    expectRefusal(await asOwner('/api/agents', { method: 'POST', body: large }), 'TOO_LARGE')
    const chunked = await asOwner('/api/agents', { method: 'POST', body: large, headers: { 'content-length': null, 'transfer-encoding': 'chunked' } })
    expectRefusal(chunked, 'TOO_LARGE')
    expect(seen).toEqual([])
  })

  it('may be larger where the contract says so', async () => {
    const contentBase64 = 'QUJD'.repeat(1_000_000)
    const body = { files: [{ name: 'agent.py', contentBase64 }] }
    expect((await asOwner('/api/launch/upload', { method: 'POST', body })).status).toBe(200)
    expect(seen[0]!.input).toEqual(body)
  })
})

describe('an address', () => {
  it.each(['/api', '/api/', '/api/agents/', '/api/AGENTS', '/api//agents', `/agent/${AGENT_ID}/restart`, '/agents', '/ws', '/api/ws'])(
    '%s that is none is said to be none',
    async (path) => {
      expectRefusal(await asOwner(path), 'NOT_FOUND')
    },
  )

  it.each([
    ['DELETE', '/api/agents', 'GET, POST'],
    ['GET', `/agent/${AGENT_ID}/stop`, 'POST'],
    ['OPTIONS', '/api/agents', 'GET, POST'],
    ['PUT', `/api/agents/${AGENT_ID}`, 'DELETE'],
  ])('%s %s says which methods it has', async (method, path, allow) => {
    const answer = await asOwner(path, { method })
    expectRefusal(answer, 'NOT_FOUND', 405)
    expect(answer.headers['allow']).toBe(allow)
  })
})

describe('what goes wrong behind REST', () => {
  it.each(Object.keys(ERROR_STATUS) as ErrorCode[])('%s has its status', async (code) => {
    fail = () => { throw new AppError(code, 'It was refused.', { why: ['invented'] }) }
    expect(expectRefusal(await asOwner('/api/agents'), code).details).toEqual({ why: ['invented'] })
  })

  it('is an incident when nobody meant it, and tells nothing else', async () => {
    fail = () => { throw new TypeError('secret detail at /invented/path.ts:7:1') }
    const error = expectRefusal(await asOwner('/api/agents'), 'INTERNAL')
    expect(error).toEqual({
      code: 'INTERNAL',
      message: 'Something went wrong inside the control room. The log has it as incident incident-1.',
      details: { incident: 'incident-1' },
    })
  })
})

const CALLERS: [Role, () => string][] = [
  ['admin', () => test.ownerToken],
  ['viewer', () => test.viewerToken],
  ['agent', () => RUN_TOKEN],
]
const COVERED: Record<Role, readonly LeastRole[]> = { admin: ['admin', 'viewer', 'agent', 'anyone'], viewer: ['viewer', 'anyone'], agent: ['agent', 'anyone'] }

describe.each(restRoutes().map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_name, route) => {
  it.each(CALLERS)('asks for the right of a caller who is %s before anything else', async (role, token) => {
    // An undeclared key is refused by every command, but only after the right is known.
    const path = `${route.path.replace(':agentId', AGENT_ID)}?undeclared=1`
    const answer = await ask(api.port, path, { method: route.method, headers: { authorization: `Bearer ${token()}` } })
    const isCovered = COVERED[role].includes(commands[route.name].least)
    expectRefusal(answer, isCovered ? 'INVALID_INPUT' : 'FORBIDDEN')
    expect(seen).toEqual([])
  })
})
