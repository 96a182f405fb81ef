import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Beyond the limit so many more hear why they are turned away; further ones are hung up on. */
const TOLD_WHY = 500

export interface Connections {
  /** Whether this one came when there were enough: those that were there before it stay. */
  isTooMany(socket: Duplex): boolean
}

/** Counts who is connected to a door. WebSockets are counted by whoever opens them, who says how many there may be. */
export function watchConnections(server: Server, most: number, mostWebSockets = 0): Connections {
  const open = new Set<Duplex>()
  const late = new WeakSet<Duplex>()
  server.maxConnections = most + mostWebSockets + TOLD_WHY
  server.on('connection', (socket: Socket) => {
    if (open.size >= most) late.add(socket)
    else open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  // Whoever listens takes these over, so only where somebody else does too.
  if (mostWebSockets > 0) server.on('upgrade', (_request, socket) => open.delete(socket))
  return { isTooMany: (socket) => late.has(socket) }
}
