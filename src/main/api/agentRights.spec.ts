import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StreamItem } from '../../shared/contract/contract.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import { OWNER_TOKEN_FILE } from '../access/ownerToken.ts'
import { composeControlRoom } from '../compose.ts'
import type { ControlRoom } from '../controlRoom.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { openApi, type Api } from './openApi.ts'
import { ask, type Answer, type Ask } from './testHttp.ts'
import { expectRefusal } from './testShapes.ts'

/** Two agents that run, in a real room, each with the token that its process was given. */
interface Running {
  readonly id: AgentId
  readonly token: string
}

let folder: string
let room: ControlRoom
let api: Api
let owner: string
let one: Running
let other: Running
let apiTokenOfOther: string

const asBearer = (token: string, path: string, options: Ask = {}): Promise<Answer> =>
  ask(api.port, path, { ...options, headers: { authorization: `Bearer ${token}` } })

async function start(script: string): Promise<Running> {
  const answer = await asBearer(owner, '/api/agents', { method: 'POST', body: { script, budget: '$1' } })
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)])
  const { id } = JSON.parse(answer.text) as { id: AgentId }
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
  // Its terminal would not show it.
  const token = await readFile(join(folder, `token-of-${id}`), 'utf8')
  return { id, token }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iron-cage-rights-'))
  const script = join(folder, 'patient_agent.mjs')
  const text = `
    import { writeFileSync } from 'node:fs'
    const { IRON_CAGE_RUN_TOKEN: token, IRON_CAGE_AGENT_ID: id } = process.env
    writeFileSync(\`${folder}/token-of-\${id}\`, token)
    console.log('ready')
    setInterval(() => {}, 1000)`
  await writeFile(script, text)
  const dataFolder = join(folder, 'data')
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder,
    host: 'terminal',
    version: '1.2.3',
    environment: { PATH: process.env['PATH'], HOME: folder },
    onStopRequested: () => {},
  })
  api = await openApi(room, { port: 0, rendererFolder: null, version: '1.2.3' })
  owner = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
  one = await start(script)
  other = await start(script)
})
afterAll(async () => {
  await api.close()
  await room.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('an agent with the token of its run', () => {
  it('saves and loads its own checkpoint', async () => {
    expect((await asBearer(one.token, `/api/agents/${one.id}/checkpoint`, { method: 'PUT', body: { document: { lead: 23 } } })).status).toBe(200)
    const loaded = JSON.parse((await asBearer(one.token, `/api/agents/${one.id}/checkpoint`)).text) as { document: unknown }
    expect(loaded.document).toEqual({ lead: 23 })
  })

  it("reaches no other agent's, to read or to write", async () => {
    const path = `/api/agents/${other.id}/checkpoint`
    expectRefusal(await asBearer(one.token, path), 'FORBIDDEN')
    expectRefusal(await asBearer(one.token, path, { method: 'PUT', body: { document: 'mine now' } }), 'FORBIDDEN')
    expect(JSON.parse((await asBearer(other.token, path)).text)).toEqual({ document: null, savedAt: null })
  })

  it('tells its own progress, which its budget shows, and nobody else’s', async () => {
    const progress = { done: 23, total: 100, unit: 'lead' }
    expect((await asBearer(one.token, `/api/agents/${one.id}/progress`, { method: 'PUT', body: progress })).status).toBe(200)
    expectRefusal(await asBearer(one.token, `/api/agents/${other.id}/progress`, { method: 'PUT', body: progress }), 'FORBIDDEN')
    const metrics = JSON.parse((await asBearer(owner, `/api/agents/${one.id}/metrics`)).text) as { budget: unknown; formatted: unknown }
    expect(metrics).toMatchObject({
      status: 'running',
      budget: { limit: 1_000_000_000, spent: 0, progress: { ...progress, failed: 0 }, unit: 'lead' },
      formatted: { spent: '$0.00', limit: '$1.00', used: '0.0%', average: '$0.00 avg/lead' },
    })
    const others = JSON.parse((await asBearer(owner, `/api/agents/${other.id}/budget`)).text) as { progress: unknown }
    expect(others.progress).toBeNull()
  })

  it('does not raise its own budget', async () => {
    expectRefusal(await asBearer(one.token, `/api/agents/${one.id}/budget`, { method: 'POST', body: { by: 1, reason: 'More, please.' } }), 'FORBIDDEN')
  })

  it('neither sees, starts nor stops anything', async () => {
    for (const path of ['/api/agents', `/api/agents/${one.id}/status`, `/agent/${one.id}/status`, '/api/events', '/api/identity', '/api/configuration']) {
      expectRefusal(await asBearer(one.token, path), 'FORBIDDEN')
    }
    for (const path of ['/api/agents', `/api/agents/${one.id}/stop`, `/api/agents/${other.id}/stop`, '/api/link', '/api/stop']) {
      expectRefusal(await asBearer(one.token, path, { method: 'POST', body: path === '/api/agents' ? { script: 'x' } : {} }), 'FORBIDDEN')
    }
  })

  it('may be stood in for by an API token of its own, while it runs', async () => {
    const made = await asBearer(owner, '/api/tokens', { method: 'POST', body: { label: 'invented', role: 'agent', agentId: other.id } })
    const { token } = JSON.parse(made.text) as { token: string }
    expect((await asBearer(token, `/api/agents/${other.id}/checkpoint`)).status).toBe(200)
    expectRefusal(await asBearer(token, `/api/agents/${one.id}/checkpoint`), 'FORBIDDEN')
    expectRefusal(await asBearer(token, '/api/agents'), 'FORBIDDEN')
    apiTokenOfOther = token
  })

  it('is nobody any more once its run has ended', async () => {
    expect((await asBearer(owner, `/api/agents/${other.id}/stop`, { method: 'POST' })).status).toBe(200)
    for (const token of [other.token, apiTokenOfOther]) expectRefusal(await asBearer(token, `/api/agents/${other.id}/checkpoint`), 'UNAUTHENTICATED')
  })
})

it('The label of an API token is kept without what is private in it', async () => {
  await asBearer(owner, '/api/tokens', { method: 'POST', body: { label: 'for ceo@acme.com', role: 'viewer' } })
  const { tokens } = JSON.parse((await asBearer(owner, '/api/tokens')).text) as { tokens: { label: string }[] }
  expect(tokens.map(({ label }) => label)).toContain('for [EMAIL_REDACTED]')
})

describe('a viewer who has signed in', () => {
  it('sees the whole room and changes nothing of it', async () => {
    const password = 'an invented password'
    expect((await asBearer(owner, '/api/users', { method: 'POST', body: { name: 'ada', role: 'viewer', password } })).status).toBe(200)
    const signedIn = await ask(api.port, '/api/auth/login', { method: 'POST', body: { username: 'ada', password } })
    const { token } = JSON.parse(signedIn.text) as { token: string }
    for (const path of ['/api/agents', `/api/agents/${one.id}/status`, `/api/agents/${one.id}/budget`, '/api/events', '/api/identity', '/api/costs?by=agent', '/api/calls', '/api/safety', '/api/secrets']) {
      expect([path, (await asBearer(token, path)).status]).toEqual([path, 200])
    }
    const changes: [string, string, unknown][] = [
      ['POST', '/api/agents', { script: 'x' }],
      ['POST', `/api/agents/${one.id}/stop`, {}],
      ['POST', `/api/agents/${one.id}/budget`, { by: 1, reason: 'More, please.' }],
      ['POST', '/api/users', { name: 'mary', role: 'admin', password }],
      ['PUT', '/api/users/ada/password', { password }],
      ['POST', '/api/tokens', { label: 'mine', role: 'admin' }],
      ['POST', '/api/secrets', { name: 'A_KEY', value: 'x', environment: 'development' }],
      ['POST', '/api/link', {}],
      ['POST', '/api/stop', {}],
    ]
    for (const [method, path, body] of changes) expectRefusal(await asBearer(token, path, { method, body }), 'FORBIDDEN')
    await expect(Promise.resolve(room.router.request('terminal.write', { agentId: one.id, data: 'x' }, { role: 'viewer', id: 'ada' }))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('an admin who is not the owner of the machine', () => {
  it('makes no link that signs in as the owner: that would outlive its account and need no password', async () => {
    const password = 'an invented password'
    await asBearer(owner, '/api/users', { method: 'POST', body: { name: 'grace', role: 'admin', password } })
    const signedIn = await ask(api.port, '/api/auth/login', { method: 'POST', body: { username: 'grace', password } })
    const made = await asBearer(owner, '/api/tokens', { method: 'POST', body: { label: 'invented', role: 'admin' } })
    for (const { text } of [signedIn, made]) {
      const { token } = JSON.parse(text) as { token: string }
      expect((await asBearer(token, '/api/users')).status).toBe(200)
      expectRefusal(await asBearer(token, '/api/link', { method: 'POST', body: {} }), 'FORBIDDEN')
    }
    expect((await asBearer(owner, '/api/link', { method: 'POST', body: {} })).status).toBe(200)
  })
})
