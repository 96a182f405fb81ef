// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openRoom } from './openRoom.ts'
import type { RoomConnection } from './connection.ts'

class SilentSocket {
  readonly readyState = 0
  close(): void {}
}

let connection: RoomConnection | null = null
afterEach(() => {
  connection?.close()
  connection = null
  vi.unstubAllGlobals()
})

function open(answer: () => Promise<Response>): RoomConnection {
  vi.stubGlobal('WebSocket', SilentSocket)
  vi.stubGlobal('fetch', answer)
  connection = openRoom(window)
  return connection
}

describe('signing out in a browser', () => {
  it.each([
    ['no longer answers', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['is not what answers', async () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
  ])('says so where the room %s', async (_what, answer) => {
    await expect(open(answer).signOut?.()).rejects.toThrow('The control room did not answer; this browser may still be signed in. Try again in a moment.')
  })

  it('gives the room’s own sentence, and is content where it was out already', async () => {
    const refused = open(async () => Response.json({ error: { code: 'RATE_LIMITED', message: 'Not so fast.' } }, { status: 429 }))
    await expect(refused.signOut?.()).rejects.toThrow('Not so fast.')
    refused.close()
    await expect(open(async () => new Response(null, { status: 401 })).signOut?.()).resolves.toBeUndefined()
  })
})
