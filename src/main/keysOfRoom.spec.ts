import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openApi, type Api } from './api/openApi.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import type { Agent } from '../shared/domain/agent.ts'
import { isSettled } from '../shared/domain/agentStatus.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const PASSPHRASE = 'an invented passphrase'
const STAGE = 'an invented stage'
const VALUE = 'invented-value-0123456789'
const AGENT = 'import os, sys\nprint("has", sorted(name for name in os.environ if name.endswith("_KEY")), flush=True)\nsys.stdin.readline()\n'

let folder: TestFolder
let room: ControlRoom
let api: Api | null

async function openRoom(environment: Record<string, string> = {}): Promise<ControlRoom> {
  return composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, 'data'),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path, ...environment },
    onStopRequested: () => undefined,
  })
}

beforeEach(async () => {
  folder = createTestFolder()
  api = null
  room = await openRoom()
})
afterEach(async () => {
  await api?.close()
  await room.stop()
  folder.remove()
})

const ask = (name: string, input: unknown = {}): Promise<Record<string, unknown>> => room.router.request(name, input, OWNER) as Promise<Record<string, unknown>>
const refusal = (name: string, input: unknown): Promise<unknown> => ask(name, input).then(() => 'done', (problem: { code: string }) => problem.code)

async function settled(agentId: string): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const look = async (): Promise<void> => {
    if (isSettled(((await ask('agent.status', { agentId })) as unknown as Agent).status)) ended.resolve()
  }
  const stop = room.bus.listen(() => void look().catch(ended.reject))
  await look()
  await ended.promise
  stop()
}

describe('a room without a key', () => {
  it('gets one while it runs: secrets, audits, checkpoints and plans go on with it, and the next start too', async () => {
    expect(await ask('keys.status')).toMatchObject({ state: 'missing', ways: { keychain: false, passphrase: true } })
    expect(await refusal('secret.create', { name: 'FIRST_KEY', value: VALUE, environment: 'development' })).toBe('UNAVAILABLE')
    const script = folder.write('agent.sh', '#!/bin/sh\nread _\n', 0o755)
    const { id: agentId } = await ask('agent.start', { script, variables: { INVENTED_TOKEN: VALUE } })
    await ask('agent.stop', { agentId })
    await settled(agentId as string)

    expect(await ask('keys.create', { way: 'passphrase', passphrase: PASSPHRASE })).toMatchObject({ state: 'open', source: 'file' })
    const { id: secretId } = await ask('secret.create', { name: 'FIRST_KEY', value: VALUE, environment: 'development' })
    expect(await ask('secret.get', { secretId, reveal: true })).toMatchObject({ value: VALUE })
    expect(await ask('audit.verify')).toMatchObject({ firstBad: null })
    await room.stop()

    room = await openRoom()
    expect(await ask('keys.status')).toMatchObject({ state: 'locked', sentence: expect.stringContaining('sealed with a passphrase') as string })
    expect(await refusal('secret.get', { secretId, reveal: true })).toBe('UNAVAILABLE')
    // Its plan is private, and sealed.
    expect(await refusal('agent.restart', { agentId })).toBe('CONFLICT')
    expect(await refusal('keys.unlock', { passphrase: 'another invented one' })).toBe('FORBIDDEN')
    await ask('keys.unlock', { passphrase: PASSPHRASE })
    expect(await ask('secret.get', { secretId, reveal: true })).toMatchObject({ value: VALUE })
    expect(await ask('agent.restart', { agentId })).toMatchObject({ id: agentId })
    await ask('agent.stop', { agentId })
    expect(await ask('audit.verify')).toMatchObject({ firstBad: null })
    await room.stop()

    room = await openRoom({ IRON_SECRETS_PASSPHRASE: PASSPHRASE })
    expect(await ask('keys.status')).toMatchObject({ state: 'open' })
    expect(await ask('audit.verify')).toMatchObject({ firstBad: null })
  })

  it('starts agents that need no secrets, and none that does', async () => {
    const script = folder.write('agent.sh', '#!/bin/sh\nexit 0\n', 0o755)
    expect(await ask('agent.start', { script })).toMatchObject({ plan: { environment: 'development' } })
    folder.write('agent.yaml', 'secrets: [FIRST_KEY]\n')
    const named = folder.write('named.sh', '#!/bin/sh\nexit 0\n', 0o755)
    expect(await refusal('agent.start', { script: named, config: join(folder.path, 'agent.yaml') })).toBe('UNAVAILABLE')
    const { agents } = (await ask('agent.list')) as unknown as { agents: Agent[] }
    expect(agents).toHaveLength(1)
  })
})

