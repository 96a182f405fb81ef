import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestRouter } from '../../router/testRouter.ts'
import { AGENT, callBridge, createTestBridge, hello, TOKEN, type TestBridge, type TestCaller } from './testBridge.ts'
import type { BridgeLimits } from './createBridge.ts'

const OTHER = 'lg-00000001'
const OTHER_TOKEN = 'feedc0de00000001feedc0de00000001'
let room: TestBridge
let heard: number

async function open(limits: Partial<BridgeLimits> = {}): Promise<void> {
  await room?.close()
  room = await createTestBridge(limits)
  room.runs.set(OTHER_TOKEN, OTHER)
  heard = 0
  room.request = createTestRouter({
    'agent.progress': () => {
      heard++
      return {}
    },
  }).router.request
}
beforeEach(() => open())
afterEach(async () => {
  await room.close()
  expect(room.defects).toEqual([])
})

async function greeted(token = TOKEN): Promise<TestCaller> {
  const caller = await callBridge(room.path)
  caller.send(hello({ token }))
  return caller
}

const tell = (done: number): string => JSON.stringify({ kind: 'tell', command: 'agent.progress', input: { done, unit: 'lead' } })
const ask = (id: number, input: unknown = { done: 1, unit: 'lead' }) => ({ kind: 'ask', id, command: 'agent.progress', input })
const answered = async (caller: TestCaller, id = 1): Promise<void> => {
  caller.send(ask(id))
  expect(await caller.next()).toEqual({ kind: 'answer', id, output: {} })
}
const deep = (depth: number): string => `{"kind":"ask","id":1,"command":"agent.progress","input":{"done":${'['.repeat(depth)}${']'.repeat(depth)}}}`

describe('a peer that does not speak as agreed is told why, hung up on and written down, and others go on', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['no JSON', 'good morning', /no JSON/],
    ['no object', '[1]', /no object/],
    ['no kind', '{"id":1}', /without a kind/],
    ['a question without an id', '{"kind":"ask","command":"agent.progress","input":{}}', /number as its id/],
    ['a question with an id that is no number', '{"kind":"ask","id":"1","command":"agent.progress"}', /number as its id/],
    ['a report without a command', '{"kind":"tell","input":{}}', /name of its command/],
    ['a second hello', JSON.stringify(hello()), /twice/],
    ['a line that is too long', 'x'.repeat(1024 * 1024 + 1), /longer than 1,048,576 bytes/],
    ['JSON that is nested too deep', deep(101), /more than 100 deep/],
    ['JSON that is nested half a million deep', deep(500_000), /more than 100 deep/],
    ['a member called __proto__', '{"kind":"ask","id":1,"command":"agent.progress","input":{"__proto__":{"done":1}}}', /__proto__/],
    ['a member called __proto__ in disguise', '{"kind":"tell","command":"agent.progress","input":{"unit":[{"\\u005f_proto__":1}]}}', /__proto__/],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), /no UTF-8/],
    ['an overlong form of UTF-8', Buffer.concat([Buffer.from('{"kind":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]), /no UTF-8/],
  ])('%s', async (_what, line, reason) => {
    const [peer, other] = [await greeted(), await greeted(OTHER_TOKEN)]
    await answered(peer)
    peer.socket.write(line)
    peer.socket.write('\n')
    await peer.gone
    expect(peer.courtesies.at(-1)).toEqual({ kind: 'bye', reason: expect.stringMatching(reason) })
    expect(room.misbehaved).toEqual([[AGENT, expect.stringMatching(reason)]])
    await answered(other)
    expect(heard).toBe(2)
  })

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a token of a run that is over', hello({ token: 'feedc0de00000009feedc0de00000009' }), /belongs to no run/],
    ['a protocol of later', hello({ protocol: 2 }), /speaks protocol 1; protocol 2/],
    ['a question before hello', ask(1), /before saying hello/],
    ['a kind of later before hello', { kind: 'sing' }, /before saying hello/],
    ['a hello that is longer than any honest one', hello({ sdk: 'x'.repeat(20_000) }), /longer than 16,384 bytes/],
  ])('a stranger with %s', async (_what, message, reason) => {
    const peer = await callBridge(room.path)
    peer.send(message)
    await peer.gone
    expect(peer.courtesies).toEqual([{ kind: 'bye', reason: expect.stringMatching(reason) }])
    expect(room.misbehaved).toEqual([[null, expect.stringMatching(reason)]])
  })

  it('whoever begins a line and never ends it', async () => {
    await open({ halfLineMs: 20 })
    const [peer, other] = [await greeted(), await greeted(OTHER_TOKEN)]
    await answered(peer)
    peer.socket.write('{"kind":"te')
    await peer.gone
    expect(room.misbehaved).toEqual([[AGENT, 'A message was begun and not ended.']])
    await answered(other)
  })

  it('whoever never reads what it asks for', async () => {
    await open({ mostUnreadBytes: 100_000 })
    const socket = connect(room.path)
    const gone = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(`${JSON.stringify(hello())}\n`)
    const lot = `${JSON.stringify(ask(1, { done: -1, unit: '' }))}\n`.repeat(100)
    const pour = (): void => {
      if (socket.destroyed) return
      socket.write(lot)
      setImmediate(pour)
    }
    pour()
    await gone
    expect(room.misbehaved[0]).toEqual([AGENT, expect.stringMatching(/^It does not read/)])
    await answered(await greeted(OTHER_TOKEN))
  })
})

