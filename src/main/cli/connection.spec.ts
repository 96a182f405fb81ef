import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { LARGEST_MESSAGE_BYTES, type ClientMessage } from '../../shared/wire.ts'
import { OWNER_TOKEN_FILE } from '../access/ownerToken.ts'
import { createTestFolder } from '../configuration/testFolder.ts'
import { claimDataFolder, type Ownership } from '../state/ownership.ts'
import { connect } from './connection.ts'

let folder: ReturnType<typeof createTestFolder>
let owner: Ownership
let server: WebSocketServer
beforeEach(async () => {
  folder = createTestFolder()
  folder.write(OWNER_TOKEN_FILE, 'invented\n')
  owner = claimDataFolder(folder.path)
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/ws' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  owner.publish({ url: `http://127.0.0.1:${port}`, port, startedAt: 0, version: '0.0.0' })
})
afterEach(() => {
  server.close()
  owner.release()
  folder.remove()
})

it('takes an export that is larger than anything a room may be sent', async () => {
  const csv = 'x'.repeat(LARGEST_MESSAGE_BYTES + 1)
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => socket.send(JSON.stringify({ id: (JSON.parse(data.toString()) as ClientMessage).id, output: csv })))
  })
  const { client, close } = await connect({ dataFolder: folder.path })
  expect((await client.request('cost.export', {})).length).toBe(csv.length)
  await close()
})
