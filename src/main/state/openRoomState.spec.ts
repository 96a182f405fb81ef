import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { instanceName } from './instanceName.ts'
import { openRoomState, secretsOfAddress } from './openRoomState.ts'
import { openState } from './openState.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()

it.each([
  ['postgres://room:pass%2Fword@host:5432/db', ['postgres://room:pass%2Fword@host:5432/db', 'pass%2Fword', 'pass/word']],
  ['postgres://room:plain@host/db', ['postgres://room:plain@host/db', 'plain']],
  ['postgres://:a%zz@host', ['postgres://:a%zz@host', 'a%zz']],
  ['postgres://room:with@sign@host/db', ['postgres://room:with@sign@host/db', 'with@sign']],
  ['postgres://room@host/db', []],
  ['postgres://host/db?x=a:b@c', []],
  ['postgres://host/db?user=room&password=pass%2Fword&x=y', ['postgres://host/db?user=room&password=pass%2Fword&x=y', 'pass%2Fword', 'pass/word']],
  ['', []],
  [undefined, []],
])('of the address %s nobody may see %j', (url, secrets) => {
  expect(secretsOfAddress({ DATABASE_URL: url })).toEqual(secrets)
})

it('a room whose name cannot be read is told what to do, and leaves nothing open', async () => {
  const dataFolder = folders.make()
  await (await openState({ dataFolder, clock: systemClock })).close()
  mkdirSync(join(dataFolder, 'room-name'))
  const environment = { DATABASE_URL: 'postgres://room:invented@127.0.0.1:1/db' }
  await expect(openRoomState({ dataFolder, environment, instance: () => instanceName(dataFolder, systemRandom), clock: systemClock })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/^The name of this control room in .*room-name cannot be read or written \(EISDIR\)/),
  })
  const told: string[] = []
  const log = { write: ({ event }: { event: string }) => void told.push(event), flush: async () => {} }
  await (await openState({ dataFolder, clock: systemClock, log })).close()
  expect(told).toEqual([])
})
