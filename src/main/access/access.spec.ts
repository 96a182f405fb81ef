import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Access } from '../controlRoom.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import { systemRandom } from '../systemPorts.ts'
import { OWNER_TOKEN_FILE } from './ownerToken.ts'
import { createSessionTokens } from './sessionTokens.ts'
import { createTestAccess } from './testAccess.ts'
import { createTestClock } from './testClock.ts'

let dataFolder: string
let stateFolder: string
let state: State
const clock = createTestClock()
const runs = new Map([['token-of-a-run', 'lg-7a3f9c2d']])

const open = async (): Promise<Access> =>
  (await createTestAccess({ dataFolder, state, clock, agentIdOfRunToken: (token) => runs.get(token) ?? null })).access

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'iron-cage-access-'))
  stateFolder = await mkdtemp(join(tmpdir(), 'iron-cage-access-state-'))
  state = await openState({ dataFolder: stateFolder, clock })
})
afterEach(async () => {
  await state.close()
  for (const folder of [dataFolder, stateFolder]) await rm(folder, { recursive: true, force: true })
})

describe('access', () => {
  it('knows the owner by the token in the data folder', async () => {
    const access = await open()
    const token = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
    expect(await access.fromBearer(token)).toEqual({ role: 'admin', id: 'owner' })
    expect(await (await open()).fromBearer(token)).toEqual({ role: 'admin', id: 'owner' })
  })

  it('knows an agent by the token of its run', async () => {
    expect(await (await open()).fromBearer('token-of-a-run')).toEqual({ role: 'agent', id: 'lg-7a3f9c2d' })
  })

  it('knows nobody else', async () => {
    const access = await open()
    const token = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
    const strangers = ['', ' ', token.slice(1), token.toUpperCase(), `${token}0`, 'owner', 'token-of-another-run', 'x'.repeat(100_000)]
    expect(await Promise.all(strangers.map((stranger) => access.fromBearer(stranger)))).toEqual(strangers.map(() => null))
  })

  it('turns a code into a session that another start of the room still knows', async () => {
    const access = await open()
    const redeemed = await access.redeemCode(access.createCode())
    expect(redeemed?.maxAgeSeconds).toBe(12 * 60 * 60)
    expect(await (await open()).fromSession(redeemed!.session)).toEqual({ role: 'admin', id: 'owner' })
  })

  it('takes a code once, and none that it did not make', async () => {
    const access = await open()
    const code = access.createCode()
    expect(await (await open()).redeemCode(code)).toBeNull()
    expect(await access.redeemCode(code)).not.toBeNull()
    expect(await access.redeemCode(code)).toBeNull()
    expect(await access.redeemCode('')).toBeNull()
  })

  it('keeps token, session and code apart: none opens the door of another', async () => {
    const access = await open()
    const token = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
    const code = access.createCode()
    const { session } = (await access.redeemCode(access.createCode()))!
    expect([await access.fromBearer(session), await access.fromBearer(code)]).toEqual([null, null])
    expect([await access.fromSession(token), await access.fromSession(code)]).toEqual([null, null])
    expect([await access.redeemCode(token), await access.redeemCode(session)]).toEqual([null, null])
  })

  it('lets nobody in without an account but the owner, whoever signed for it', async () => {
    const access = await open()
    const token = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
    const tokens = createSessionTokens(token, { clock, random: systemRandom })
    const sign = (id: string, stamp: string | null): Promise<string> => tokens.sign(tokens.begin({ role: 'admin', id }, stamp), 'cookie')
    expect(await access.fromSession(await sign('owner', null))).toEqual({ role: 'admin', id: 'owner' })
    for (const session of [await sign('guest', null), await sign('guest', 'stamp'), await sign('owner', 'stamp')]) expect(await access.fromSession(session)).toBeNull()
  })

  it('writes neither code nor session to disk', async () => {
    const access = await open()
    await access.redeemCode(access.createCode())
    expect(await readdir(dataFolder)).toEqual([OWNER_TOKEN_FILE])
  })
})
