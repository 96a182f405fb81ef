import { EventEmitter } from 'node:events'
import type { IpcMain } from 'electron'
import { describe, expect, it } from 'vitest'
import type { ServerMessage } from '../../shared/wire.ts'
import { createTestRouter } from '../router/testRouter.ts'
import { isTrustedSender, openIpcDoor } from './ipcDoor.ts'

describe('whose messages count', () => {
  it('trusts the top frame of our own page', () => {
    expect(isTrustedSender({ origin: 'app://control-room', parent: null, detached: false })).toBe(true)
  })

  it.each([
    ['a frame that has gone', null],
    ['a frame within our page', { origin: 'app://control-room', parent: {}, detached: false }],
    ['a page that is being replaced', { origin: 'app://control-room', parent: null, detached: true }],
    ['another site', { origin: 'https://example.com', parent: null, detached: false }],
    ['an opaque origin', { origin: 'null', parent: null, detached: false }],
    ['an origin that begins like ours', { origin: 'app://control-room.example', parent: null, detached: false }],
    ['another host of our scheme', { origin: 'app://elsewhere', parent: null, detached: false }],
  ])('does not trust %s', (_who, frame) => {
    expect(isTrustedSender(frame)).toBe(false)
  })
})

describe('what the page says', () => {
  const deep = (depth: number): unknown => Array.from({ length: depth }).reduce((value: unknown) => [value], 1)
  const circle: { self?: unknown } = {}
  circle.self = circle

  it.each([
    ['nested deeper than any wire takes', deep(1_000)],
    ['nested until no stack is left', deep(100_000)],
    ['with a prototype of its own', JSON.parse('{"__proto__":{"role":"admin"}}') as unknown],
    ['in a circle', circle],
    ['with a big integer', 1n],
  ])('is refused under its id (%s)', (_what, input) => {
    const ipc = new EventEmitter()
    const sent: ServerMessage[] = []
    const sender = Object.assign(new EventEmitter(), { isDestroyed: () => false, send: (_channel: string, message: ServerMessage) => sent.push(message) })
    const door = openIpcDoor(ipc as unknown as IpcMain, createTestRouter().router, { write: () => undefined, flush: async () => undefined })
    ipc.emit('control-room', { sender, senderFrame: { origin: 'app://control-room', parent: null, detached: false } }, { id: 7, request: 'checkpoint.save', input: { agentId: 'lg-7a3f9c2d', document: input } })
    expect(sent).toEqual([{ id: 7, error: { code: 'INVALID_INPUT', message: 'That message is none that this room understands.' } }])
    door.close()
  })
})
