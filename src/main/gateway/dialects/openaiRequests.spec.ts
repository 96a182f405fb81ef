import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Endpoint } from '../../../shared/domain/llm.ts'
import type { Demand } from './dialect.ts'
import { openAiDialect } from './openai.ts'

function read(endpoint: Endpoint, json: unknown): Demand {
  const demand = openAiDialect.readDemand(endpoint, json, 1000)
  if (!demand || 'invalid' in demand) throw new Error(`No demand: ${demand?.invalid}`)
  return demand
}

const chat = (changes: object = {}): Demand =>
  read('chat/completions', { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], ...changes })
const response = (changes: object = {}): Demand => read('responses', { model: 'gpt-4o', input: 'Hello', ...changes })
const content = (...parts: object[]): object => ({ messages: [{ role: 'user', content: parts }] })

describe('a chat’s demand', () => {
  it('is read from what the request says', () => {
    expect(chat({ stream: true, stream_options: { include_usage: true }, max_tokens: 50, n: 3, service_tier: 'flex' })).toMatchObject({
      model: 'gpt-4o',
      isStreamed: true,
      asksForUsage: true,
      mostOutputTokens: 50,
      choices: 3,
      prompts: 1,
      bodyBytes: 1000,
      isTokeniserKnown: true,
      isInputOpen: false,
      cacheWrite: 'unasked',
      hasAudio: false,
      mostWebSearches: 0,
      serviceTier: 'flex',
    })
  })

  it('has the text that a tokeniser would count, and a few tokens for each message', () => {
    const demand = chat({
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', name: 'ann', content: [{ type: 'text', text: 'Hello' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'seen' },
      ],
    })
    expect(demand.inputText()).toEqual(['system', 'Be short.', 'user', 'ann', 'Hello', 'assistant', 'look', '{"at":1}', 'tool', 'seen'])
    expect(demand.otherInputTokens).toBe(3 + 4 * 4 + 4)
  })

  it('counts tools and schemas as text', () => {
    const tool = {
      type: 'function',
      function: { name: 'look', description: 'Looks "there".', parameters: { type: 'object', properties: { at: { type: 'number' } } } },
    }
    const demand = chat({ tools: [tool], response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } } })
    expect(demand.inputText()).toContain(JSON.stringify(tool))
    expect(demand.inputText()).toContain('{"name":"n","schema":{}}')
  })

  it.each<[string, object, number | null]>([
    ['none', {}, null],
    ['null', { max_tokens: null }, null],
    ['the newer name', { max_completion_tokens: 7 }, 7],
    ['both: the larger', { max_completion_tokens: 7, max_tokens: 9 }, 9],
    ['what some servers take for none', { max_tokens: -1 }, null],
    ['no number', { max_tokens: '9' }, null],
    ['with a prediction that may not come true', { max_tokens: 9, prediction: { type: 'content', content: 'abcd' } }, 9 + 6],
  ])('takes as the client’s limit: %s', (_what, changes, limit) => {
    expect(chat(changes).mostOutputTokens).toBe(limit)
  })

  it('bounds images by their kind of model, wherever they lie', () => {
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
    const bare = chat({ ...content() }).otherInputTokens
    expect(chat(content(image, image)).otherInputTokens - bare).toBe(2 * 1_445)
    expect(chat({ model: 'gpt-4o-mini', ...content(image) }).otherInputTokens - bare).toBe(48_169)
    expect(chat({ model: 'gpt-9', ...content(image) }).otherInputTokens - bare).toBe(24_600)
    expect(chat(content(image)).isInputOpen).toBe(false)
    expect(chat(content({ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } })).inputText()).toEqual(['user'])
  })

  it('knows sound going in and coming out', () => {
    expect(chat(content({ type: 'input_audio', input_audio: { data: 'A'.repeat(5000), format: 'mp3' } }))).toMatchObject({
      hasAudio: true,
      isInputOpen: false,
    })
    expect(chat({ modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }).hasAudio).toBe(true)
    expect(chat({ messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] })).toMatchObject({ hasAudio: true, isInputOpen: true })
  })

  it('is open where a file’s pages are read', () => {
    expect(chat(content({ type: 'file', file: { file_id: 'file-1' } })).isInputOpen).toBe(true)
    expect(chat(content({ type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } })).isInputOpen).toBe(true)
  })

  it('knows searches, a cache for long, and the other word for priority', () => {
    expect(chat({ web_search_options: {}, n: 2 }).mostWebSearches).toBe(2)
    expect(chat({ model: 'gpt-4o-search-preview' }).mostWebSearches).toBe(1)
    expect(chat({ prompt_cache_options: { ttl: '12h' } }).cacheWrite).toBe('1h')
    expect(chat(content({ type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } })).cacheWrite).toBe('1h')
    expect(chat({ prompt_cache_options: { mode: 'explicit', ttl: '30m' } }).cacheWrite).toBe('unasked')
    expect(chat({ service_tier: 'fast' }).serviceTier).toBe('priority')
  })

  it('does not rely upon a tokeniser that nobody knows', () => {
    expect(chat({ model: 'llama-4' }).isTokeniserKnown).toBe(false)
    expect(chat({ model: 'gpt-6-sol' }).isTokeniserKnown).toBe(false)
    expect(chat({ model: 'ft:gpt-4o-mini:example::abc' }).isTokeniserKnown).toBe(true)
  })

  it.each<[string, unknown, RegExp]>([
    ['no object', [], /no JSON object/],
    ['no model', { messages: [] }, /names no model/],
    ['an empty model', { model: '', messages: [] }, /names no model/],
    ['no messages', { model: 'gpt-4o' }, /"messages"/],
    ['no sensible number of answers', { model: 'gpt-4o', messages: [], n: 0 }, /"n" is 0, but must be a whole number from 1 to/],
    ['a hidden number of answers', { model: 'gpt-4o', messages: [], n: '100' }, /"n" is "100"/],
  ])('is refused with %s', (_what, json, sentence) => {
    expect(openAiDialect.readDemand('chat/completions', json, 10)).toEqual({ invalid: expect.stringMatching(sentence) })
  })
})

