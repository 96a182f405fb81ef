import { stat } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AGENT, callBridge, createTestBridge, hello, TOKEN, type TestBridge } from './testBridge.ts'

let room: TestBridge
beforeEach(async () => {
  room = await createTestBridge({ appliedMs: 100 })
})
afterEach(async () => {
  await room.close()
  expect(room.defects).toEqual([])
})

async function greeted(changes: Record<string, unknown> = {}) {
  const caller = await callBridge(room.path)
  caller.send(hello(changes))
  caller.send({ kind: 'fetch' })
  await caller.next()
  return caller
}

describe('the bridge', () => {
  it('lies where only this user comes in', async () => {
    expect((await stat(room.path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(room.path))).mode & 0o777).toBe(0o700)
    expect(Buffer.byteLength(room.path)).toBeLessThan(104)
  })

  it('gives a run its secrets as they are', async () => {
    room.secrets = { INVENTED_KEY: 'invented-value-1' }
    const caller = await callBridge(room.path)
    caller.send(hello())
    caller.send({ kind: 'fetch' })
    expect(await caller.next()).toEqual({ kind: 'values', generation: 0, secrets: { INVENTED_KEY: 'invented-value-1' } })
  })

  it('tells of new values, and knows when they are there', async () => {
    expect(await room.rotate({})).toBe('unreachable')
    room.generation = 0
    const caller = await greeted()
    const rotated = room.rotate({ INVENTED_KEY: 'invented-value-2' })
    expect(await caller.next()).toEqual({ kind: 'secrets', generation: 1 })
    caller.send({ kind: 'applied', generation: 1 })
    expect(await rotated).toBe('applied')
    expect(await room.rotate({})).toBe('told')
    caller.socket.destroy()
  })

  it('tells whoever comes late of what has changed since its process was started', async () => {
    room.generation = 3
    const caller = await callBridge(room.path)
    caller.send(hello())
    expect(await caller.next()).toEqual({ kind: 'secrets', generation: 3 })
  })

  it('waits for every process of an agent', async () => {
    const [first, second] = [await greeted(), await greeted({ pid: 4712 })]
    const rotated = room.rotate({})
    for (const caller of [first, second]) expect(await caller.next()).toMatchObject({ kind: 'secrets' })
    first.send({ kind: 'applied', generation: 1 })
    second.send({ kind: 'applied', generation: 1 })
    expect(await rotated).toBe('applied')
  })

  it('signals nobody who has not said that it handles signals, and nobody who is not of the run', async () => {
    const caller = await greeted()
    expect(room.bridge.handlesSignal(AGENT)).toBe(false)
    caller.send({ kind: 'handles', signal: true, secrets: true })
    caller.send({ kind: 'fetch' })
    await caller.next()
    expect(room.bridge.handlesSignal(AGENT)).toBe(true)
    await room.rotate({})
    expect(room.signalled).toEqual([])
  })

  it('takes no notice of kinds and members that it does not know', async () => {
    const caller = await greeted({ mood: 'good' })
    caller.send({ kind: 'checkpoint', document: {} })
    caller.send({ kind: 'fetch', why: 'invented' })
    expect(await caller.next()).toMatchObject({ kind: 'values' })
  })

  it.each([
    ['a token that belongs to no run', hello({ token: TOKEN.replace('f', 'e') })],
    ['no hello', { kind: 'fetch' }],
    ['a kind of later before any hello', { kind: 'checkpoint' }],
    ['no JSON', 'good morning'],
    ['no object', '[]'],
    ['a pid that would be a group', hello({ pid: -1 })],
    ['the pid of everybody', hello({ pid: 1 })],
    ['a line without an end', 'x'.repeat(1024 * 1024 + 1)],
  ])('hangs up on %s', async (_what, message) => {
    const caller = await callBridge(room.path)
    caller.send(message)
    await caller.gone
  })

  it('hangs up on a second hello', async () => {
    const caller = await greeted()
    caller.send(hello())
    await caller.gone
  })

  it('hangs up when the run is over', async () => {
    const [quiet, asking] = [await greeted(), await greeted()]
    room.runs.clear()
    asking.send({ kind: 'fetch' })
    await asking.gone
    room.bridge.closeOver()
    await quiet.gone
    expect(await room.rotate({})).toBe('unreachable')
  })

  it('closes with whoever is connected, and leaves nothing behind', async () => {
    const caller = await greeted()
    await room.bridge.close()
    await caller.gone
    await expect(stat(dirname(room.path))).rejects.toThrow('ENOENT')
  })
})

describe('floods', () => {
  it('strangers, and processes of one agent, are so many and no more', async () => {
    await room.close()
    room = await createTestBridge({ mostStrangers: 2, mostConnections: 1, helloMs: 60_000 })
    const first = await greeted()
    const second = await callBridge(room.path)
    second.send(hello())
    await second.gone
    const strangers = [await callBridge(room.path), await callBridge(room.path), await callBridge(room.path)]
    await Promise.race(strangers.map(({ gone }) => gone))
    expect(strangers.filter(({ socket }) => socket.closed)).toHaveLength(1)
    for (const { socket } of [first, ...strangers]) socket.destroy()
  })

  it('a stranger who says nothing is nobody soon', async () => {
    await room.close()
    room = await createTestBridge({ helloMs: 20 })
    await (await callBridge(room.path)).gone
  })

  it('whoever does not read what it asks for is hung up on', async () => {
    await room.close()
    room = await createTestBridge({ mostUnreadBytes: 100_000 })
    room.secrets = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`INVENTED_${i}`, 'x'.repeat(60_000)]))
    const socket = createConnection(room.path)
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('connect', resolve))
    const gone = new Promise((resolve) => socket.once('close', resolve))
    socket.write(`${JSON.stringify(hello())}\n`)
    socket.pause()
    const ask = (): void => {
      if (socket.destroyed) return
      socket.write(`${JSON.stringify({ kind: 'fetch' })}\n`)
      setImmediate(ask)
    }
    ask()
    await gone
  })
})
