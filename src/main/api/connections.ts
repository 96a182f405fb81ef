import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Those that are no WebSocket. */
export const MOST_CONNECTIONS = 1_000
/** Beyond the limits of connections and of viewers so many more hear why they are turned away; further ones are hung up on. */
const TOLD_WHY = 500

export interface Connections {
  /** Whether this one came when there were enough: those that were there before it stay. */
  isTooMany(socket: Duplex): boolean
}

export function watchConnections(server: Server, most: number, mostViewers: number): Connections {
  const open = new Set<Duplex>()
  const late = new WeakSet<Duplex>()
  server.maxConnections = most + mostViewers + TOLD_WHY
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) late.add(socket)
    else open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  // Viewers have a limit of their own.
  server.on('upgrade', (_request, socket) => open.delete(socket))
  return { isTooMany: (socket) => late.has(socket) }
}
