import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AgentStatus } from '../../shared/domain/agent.ts'
import type { Access } from '../controlRoom.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import { looking } from '../state/testDatabase.ts'
import type { ApiTokens } from './apiTokens.ts'
import { createTestAccess } from './testAccess.ts'
import { createTestClock, type TestClock } from './testClock.ts'

const AGENT = 'lg-7a3f9c2d'
let folder: string
let state: State
let clock: TestClock
let access: Access
let apiTokens: ApiTokens
let status: AgentStatus | null

async function open(): Promise<void> {
  state = await openState({ dataFolder: join(folder, 'state'), clock })
  ;({ access, apiTokens } = await createTestAccess({ dataFolder: folder, state, clock, statusOf: (agentId) => (agentId === AGENT ? status : null) }))
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'iron-cage-tokens-'))
  clock = createTestClock()
  status = 'running'
  await open()
})
afterEach(async () => {
  await state.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('an API token', () => {
  it('is ic_ and 256 bits, another one each time, and known as what it was made for, also after a restart', async () => {
    const made = [
      await apiTokens.create({ label: 'deploys', role: 'admin', agentId: null }),
      await apiTokens.create({ label: 'dashboard', role: 'viewer', agentId: null }),
      await apiTokens.create({ label: 'one agent', role: 'agent', agentId: AGENT }),
    ]
    for (const { token } of made) expect(Buffer.from(/^ic_([\w-]{43})$/.exec(token)?.[1] ?? '', 'base64url')).toHaveLength(32)
    expect(new Set(made.map(({ token }) => token)).size).toBe(3)
    await state.close()
    await open()
    expect(await Promise.all(made.map(({ token }) => access.fromBearer(token)))).toEqual([
      { role: 'admin', id: made[0]!.id },
      { role: 'viewer', id: made[1]!.id },
      { role: 'agent', id: AGENT },
    ])
  })

  it('is kept as its SHA-256 alone: nowhere in the data folder does it stand itself', async () => {
    const { token, id } = await apiTokens.create({ label: 'dashboard', role: 'viewer', agentId: null })
    const file = join(folder, 'state', 'control-room.db')
    const row = looking(file, (database) => database.prepare('SELECT * FROM api_tokens WHERE id = ?').get(id))
    expect(row).toMatchObject({ token_hash: createHash('sha256').update(token).digest('hex') })
    for (const name of readdirSync(join(folder, 'state'))) expect(readFileSync(join(folder, 'state', name)).includes(token.slice(3))).toBe(false)
  })

  it('is listed without what opens the door', async () => {
    const { token, ...rest } = await apiTokens.create({ label: 'dashboard', role: 'viewer', agentId: null })
    expect(await apiTokens.list()).toEqual([rest])
    expect(JSON.stringify(await apiTokens.list())).not.toContain(token)
  })

  it('that is altered, half or its own hash opens nothing', async () => {
    const { token, id } = await apiTokens.create({ label: 'dashboard', role: 'admin', agentId: null })
    const last = token.at(-1) === 'A' ? 'B' : 'A'
    const wrong = [token.slice(0, -1), token.slice(0, -1) + last, token.slice(3), `${token}A`, token.toUpperCase(), id, createHash('sha256').update(token).digest('hex'), 'ic_', `ic_${'A'.repeat(43)}`]
    expect(await Promise.all(wrong.map((one) => access.fromBearer(one)))).toEqual(wrong.map(() => null))
    expect(await access.fromSession(token)).toBeNull()
  })

  it('opens nothing from the moment it is revoked, and is revoked once', async () => {
    const { token, id } = await apiTokens.create({ label: 'dashboard', role: 'admin', agentId: null })
    let isTold = false
    access.onEnded(async () => {
      isTold = true
    })
    await apiTokens.revoke(id)
    expect([isTold, await access.fromBearer(token), await apiTokens.list()]).toEqual([true, null, []])
    await expect(apiTokens.revoke(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(apiTokens.revoke('token-000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('shows when it was used last, written down once a minute at most', async () => {
    const { token } = await apiTokens.create({ label: 'dashboard', role: 'viewer', agentId: null })
    const used = async (): Promise<number | null | undefined> => (await apiTokens.list())[0]?.lastUsedAt
    expect(await used()).toBeNull()
    await access.fromBearer(token)
    const first = clock.now()
    clock.advance(59_999)
    await access.fromBearer(token)
    expect(await used()).toBe(first)
    clock.advance(1)
    await access.fromBearer(token)
    expect(await used()).toBe(first + 60_000)
  })
})

describe('an API token of an agent', () => {
  it('opens while the agent runs, and not before, after, or when it is gone', async () => {
    const { token } = await apiTokens.create({ label: 'one agent', role: 'agent', agentId: AGENT })
    const statuses: (AgentStatus | null)[] = ['starting', 'running', 'stopping', 'stopped', 'crashed', 'blocked', 'over-budget', null]
    const opened: unknown[] = []
    for (const one of statuses) {
      status = one
      opened.push((await access.fromBearer(token))?.id ?? null)
    }
    expect(opened).toEqual([AGENT, AGENT, AGENT, null, null, null, null, null])
  })

  it('is for an agent that is there, and for nobody else', async () => {
    await expect(apiTokens.create({ label: 'x', role: 'agent', agentId: null })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(apiTokens.create({ label: 'x', role: 'admin', agentId: AGENT })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(apiTokens.create({ label: 'x', role: 'agent', agentId: 'zz-00000000' })).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
    expect(await apiTokens.list()).toEqual([])
  })
})
