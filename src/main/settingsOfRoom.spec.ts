import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommandInput, CommandName, CommandOutput } from '../shared/contract/contract.ts'
import { openReceiver, type Receiver } from './alerts/testAlerts.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { nextTurn } from './nextTurn.ts'
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

  it('take single prices too: into a file of their own, whose remarks stay, and back out of it', async () => {
    const priced = async (model: string) => (await ask('price.list', {})).models.find(({ name }) => name === model)
    const before = await priced('gpt-4')
    expect(before).toMatchObject({ isOwn: false, prices: { input: 30_000_000_000 } })
    const { file } = await ask('price.change', { model: 'gpt-4', prices: { input: '1.5' } })
    expect(file).toBe(join(folder.path, 'data', 'prices.yaml'))
    expect(await priced('gpt-4')).toEqual({ ...before, isOwn: true, prices: { ...before?.prices, input: 1_500_000_000 } })
    expect(readFileSync(join(folder.path, 'data', 'settings.yaml'), 'utf8')).toBe('prices: prices.yaml\n')
    folder.write('data/prices.yaml', `# agreed in March\n${readFileSync(file!, 'utf8')}`)
    const { models } = await ask('price.change', { model: 'gpt-invented', basedOn: 'gpt-4', prices: { output: '2' } })
    expect(models.slice(0, 2).map(({ name, isOwn, isShipped }) => [name, isOwn, isShipped])).toEqual([['gpt-4', true, true], ['gpt-invented', true, false]])
    await ask('price.change', { model: 'gpt-4', prices: { output: '3' } })
    expect((await priced('gpt-4'))?.prices).toMatchObject({ input: 1_500_000_000, output: 3_000_000_000 })
    await ask('price.change', { model: 'gpt-4' })
    expect(await priced('gpt-4')).toEqual(before)
    expect(readFileSync(file!, 'utf8')).toMatch(/^# agreed in March\ngpt-invented:\n/)
  })

  it('lose nothing to another change at the same moment', async () => {
    await Promise.all([change({ budget: 5 }), change({ env: 'staging' })])
    expect(readFileSync(join(folder.path, 'data', 'settings.yaml'), 'utf8')).toBe('budget: 5\nenv: staging\n')
  })

  it('and prices lose nothing to each other where they are changed at the same moment', async () => {
    await ask('price.change', { model: 'gpt-4', prices: { input: '1' } })
    // The price comes earlier or later while the setting is changed.
    for (let turns = 1; turns <= 40; turns++) {
      const price = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn++) await nextTurn()
        await ask('price.change', { model: 'gpt-4', prices: { input: String(turns) } })
      }
      await Promise.all([change({ budget: turns }), price()])
      const { models } = await ask('price.list', {})
      expect(models.find(({ name }) => name === 'gpt-4')?.prices.input).toBe(turns * 1e9)
    }
  })

  it('refuse a price that is none, and write nothing of it', async () => {
    const file = join(folder.path, 'data', 'prices.yaml')
    await expect(ask('price.change', { model: 'gpt-4', prices: { input: 'free' } })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: `${file}["gpt-4"].prices.input: must be dollars for a million such as "2.50", with nine decimals at most.`,
    })
    await expect(ask('price.change', { model: 'gpt-invented', prices: { input: '1' } })).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('No price of "gpt-invented" comes with the room') })
    expect(existsSync(file)).toBe(false)
  })

  it('take back no price where there is no file of own ones, and write none for it', async () => {
    const before = await ask('price.list', {})
    expect(await ask('price.change', { model: 'gpt-4' })).toEqual(before)
    expect(['prices.yaml', 'settings.yaml'].map((name) => existsSync(join(folder.path, 'data', name)))).toEqual([false, false])
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
    for (const [name, input] of [['settings.list', {}], ['settings.check', { key: 'budget', value: 5 }], ['settings.change', { changes: [{ key: 'budget', value: 5 }] }], ['price.list', {}], ['price.change', { model: 'gpt-4' }]] as const) {
      await expect(room.router.request(name, input, VIEWER)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    }
  })
})