describe('a response’s demand', () => {
  it('is read from what the request says', () => {
    const demand = response({
      instructions: 'Be short.',
      max_output_tokens: 20,
      stream: true,
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
        { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'seen' },
        { type: 'reasoning', encrypted_content: 'abc' },
      ],
    })
    expect(demand).toMatchObject({ mostOutputTokens: 20, isStreamed: true, asksForUsage: true, isInputOpen: false })
    expect(demand.inputText()).toEqual([
      'Be short.',
      'user',
      'Hello',
      'look',
      '{}',
      'seen',
      '{"type":"reasoning","encrypted_content":"abc"}',
    ])
  })

  it.each<[string, object]>([
    ['an earlier response', { previous_response_id: 'resp_1' }],
    ['a conversation', { conversation: 'conv_1' }],
    ['a stored prompt', { prompt: { id: 'pmpt_1' } }],
    ['an item', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['a file', { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://example.com/a.pdf' }] }] }],
    ['what a remote tool answers', { tools: [{ type: 'mcp', server_url: 'https://example.com' }] }],
    ['what a search finds', { tools: [{ type: 'web_search' }] }],
  ])('is open with %s', (_what, changes) => {
    expect(response(changes).isInputOpen).toBe(true)
  })

  it('bounds images, a screen’s as well', () => {
    const bare = response({ input: [{ role: 'user', content: [] }] }).otherInputTokens
    expect(
      response({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,A' }] }] }).otherInputTokens -
        bare,
    ).toBe(1_445)
    expect(
      response({ input: [{ type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: 'data:' } }] })
        .otherInputTokens - bare,
    ).toBe(1_445)
  })

  it('bounds its searches', () => {
    expect(response({ tools: [{ type: 'web_search' }], max_tool_calls: 2 }).mostWebSearches).toBe(2)
    expect(response({ tools: [{ type: 'web_search_preview' }] }).mostWebSearches).toBe(10)
  })

  it.each<[string, object, RegExp]>([
    ['in the background', { background: true }, /"background" is true, but/],
    ['with a tool that is billed by the call', { tools: [{ type: 'file_search' }] }, /"file_search" is billed apart from tokens/],
    ['with a machine at the provider', { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }, /"code_interpreter"/],
    ['with a shell there', { tools: [{ type: 'shell', environment: { type: 'container_auto' } }] }, /"shell"/],
    ['that makes images', { tools: [{ type: 'image_generation' }] }, /"image_generation"/],
  ])('is refused %s', (_what, changes, sentence) => {
    expect(openAiDialect.readDemand('responses', { model: 'gpt-4o', input: 'x', ...changes }, 10)).toEqual({
      invalid: expect.stringMatching(sentence),
    })
  })

  it('takes a shell of the agent’s own', () => {
    expect(
      response({ tools: [{ type: 'shell' }, { type: 'local_shell' }, { type: 'shell', environment: { type: 'local' } }] }).isInputOpen,
    ).toBe(false)
  })
})

describe('prompts', () => {
  it.each<[string, object, object, string[]]>([
    ['one', { prompt: 'a' }, { prompts: 1, choices: 1, otherInputTokens: 0 }, ['a']],
    ['several, several times, the best of more', { prompt: ['a', 'b'], n: 2, best_of: 5 }, { prompts: 2, choices: 10 }, ['a', 'b']],
    ['tokens', { prompt: [1, 2, 3] }, { prompts: 1, otherInputTokens: 3 }, []],
    ['lists of tokens', { prompt: [[1, 2], [3]], max_tokens: 4 }, { prompts: 2, choices: 2, otherInputTokens: 3, mostOutputTokens: 4 }, []],
    ['none', {}, { prompts: 1 }, []],
  ])('of a completion: %s', (_what, json, wanted, texts) => {
    const demand = read('completions', { model: 'gpt-3.5-turbo-instruct', ...json })
    expect(demand).toMatchObject(wanted)
    expect(demand.inputText()).toEqual(texts)
  })

  it('of embeddings, which have no output', () => {
    expect(read('embeddings', { model: 'text-embedding-3-small', input: ['a', 'b'] })).toMatchObject({
      prompts: 2,
      choices: 0,
      mostOutputTokens: 0,
      isStreamed: false,
    })
  })

  it.each([[{}], [[{}]], [[1, 'a', {}]], [null], [[]], [[['a']]]])('are refused as %j', (input) => {
    expect(openAiDialect.readDemand('embeddings', { model: 'm', input }, 10)).toEqual({ invalid: expect.stringMatching(/"input" must be/) })
  })
})

it('costs nothing to list models or to ask for what nobody knows', () => {
  expect(openAiDialect.readDemand('models', null, 0)).toBeNull()
  expect(openAiDialect.readDemand('unknown', { model: 'gpt-4' }, 10)).toBeNull()
})

it('never throws and never has less text in it than was said, however strange the request', () => {
  const endpoints = fc.constantFrom<Endpoint>('chat/completions', 'responses', 'completions', 'embeddings')
  const strange = fc.record({
    messages: fc.array(fc.jsonValue()),
    input: fc.jsonValue(),
    prompt: fc.jsonValue(),
    tools: fc.jsonValue(),
    n: fc.constantFrom(1, undefined),
  })
  fc.assert(
    fc.property(endpoints, strange, (endpoint, json) => {
      const demand = openAiDialect.readDemand(endpoint, { model: 'gpt-4o', ...json }, 1000)
      if (demand && !('invalid' in demand)) demand.inputText()
    }),
  )
})

it('reads nesting that is deeper than any stack', () => {
  let deep: unknown = 'x'
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  const demand = chat({ tools: [deep], messages: [{ role: 'user', content: [deep] }] })
  expect(demand.inputText().join('').length).toBeGreaterThan(200_000)
})
