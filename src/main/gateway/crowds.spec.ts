import { once } from 'node:events'
import { request, type ClientRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ask, CHAT, createTestGateway, MESSAGE, type TestGateway } from './testGateway.ts'

let test: TestGateway
let held: (ClientRequest | Socket)[]
beforeEach(async () => {
  test = await createTestGateway({ limits: { mostCallsAtOnce: 2, mostConnections: 3 } })
  held = []
})
afterEach(async () => {
  for (const call of held) call.destroy()
  await test.close()
})

/** A call whose body is still to come; the gateway has it once it asks for that. */
async function hold(): Promise<ClientRequest> {
  const call = request(`${test.openai}/chat/completions`, { method: 'POST', headers: { expect: '100-continue', 'content-length': '1000' } })
  call.on('error', () => undefined)
  held.push(call)
  call.flushHeaders()
  await once(call, 'continue')
  return call
}

it('an agent with too many calls under way is told so in the words of each provider, and nothing is asked upstream', async () => {
  await hold()
  await hold()
  const openai = await ask(`${test.openai}/chat/completions`, CHAT)
  expect([openai.status, JSON.parse(openai.text)]).toMatchObject([429, { error: { type: 'requests', code: 'rate_limit_exceeded', message: expect.stringContaining('2 calls under way at most') as string, iron_cage: { code: 'TOO_MANY_CALLS' } } }])
  const anthropic = await ask(`${test.anthropic}/v1/messages`, MESSAGE)
  expect([anthropic.status, JSON.parse(anthropic.text)]).toMatchObject([429, { type: 'error', error: { type: 'rate_limit_error' } }])
  expect(test.upstream.seen).toEqual([])
})

it('one that is answered makes room for another', async () => {
  const first = await hold()
  await hold()
  const finished = test.finished(1)
  first.end('no JSON'.padEnd(1000))
  expect(await finished).toMatchObject([{ refusal: 'invalid' }])
  expect((await ask(`${test.openai}/chat/completions`, CHAT)).status).toBe(200)
})

it('who connects when there are enough is told so, whoever it is, and let go; who was there before stays', async () => {
  const { host, port } = new URL(test.openai)
  const models = `GET ${new URL(test.openai).pathname}/nothing HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  const knock = async (): Promise<Socket> => {
    const socket = connect(Number(port), '127.0.0.1')
    held.push(socket)
    // Answered, it has been seen.
    socket.write(models)
    await once(socket, 'data')
    return socket
  }
  const [first] = [await knock(), await knock(), await knock()]
  const openai = await ask(`${test.openai}/chat/completions`, CHAT)
  expect([openai.status, openai.headers.connection, JSON.parse(openai.text)]).toMatchObject([503, 'close', { error: { message: 'There are 3 connections to the gateway already; it takes no more.', iron_cage: { code: 'TOO_MANY_CONNECTIONS' } } }])
  const anthropic = await ask(`${test.anthropic}/v1/messages`, MESSAGE)
  expect([anthropic.status, JSON.parse(anthropic.text)]).toMatchObject([503, { type: 'error', error: { type: 'overloaded_error' } }])
  expect(test.upstream.seen).toEqual([])

  // Who was there before stays.
  first!.write(models)
  expect(String(await once(first!, 'data'))).toMatch(/^HTTP\/1\.1 404 /)
})
