import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommandInput, CommandName, CommandOutput } from '../shared/contract/contract.ts'
import { openReceiver, type Receiver } from './alerts/testAlerts.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const VIEWER = { role: 'viewer', id: 'ada' } as const

let folder: TestFolder
let receiver: Receiver
let room: ControlRoom

async function openRoom(): Promise<ControlRoom> {
  return composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, 'data'),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path, HOOK_SECRET: 'invented-hook-secret' },
    onStopRequested: () => undefined,
  })
}

beforeEach(async () => {
  folder = createTestFolder()
  receiver = await openReceiver()
  room = await openRoom()
})
afterEach(async () => {
  await room.stop()
  await receiver.close()
  folder.remove()
})

const ask = <N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>> => room.router.request(name, input, OWNER) as Promise<CommandOutput<N>>
const change = (values: Record<string, string | number>): Promise<unknown> => ask('settings.change', { changes: Object.entries(values).map(([key, value]) => ({ key, value })) })
const inUse = async (key: string): Promise<unknown> => (await ask('settings.list', {})).settings.find((one) => one.key === key)?.inUse

describe('settings of a room that runs', () => {
  it('send alerts elsewhere from the next one on', async () => {
    await expect(ask('alert.test', { channel: 'webhook' })).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' })
    await change({ alert_webhook: receiver.url, alert_webhook_secret: 'env:HOOK_SECRET' })
    await ask('alert.test', { channel: 'webhook' })
    const [post] = await receiver.posts.until(1)
    expect(post?.headers['x-iron-cage-signature']).toMatch(/^v1=[0-9a-f]{64}$/)
  })

  it('take other prices, and refuse a file of which none can be read', async () => {
    await expect(change({ prices: 'missing.yaml' })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: `There is no price file ${join(folder.path, 'data', 'missing.yaml')}; it was named in the settings as prices.`,
    })
    folder.write('data/own.yaml', 'gpt-invented:\n  prices: { input: "1", output: "2" }\n  contextTokens: 1000\n  mostOutputTokens: 1000\n')
    await change({ prices: 'own.yaml' })
    expect(await inUse('prices')).toBeUndefined()
  })

  it('hold at once, or say what is in use until the room opens again', async () => {
    await change({ port: 7400, upstream_failures: 2, events_kept_for: 5, log_kept_for: 3 })
    expect(await Promise.all(['port', 'upstream_failures', 'events_kept_for', 'log_kept_for'].map(inUse))).toEqual([7317, undefined, undefined, 7])
    await room.stop()
    room = await openRoom()
    expect(await Promise.all(['port', 'log_kept_for'].map(inUse))).toEqual([undefined, undefined])
  })

  it('are told of by name, by whom and to whom they were changed, and never with what they are', async () => {
    await change({ alert_webhook: receiver.url })
    const { events } = await ask('event.list', { after: 0, limit: 100 })
    const [told] = events.filter(({ name }) => name === 'settings.changed')
    expect(told).toMatchObject({ message: 'owner (admin) changed the settings: alert_webhook.', payload: { keys: ['alert_webhook'], actor: 'owner (admin)' } })
    expect(JSON.stringify(events)).not.toContain('services/invented')
    expect(readFileSync(join(folder.path, 'data', 'settings.yaml'), 'utf8')).toBe(`alert_webhook: ${receiver.url}\n`)
  })

  it('are an admin’s alone', async () => {
    for (const [name, input] of [['settings.list', {}], ['settings.check', { key: 'budget', value: 5 }], ['settings.change', { changes: [{ key: 'budget', value: 5 }] }]] as const) {
      await expect(room.router.request(name, input, VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    }
  })
})
