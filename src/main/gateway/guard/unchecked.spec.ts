import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, CHAT, createTestGateway, type TestGateway } from '../testGateway.ts'
import { answerJson, chatAnswer, chatChunk, startStream } from '../testUpstream.ts'
import { chatText, readEvents } from './testStreams.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(() => test.close())

const ASKING = { ...CHAT, stream: true, stream_options: { include_usage: true } }

describe('what cannot be looked through', () => {
  const refused = async (path = '/chat/completions', request: object = CHAT): Promise<void> => {
    const answer = await ask(test.openai + path, request)
    expect([answer.status, answer.headers['x-should-retry'], JSON.parse(answer.text)]).toMatchObject([403, 'false', { error: { code: 'not_checked' } }])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', attempts: [{ status: 200 }] }])
    expect(test.defects.splice(0)).toHaveLength(1)
    expect(test.upstream.seen).toHaveLength(1)
  }

  it.each<[string, Record<string, string>, Buffer]>([
    ['in an unknown compression', { 'content-type': 'application/json', 'content-encoding': 'squeezed' }, Buffer.from('{}')],
    ['compressed and broken', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, gzipSync('{"a":1}').subarray(0, 15)],
    ['compressed, and yet not', { 'content-type': 'application/json', 'content-encoding': 'br' }, Buffer.from('{"a":"plain"}')],
    ['in no encoding', { 'content-type': 'application/json' }, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['in an unknown character set', { 'content-type': 'text/plain; charset=utf-16le' }, Buffer.from('ceo@acme.com', 'utf16le')],
    ['longer than can be', { 'content-type': 'application/json', 'content-encoding': 'br' }, brotliCompressSync(Buffer.alloc(66 * 1024 * 1024, 'x'))],
  ])('does not go on: %s', async (_name, headers, body) => {
    test.upstream.script = (response) => {
      response.writeHead(200, headers)
      response.end(body)
    }
    await refused()
  })

  it('does not go on because the one who looks is broken', async () => {
    test.upstream.script = (response) => {
      test.safety.scanner = { scan: broken, stream: broken }
      answerJson(response, chatAnswer())
    }
    await refused()
  })

  it('ends a stream that has begun', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Hello!'))
      response.write(Buffer.from([...Buffer.from('data: "'), 0xff, ...Buffer.from('"\n\n')]))
    }
    const answer = await ask(`${test.openai}/chat/completions`, ASKING)
    const events = readEvents(answer.text)
    expect([answer.status, chatText.read(events), events.at(-1)]).toMatchObject([200, 'Hello!', { error: { code: 'not_checked' } }])
    await test.finished(1)
    expect(test.defects.splice(0)).toHaveLength(1)
  })
})

function broken(): never {
  throw new Error('an invented defect')
}