describe('many', () => {
  it('a million reports are all heard, and another agent is answered in between', async () => {
    const [peer, other] = [await greeted(), await greeted(OTHER_TOKEN)]
    await answered(other)
    const lot = Buffer.from(`${Array.from({ length: 1_000 }, (_, i) => tell(i)).join('\n')}\n`)
    for (let lots = 0; lots < 1_000; lots++) peer.socket.write(lot)
    peer.send(ask(7))
    await answered(other, 2)
    const before = heard
    expect(await peer.next()).toMatchObject({ kind: 'answer', id: 7 })
    expect(heard).toBe(1_000_003)
    expect(before).toBeLessThan(1_000_000)
    expect(room.misbehaved).toEqual([])
  }, 60_000)

  it('connections of strangers take nobody\'s place', async () => {
    await open({ mostStrangers: 16 })
    const other = await greeted(OTHER_TOKEN)
    await answered(other)
    const sockets: Socket[] = []
    for (let i = 0; i < 2_000; i++) sockets.push(connect(room.path).on('error', () => undefined))
    await expect.poll(() => room.misbehaved).toEqual([[null, 'More than 16 connections have not said hello.']])
    await answered(other, 2)
    // While they still sit there.
    await answered(await greeted())
    for (const socket of sockets) socket.destroy()
  })

  it('questions that nobody answers yet are so many; the others wait in their socket', async () => {
    await open({ mostUnderWay: 4 })
    const waiting: (() => void)[] = []
    room.request = () => new Promise((resolve) => void waiting.push(() => resolve({})))
    const peer = await greeted()
    for (let id = 0; id < 10; id++) peer.send(ask(id))
    const other = await greeted(OTHER_TOKEN)
    other.send(ask(99))
    await expect.poll(() => waiting.length).toBe(5)
    const answers: unknown[] = []
    while (answers.length < 10) {
      for (const answer of waiting.splice(0)) answer()
      answers.push((await peer.next())['id'])
    }
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('long questions are under way one after the other', async () => {
    await open({ mostCharactersUnderWay: 1_000 })
    const waiting: (() => void)[] = []
    room.request = () => new Promise((resolve) => void waiting.push(() => resolve({})))
    const peer = await greeted()
    for (let id = 0; id < 3; id++) peer.send({ ...ask(id), command: 'output.check', input: { value: 'x'.repeat(2_000) } })
    for (let id = 0; id < 3; id++) {
      await expect.poll(() => waiting.length).toBe(1)
      waiting.pop()?.()
      expect(await peer.next()).toMatchObject({ id })
    }
  })

  it('complaints about the same peer are counted', async () => {
    await open({ toldAgainMs: 50 })
    for (let i = 0; i < 5; i++) {
      const peer = await callBridge(room.path)
      peer.send('good morning')
      await peer.gone
    }
    await expect.poll(() => room.misbehaved.length).toBeGreaterThan(1)
    expect(room.misbehaved.at(-1)?.[1]).toMatch(/^A message was no JSON\./)
    expect(room.misbehaved.length).toBeLessThan(5)
  })
})

it('what a later version says is refused where it asks, and passed over where it does not', async () => {
  const peer = await greeted()
  peer.send({ kind: 'sing', mood: 'good' })
  peer.send({ kind: 'sing', id: 3 })
  expect(await peer.next()).toMatchObject({ kind: 'refusal', id: 3, error: { code: 'NOT_FOUND' } })
  peer.send({ kind: 'ask', id: 4, command: 'agent.sing', input: {} })
  expect(await peer.next()).toMatchObject({ kind: 'refusal', id: 4, error: { code: 'NOT_FOUND' } })
  peer.send({ ...ask(5), mood: 'good' })
  expect(await peer.next()).toMatchObject({ kind: 'answer', id: 5 })
  expect(room.misbehaved).toEqual([])
})

it('the end of its run is told, and nothing is heard after it', async () => {
  const peer = await greeted()
  await answered(peer)
  room.runs.delete(TOKEN)
  peer.send(ask(2))
  await peer.gone
  expect(peer.courtesies.at(-1)).toEqual({ kind: 'bye', reason: 'The run is over.' })
  expect(heard).toBe(1)
  expect(room.misbehaved).toEqual([])
})

it('an attached process is asked to end', async () => {
  const peer = await greeted()
  await answered(peer)
  expect(room.bridge.tellToStop(AGENT, 'The room closes.')).toBe(true)
  expect(await peer.next()).toEqual({ kind: 'stop', reason: 'The room closes.' })
  expect(room.bridge.tellToStop(OTHER, 'The room closes.')).toBe(false)
})
