import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTestFolder } from './configuration/testFolder.ts'
import type { ControlRoomPorts } from './controlRoom.ts'
import { openHostedRoom } from './hostedRoom.ts'

it.each<ControlRoomPorts['host']>(['browser', 'desktop', 'terminal'])('a defect that nobody catches goes through the log of the room, whoever hosts it (%s), for as long as there is a room', async (host) => {
  const folder = createTestFolder()
  const before = process.listenerCount('uncaughtException')
  const environment = { PATH: process.env.PATH, HOME: folder.path, IRON_CAGE_KEYCHAIN: 'off' }
  const hosted = await openHostedRoom({ dataFolder: join(folder.path, 'data'), environment, host, port: 0, isPortChosen: false, onStopRequested: () => undefined })
  try {
    expect(process.listenerCount('uncaughtException')).toBe(before + 1)
    expect(process.report.excludeEnv).toBe(true)
  } finally {
    await hosted.stop()
    folder.remove()
  }
  expect(process.listenerCount('uncaughtException')).toBe(before)
})
