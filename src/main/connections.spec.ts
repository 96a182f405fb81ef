import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { expect, it } from 'vitest'
import { watchConnections } from './connections.ts'

function openDoor(most: number) {
  const server = Object.assign(new EventEmitter(), { maxConnections: 0 })
  const connections = watchConnections(server as unknown as Server, most, 10)
  const arrive = (): Duplex => {
    const socket = new EventEmitter() as Duplex
    server.emit('connection', socket)
    return socket
  }
  return { server, connections, arrive }
}

it('who comes when there are enough is too many, and stays so; when one leaves there is room for another', () => {
  const { connections, arrive } = openDoor(2)
  const [first, second, third] = [arrive(), arrive(), arrive()]
  expect([first, second, third].map(connections.isTooMany)).toEqual([false, false, true])
  first.emit('close')
  expect([second, third, arrive(), arrive()].map(connections.isTooMany)).toEqual([false, true, false, true])
})

it('what becomes a WebSocket leaves its place to another, and takes none with it when it goes', () => {
  const { server, connections, arrive } = openDoor(1)
  const viewer = arrive()
  server.emit('upgrade', {}, viewer)
  const next = arrive()
  viewer.emit('close')
  expect([next, arrive()].map(connections.isTooMany)).toEqual([false, true])
})

it('beyond those who are told there are some more, and then nobody', () => {
  expect(openDoor(2).server.maxConnections).toBe(512)
})

it('a door without WebSockets leaves upgrades to be answered as what they are: requests', () => {
  const server = Object.assign(new EventEmitter(), { maxConnections: 0 })
  watchConnections(server as unknown as Server, 2)
  expect([server.maxConnections, server.listenerCount('upgrade')]).toEqual([502, 0])
})