describe('the stage', () => {
  it('locks secrets for every caller and door with 423 and in the audit, agents keep theirs, and no restart opens it', async () => {
    await ask('keys.create', { way: 'passphrase', passphrase: PASSPHRASE })
    const { id: secretId } = await ask('secret.create', { name: 'FIRST_KEY', value: VALUE, environment: 'development' })
    await ask('secret.update', { secretId, value: `${VALUE}-2` })
    const { id: deletedId } = await ask('secret.create', { name: 'SECOND_KEY', value: VALUE, environment: 'development' })
    await ask('secret.delete', { secretId: deletedId })
    expect(await refusal('stage.lock', {})).toBe('INVALID_INPUT')
    expect(await ask('stage.lock', { password: STAGE })).toMatchObject({ locked: true, lockedBy: 'owner', canUnlock: true, opensWith: 'stage-password' })

    const refused: readonly (readonly [string, Record<string, unknown>])[] = [
      ['secret.create', { name: 'THIRD_KEY', value: VALUE, environment: 'development' }],
      ['secret.get', { secretId, reveal: true }],
      ['secret.update', { secretId, value: 'x' }],
      ['secret.update', { secretId, value: 'x', probe: true }],
      ['secret.delete', { secretId }],
      ['secret.restore', { secretId: deletedId }],
      ['secret.rollback', { secretId, version: 1 }],
      ['secret.import', { environment: 'development', format: 'env', text: 'THIRD_KEY=x' }],
      ['secret.import', { environment: 'development', format: 'env', text: '' }],
      ['secret.export', { environment: 'development', format: 'env', reason: 'an invented reason' }],
      ['secret.export', { environment: 'production', format: 'env', reason: 'an invented reason' }],
    ]
    for (const [name, input] of refused) expect(await refusal(name, input), name).toBe('LOCKED')
    const { entries } = (await ask('secret.audit', { limit: 11 })) as unknown as { entries: { operation: string; success: boolean; error_message: string }[] }
    for (const { operation, success, error_message: message } of entries) expect([operation, success, message]).toEqual(['DENY', false, expect.stringContaining('locked')])
    expect(await ask('secret.get', { secretId })).toMatchObject({ is_masked: true })
    expect(await ask('secret.list')).toHaveProperty('secrets.length', 1)

    const token = readFileSync(join(folder.path, 'data', 'owner.token'), 'utf8').trim()
    api = await openApi(room, { port: 0, rendererFolder: null, version: '1.2.3' })
    const answer = await fetch(`${api.url}/secrets/${secretId as string}?reveal=true`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(423)
    expect(await answer.json()).toMatchObject({ error: { code: 'LOCKED', message: expect.stringContaining('locked') as string } })
    await api.close()
    api = null

    const script = folder.write('agent.py', AGENT)
    const { id: agentId } = await ask('agent.start', { script })
    const given = (await room.router.request('secret.forAgent', { agentId }, { role: 'agent', id: agentId as string })) as { secrets: Record<string, string> }
    expect(given.secrets).toMatchObject({ FIRST_KEY: `${VALUE}-2` })
    await ask('agent.stop', { agentId })
    await room.stop()

    room = await openRoom({ IRON_SECRETS_PASSPHRASE: PASSPHRASE })
    expect(await refusal('secret.get', { secretId, reveal: true })).toBe('LOCKED')
    expect(await refusal('stage.unlock', { password: 'another invented one' })).toBe('FORBIDDEN')
    expect(await ask('stage.unlock', { password: STAGE })).toMatchObject({ locked: false })
    expect(await ask('secret.get', { secretId, reveal: true })).toMatchObject({ value: `${VALUE}-2` })
  })

  it('is locked by somebody with an account with that password', async () => {
    await ask('user.add', { name: 'ada', role: 'admin', password: 'an invented password' })
    const ada = { role: 'admin', id: 'ada' } as const
    expect(await room.router.request('stage.lock', {}, ada)).toMatchObject({ locked: true, lockedBy: 'ada', needsPassword: false })
    // Neither another password nor another account gets around it.
    await ask('user.setPassword', { name: 'ada', password: 'another invented one' })
    await expect(room.router.request('stage.unlock', { password: 'another invented one' }, ada)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(room.router.request('stage.unlock', { password: 'an invented password' }, { role: 'viewer', id: 'vera' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await room.router.request('stage.unlock', { password: 'an invented password' }, ada)).toMatchObject({ locked: false })
  })
})
