import { afterEach, beforeEach, expect, it } from 'vitest'
import { composeControlRoom } from '../compose.ts'
import type { ControlRoom } from '../controlRoom.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { openReceiver, type Receiver } from './testAlerts.ts'

const folders = useTestFolders()
let receiver: Receiver
let room: ControlRoom | undefined

beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(async () => {
  await room?.stop()
  room = undefined
  await receiver.close()
})

async function openRoom(environment: Record<string, string>): Promise<ControlRoom> {
  const dataFolder = folders.make()
  const ports = { clock: systemClock, random: systemRandom, dataFolder, host: 'terminal', version: '0.0.0' } as const
  return (room = await composeControlRoom({ ...ports, environment, onStopRequested: () => {} }))
}

const owner = { role: 'admin', id: 'owner' } as const

it('a room sends a test alert to where its settings lead, and tells no path of it', async () => {
  const settings = { IRON_CAGE_ALERT_WEBHOOK: 'env:HOOK', IRON_CAGE_ALERT_WEBHOOK_SECRET: 'env:HOOK_SECRET' }
  const { router } = await openRoom({ ...settings, HOOK: receiver.url, HOOK_SECRET: 'invented' })
  expect(await router.request('alert.test', { channel: 'webhook' }, owner)).toEqual({ target: 'env:HOOK' })
  const [post] = await receiver.posts.until(1)
  expect(post?.headers['x-iron-cage-signature']).toMatch(/^v1=[0-9a-f]{64}$/)
})

it('a room without such settings says which it wants; nobody but an admin may ask', async () => {
  const { router } = await openRoom({})
  await expect(router.request('alert.test', { channel: 'email' }, owner)).rejects.toMatchObject({
    code: 'INVALID_CONFIGURATION',
    message: 'No email alerts are set up: set alert_email and smtp_server in the user settings.',
  })
  await expect(router.request('alert.test', { channel: 'email' }, { role: 'viewer', id: 'ada' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
