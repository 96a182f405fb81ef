import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createTestFolder } from './configuration/testFolder.ts'
import type { ControlRoomPorts } from './controlRoom.ts'
import { openHostedRoom } from './hostedRoom.ts'

const HOSTS: ControlRoomPorts['host'][] = ['browser', 'desktop', 'terminal']
/** Invented: what a defect may carry along in its words. */
const PRIVATE = ['ada.lovelace@example.com', '078-05-1120', '4111 1111 1111 1111', ['sk', 'proj', 'inventedQ7w2E9r4T1y6U3i8O5p0a2S4d6'].join('-'), 'invented-variable-0123456789']

it.each(HOSTS)('a defect that nobody catches ends the room, whoever hosts it (%s), and nothing private that it carries is written down', async (host) => {
  const folder = createTestFolder()
  const before = new Set(process.listeners('uncaughtException'))
  const environment = { PATH: process.env.PATH, HOME: folder.path, IRON_CAGE_KEYCHAIN: 'off', CRM_API_KEY: PRIVATE.at(-1)! }
  const hosted = await openHostedRoom({ dataFolder: join(folder.path, 'data'), environment, host, port: 0, isPortChosen: false, onStopRequested: () => undefined })
  const ours = process.listeners('uncaughtException').filter((listener) => !before.has(listener))
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never)
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    expect(ours).toHaveLength(1)
    expect(process.report.excludeEnv).toBe(true)
    ours[0]!(new TypeError(`row 7 of ${PRIVATE.join(', ')} has no cost`), 'uncaughtException')
    expect(exit.mock.calls).toEqual([[70]])
  } finally {
    exit.mockRestore()
    await hosted.stop()
  }
  const said = errors.mock.calls.join('\n')
  errors.mockRestore()
  const written = readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
  expect(written).toContain('room.crashed')
  expect(written).toContain('has no cost')
  expect(PRIVATE.filter((seed) => written.includes(seed) || said.includes(seed))).toEqual([])
  expect(process.listeners('uncaughtException').filter((listener) => !before.has(listener))).toEqual([])
  folder.remove()
})
