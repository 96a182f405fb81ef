import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, CHAT, createTestGateway, MESSAGE, openAsk, USUAL_COST, type TestGateway } from './testGateway.ts'
import { chatChunk, DONE, LAST_CHUNK, startStream, USAGE_CHUNK } from './testUpstream.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(() => test.close())

const STREAMED = { ...CHAT, stream: true }
const ASKING = { ...STREAMED, stream_options: { include_usage: true } }

const next = (response: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    const look = (): void => {
      const chunk = response.read() as Buffer | null
      if (chunk) resolve(chunk.toString())
      else response.once('readable', look)
    }
    look()
  })

function playing(...chunks: string[]): void {
  test.upstream.script = (response) => {
    startStream(response)
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }
}

describe('a stream', () => {
  it('reaches the agent as it comes, head first', async () => {
    let goOn = (): void => undefined
    const steps = [chatChunk('Good!'), chatChunk(' Morning.') + LAST_CHUNK, USAGE_CHUNK, DONE]
    test.upstream.script = async (response) => {
      startStream(response)
      response.flushHeaders()
      for (const step of steps) {
        await new Promise<void>((resolve) => (goOn = resolve))
        response.write(step)
      }
      response.end()
    }
    const { response } = openAsk(`${test.openai}/chat/completions`, ASKING)
    const answer = await response
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    for (const step of steps) {
      goOn()
      expect(await next(answer)).toBe(step)
    }
    answer.resume()
    expect((await test.finished(1))[0]).toMatchObject({ isStreamed: true, cost: USUAL_COST, usage: { input: 1_000, output: 100 } })
  })

  it('that ends without its last empty line is read to its end, and hides what it hides elsewhere', async () => {
    const text = chatChunk('Good') + LAST_CHUNK
    playing(text + USAGE_CHUNK.trimEnd())
    const answer = await ask(`${test.openai}/chat/completions`, STREAMED)
    expect(answer.text).toBe(text)
    expect((await test.finished(1))[0]).toMatchObject({ cost: USUAL_COST, usage: { input: 1_000, output: 100 } })
    playing(text + USAGE_CHUNK.trimEnd())
    expect((await ask(`${test.openai}/chat/completions`, ASKING)).text).toBe(text + USAGE_CHUNK.trimEnd())
    expect((await test.finished(2))[1]).toMatchObject({ cost: USUAL_COST, usage: { input: 1_000, output: 100 } })
  })

  it('of somebody who asks for usage is left alone in both directions', async () => {
    const body = JSON.stringify(ASKING, null, 1)
    const text = chatChunk('Good', { usage: null }) + LAST_CHUNK + USAGE_CHUNK + DONE
    playing(text)
    expect((await ask(`${test.openai}/chat/completions`, body)).text).toBe(text)
    expect(test.upstream.seen[0]!.body.toString()).toBe(body)
  })

  it('of somebody who does not is asked for usage, and shows none of it', async () => {
    playing(chatChunk('Good', { usage: null }), LAST_CHUNK, USAGE_CHUNK, DONE)
    const answer = await ask(`${test.openai}/chat/completions`, JSON.stringify(STREAMED))
    expect(answer.text).toBe(chatChunk('Good') + LAST_CHUNK + DONE)
    expect(test.upstream.seen[0]!.body.toString()).toBe(JSON.stringify({ stream_options: { include_usage: true }, ...STREAMED }))
    expect((await test.finished(1))[0]).toMatchObject({ cost: USUAL_COST, attempts: [{ receipt: { basis: 'reported' } }] })
  })

  it('keeps what other servers put beside the usage', async () => {
    const last = chatChunk('.', { usage: { prompt_tokens: 1_000, completion_tokens: 100 } })
    playing(chatChunk('Good'), last, DONE)
    expect((await ask(`${test.openai}/chat/completions`, STREAMED)).text).toBe(chatChunk('Good') + last + DONE)
    expect((await test.finished(1))[0]).toMatchObject({ cost: USUAL_COST })
  })

  it.each([1, 2, 3, 7])('is the same when it comes in slices of %i bytes', async (size) => {
    const text = chatChunk('Gööd €😀', { usage: null }) + LAST_CHUNK.replaceAll('\n', '\r\n') + USAGE_CHUNK + DONE
    test.upstream.script = async (response) => {
      startStream(response)
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += size) {
        response.write(bytes.subarray(at, at + size))
        await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    }
    expect((await ask(`${test.openai}/chat/completions`, STREAMED)).text).toBe(chatChunk('Gööd €😀') + LAST_CHUNK.replaceAll('\n', '\r\n') + DONE)
    expect((await ask(`${test.openai}/chat/completions`, ASKING)).text).toBe(text)
    expect((await test.finished(2)).map(({ cost }) => cost)).toEqual([USUAL_COST, USUAL_COST])
  })

  it('that ends within an event loses nothing', async () => {
    playing(chatChunk('Good'), 'data: {"half":')
    expect((await ask(`${test.openai}/chat/completions`, STREAMED)).text).toBe(`${chatChunk('Good')}data: {"half":`)
  })

  it('that is compressed is looked through, and goes on plain', async () => {
    const text = chatChunk('Good') + LAST_CHUNK
    const bytes = gzipSync(text + USAGE_CHUNK + DONE)
    test.upstream.script = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      response.end(bytes)
    }
    const answer = await ask(`${test.openai}/chat/completions`, STREAMED)
    expect([answer.headers['content-encoding'], answer.text]).toEqual([undefined, text + DONE])
    expect((await test.finished(1))[0]).toMatchObject({ cost: USUAL_COST })
  })

  it('of Anthropic’s is read from its beginning and its end', async () => {
    const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
    const message = { id: 'msg_invented', model: 'claude-sonnet-4-5', usage: { input_tokens: 1_000, output_tokens: 1 } }
    const text = [
      event('message_start', { message }),
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Good morning.' } }),
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 100 } }),
      event('message_stop', {}),
    ].join('')
    playing(text)
    expect((await ask(`${test.anthropic}/v1/messages`, { ...MESSAGE, stream: true })).text).toBe(text)
    expect((await test.finished(1))[0]).toMatchObject({ isStreamed: true, usage: { input: 1_000, output: 100 }, outcome: 'answered' })
  })

  it('that tells of an error is a failed call', async () => {
    playing(chatChunk('Good'), 'data: {"error":{"message":"invented"}}\n\n')
    expect((await ask(`${test.openai}/chat/completions`, ASKING)).status).toBe(200)
    expect((await test.finished(1))[0]).toMatchObject({ outcome: 'failed', problem: 'The provider broke its answer off with an error.' })
  })

  it('tells the budget what it has probably used so far', async () => {
    let end = (): void => undefined
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('word!'.repeat(80)))
      end = () => response.end(LAST_CHUNK + USAGE_CHUNK + DONE)
    }
    const body = JSON.stringify(ASKING)
    const answer = await openAsk(`${test.openai}/chat/completions`, body).response
    await next(answer)
    test.tellEstimates()
    // A hundred tokens at $0.06 for 1,000, and a quarter of the body's bytes at $0.03.
    expect(test.estimates).toEqual([6_000_000 + Math.round((body.length / 4) * 30_000)])
    end()
    answer.resume()
    await test.finished(1)
    test.tellEstimates()
    expect(test.estimates.length).toBe(1)
  })
})

describe('an agent that reads slowly', () => {
  it('slows the upstream down', async () => {
    const chunk = chatChunk('x'.repeat(60_000))
    let sent = 0
    let told = (): void => undefined
    const isBlocked = new Promise<void>((resolve) => (told = resolve))
    test.upstream.script = async (response) => {
      if (test.upstream.seen.length > 1) return response.end('{}')
      startStream(response)
      for (; sent < 1_000; sent++) {
        if (response.write(chunk)) continue
        if (sent > 20) told()
        await new Promise((resolve) => response.once('drain', resolve))
      }
      response.end(LAST_CHUNK + USAGE_CHUNK + DONE)
    }
    const answer = await openAsk(`${test.openai}/chat/completions`, ASKING).response
    answer.pause()
    await isBlocked
    // Long enough for sixty megabytes, were nobody holding them.
    for (let i = 0; i < 100; i++) await ask(`${test.openai}/models`)
    expect(sent).toBeLessThan(500)
    let bytes = 0
    for await (const slice of answer) bytes += (slice as Buffer).length
    expect([sent, bytes]).toEqual([1_000, 1_000 * chunk.length + LAST_CHUNK.length + USAGE_CHUNK.length + DONE.length])
  })
})
