import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import { OWNER_TOKEN_FILE } from '../src/main/access/ownerToken.ts'
import { openApi } from '../src/main/api/openApi.ts'
import { composeControlRoom } from '../src/main/compose.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'

/** Something that viewers can follow. */
export interface WatchedServer {
  readonly url: string
  readonly token: string
  announce(fields: { sentAt: number; padding: string }): Promise<unknown>
  close(): Promise<void>
}

/** The whole room: every event is stored, logged and handed on. */
export async function openRoomServer(onViewerDropped: () => void): Promise<WatchedServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'iron-cage-bench-'))
  const room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder,
    host: 'terminal',
    version: '0.0.0',
    environment: {},
    onLogEntry: ({ event }) => {
      if (event === 'api.viewerDropped') onViewerDropped()
    },
    onStopRequested: () => {},
  })
  const api = await openApi(room, { port: 0, rendererFolder: null, version: '0.0.0' })
  return {
    url: api.url,
    token: (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim(),
    announce: (fields) =>
      room.bus.announce({ name: 'log.written', agentId: null, severity: 'INFO', message: 'A measured event.', payload: { fields } }),
    async close() {
      await api.close()
      await room.stop()
      await rm(dataFolder, { recursive: true })
    },
  }
}

/** The yardstick: `ws` alone, each event written down once and sent to all, nothing stored, nobody checked. */
export async function openBareServer(): Promise<WatchedServer> {
  const server = createServer()
  const viewers = new Set<WebSocket>()
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false })
  webSockets.on('connection', (socket) => viewers.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let seq = 0
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 'none',
    async announce(fields) {
      const event = { seq: ++seq, at: Date.now(), severity: 'INFO', agentId: null, message: 'A measured event.', name: 'log.written', payload: { fields } }
      const text = Buffer.from(JSON.stringify({ id: 1, item: { kind: 'events', events: [event] } }))
      for (const viewer of viewers) viewer.send(text, { binary: false })
    },
    async close() {
      for (const viewer of viewers) viewer.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
