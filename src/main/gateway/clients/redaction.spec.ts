import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anthropicArguments, anthropicText, chatArguments, chatText, responsesArguments, responsesText, written, type TestEvent } from '../guard/testStreams.ts'
import { createTestGateway, type TestGateway } from '../testGateway.ts'
import { startStream } from '../testUpstream.ts'

let test: TestGateway
let openai: OpenAI
let anthropic: Anthropic
beforeEach(async () => {
  test = await createTestGateway()
  openai = new OpenAI({ baseURL: test.openai, apiKey: KEY })
  anthropic = new Anthropic({ baseURL: test.anthropic, apiKey: KEY })
})
afterEach(() => test.close())

const KEY = 'an-invented-word'
const messages = [{ role: 'user' as const, content: 'An invented question?' }]
const CHAT = { model: 'gpt-4', messages, max_tokens: 200 }
const MESSAGE = { model: 'claude-sonnet-4-5', messages, max_tokens: 200 }
const TEXT = ['Ask ', 'ce', 'o@ac', 'me', '.com', ' or (4', '15) 555-', '0132', '. Bye', '!']
const READ = 'Ask [EMAIL_REDACTED] or [PHONE_REDACTED]. Bye!'
const FRAGMENTS = ['{"to', '":"c', 'eo@', 'acme.c', 'om","n":4155550132', ',"note":"078-0', '5-1120"}']
const ARGUMENTS = { to: '[EMAIL_REDACTED]', n: 4_155_550_132, note: '[SSN_REDACTED]' }

function playing(events: readonly TestEvent[]): void {
  test.upstream.script = async (response) => {
    startStream(response)
    for (const chunk of written(events)) {
      response.write(chunk)
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  }
}

describe('the providers’ own SDKs', () => {
  it('read a chat from which something was taken out', async () => {
    playing(chatText.events(TEXT))
    const { choices, usage } = await openai.chat.completions.stream({ ...CHAT, stream_options: { include_usage: true } }).finalChatCompletion()
    expect([choices[0]!.message.content, choices[0]!.finish_reason, usage?.total_tokens]).toEqual([READ, 'stop', 1_100])
  })

  it('read a chat’s tool call', async () => {
    playing(chatArguments.events(FRAGMENTS))
    const { choices } = await openai.chat.completions.stream(CHAT).finalChatCompletion()
    const [call] = choices[0]!.message.tool_calls!
    expect(call).toMatchObject({ id: 'call_invented', type: 'function', function: { name: 'send_mail' } })
    expect(JSON.parse((call as { function: { arguments: string } }).function.arguments)).toEqual(ARGUMENTS)
  })

  it('read a response, in pieces and whole', async () => {
    playing(responsesText.events(TEXT))
    let deltas = ''
    const stream = openai.responses.stream({ model: 'gpt-4', input: 'An invented question?' })
    stream.on('response.output_text.delta', ({ delta }) => (deltas += delta))
    expect([(await stream.finalResponse()).output_text, deltas]).toEqual([READ, READ])
  })

  it('read a response’s tool call', async () => {
    playing(responsesArguments.events(FRAGMENTS))
    const stream = await openai.responses.create({ model: 'gpt-4', input: 'An invented question?', stream: true })
    const whole: string[] = []
    for await (const event of stream) {
      if (event.type === 'response.function_call_arguments.done') whole.push(event.arguments)
      if (event.type === 'response.completed') whole.push((event.response.output[0] as { arguments: string }).arguments)
    }
    expect(whole.map((text) => JSON.parse(text) as unknown)).toEqual([ARGUMENTS, ARGUMENTS])
  })

  it('read a message', async () => {
    playing(anthropicText.events(TEXT))
    const { content, usage, stop_reason } = await anthropic.messages.stream(MESSAGE).finalMessage()
    expect([content, usage.output_tokens, stop_reason]).toEqual([[{ type: 'text', text: READ }], 100, 'end_turn'])
  })

  it('read a message’s tool call', async () => {
    playing(anthropicArguments.events(FRAGMENTS))
    const { content } = await anthropic.messages.stream(MESSAGE).finalMessage()
    expect(content).toMatchObject([{ type: 'tool_use', id: 'toolu_invented', name: 'send_mail', input: ARGUMENTS }])
  })
})

describe('the providers’ own SDKs, when the rules block', () => {
  beforeEach(() => {
    test.safety.mode = 'block'
  })

  it('tell of it in the middle of a chat', async () => {
    playing(chatText.events(TEXT))
    const stream = await openai.chat.completions.create({ ...CHAT, stream: true })
    let text = ''
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    })()
    await expect(reading).rejects.toMatchObject({ code: 'blocked_by_policy' })
    expect([text, test.upstream.seen.length]).toEqual(['Ask ', 1])
  })

  it('tell of it in the middle of a response', async () => {
    playing(responsesText.events(TEXT))
    const stream = await openai.responses.create({ model: 'gpt-4', input: 'An invented question?', stream: true })
    let text = ''
    const reading = (async () => {
      for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
    })()
    await expect(reading).rejects.toMatchObject({ code: 'blocked_by_policy' })
    expect(text).toBe('Ask ')
  })

  it('tell of it in the middle of a message', async () => {
    playing(anthropicText.events(TEXT))
    await expect(anthropic.messages.stream(MESSAGE).finalMessage()).rejects.toThrow('permission_error')
    expect(test.upstream.seen.length).toBe(1)
  })

  it('tell of it instead of a whole answer, and do not try again', async () => {
    await expect(openai.chat.completions.create(CHAT)).resolves.toMatchObject({ choices: [{ message: { content: 'Good morning.' } }] })
    test.upstream.script = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"choices":[{"message":{"role":"assistant","content":"ceo@acme.com"}}]}')
    }
    await expect(openai.chat.completions.create(CHAT)).rejects.toMatchObject({ status: 403, code: 'blocked_by_policy' })
    await expect(anthropic.messages.create(MESSAGE)).rejects.toBeInstanceOf(Anthropic.PermissionDeniedError)
    expect(test.upstream.seen.length).toBe(3)
  })
})
