import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anthropicDialect } from './anthropic.ts'
import type { Demand } from './dialect.ts'

function read(changes: object = {}): Demand {
  const json = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...changes }
  const demand = anthropicDialect.readDemand('messages', json, 1000)
  if (!demand || 'invalid' in demand) throw new Error(`No demand: ${demand?.invalid}`)
  return demand
}

const blocks = (...content: unknown[]): object => ({ messages: [{ role: 'user', content }] })

describe('a message’s demand', () => {
  it('is read from what the request says', () => {
    expect(read({ stream: true, thinking: { type: 'enabled', budget_tokens: 90 } })).toMatchObject({
      model: 'claude-sonnet-4-5',
      isStreamed: true,
      asksForUsage: true,
      // Thinking is inside the limit.
      mostOutputTokens: 100,
      choices: 1,
      prompts: 1,
      bodyBytes: 1000,
      isTokeniserKnown: false,
      isInputOpen: false,
      cacheWrite: null,
      hasAudio: false,
      mostWebSearches: 0,
      serviceTier: null,
    })
  })

  it('has the text in its order, that of results within results as well', () => {
    const demand = read({
      system: [{ type: 'text', text: 'Be short.' }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'one' },
            { type: 'document', title: 'T', source: { type: 'text', data: 'two' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 's' },
            { type: 'tool_use', id: 't', name: 'look', input: { at: 'there' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [
                { type: 'text', text: 'seen' },
                { type: 'text', text: 'more' },
              ],
            },
            { type: 'text', text: 'end' },
          ],
        },
      ],
    })
    expect(demand.inputText()).toEqual(['Be short.', 'one', 'T', 'two', 'hm', 'look', '{"at":"there"}', 'seen', 'more', 'end'])
    expect(demand.otherInputTokens).toBe(12)
  })

  it('bounds images, wherever they lie', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
    expect(read(blocks(image, { type: 'tool_result', tool_use_id: 't', content: [image] })).otherInputTokens).toBe(4 + 2 * 4_784)
    expect(read(blocks(image)).isInputOpen).toBe(false)
  })

  it.each<[string, object]>([
    ['a PDF', blocks({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } })],
    ['a PDF elsewhere', blocks({ type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } })],
    ['a file', blocks({ type: 'document', source: { type: 'file', file_id: 'file_1' } })],
    ['an upload', blocks({ type: 'container_upload', file_id: 'file_1' })],
    ['remote tools', { mcp_servers: [{ type: 'url', url: 'https://example.com' }] }],
    ['pages that are fetched', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }],
    ['what a search finds', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ])('is open with %s', (_what, changes) => {
    expect(read(changes).isInputOpen).toBe(true)
  })

  it('bounds its searches', () => {
    expect(read({ tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] }).mostWebSearches).toBe(3)
    expect(read({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }).mostWebSearches).toBe(10)
  })

  it('counts tools as text, and what is said of them', () => {
    const tool = { name: 'look', description: 'Looks.', input_schema: { type: 'object' } }
    expect(read({ tools: [tool] }).inputText()).toContain(JSON.stringify(tool))
    expect(read({ tools: [tool] }).otherInputTokens).toBeGreaterThan(read().otherInputTokens + 600)
  })

  it.each<[string, object, Demand['cacheWrite']]>([
    ['nowhere', {}, null],
    ['switched off', { cache_control: null }, null],
    ['at the top', { cache_control: { type: 'ephemeral' } }, '5m'],
    ['in a block', blocks({ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '5m' } }), '5m'],
    [
      'in a tool, for an hour',
      { tools: [{ name: 'a', input_schema: {}, cache_control: { type: 'ephemeral', ttl: '1h' } }], cache_control: { type: 'ephemeral' } },
      '1h',
    ],
    ['for a life that nobody knows yet', { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1d' } }] }, '1h'],
    [
      'in a result in a result',
      blocks({ type: 'tool_result', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }),
      '5m',
    ],
    [
      'with its name escaped',
      JSON.parse(String.raw`{"system":[{"type":"text","text":"x","cache\u005fcontrol":{"ttl":"1h"}}]}`) as object,
      '1h',
    ],
  ])('finds a cache %s', (_what, changes, cacheWrite) => {
    expect(read(changes).cacheWrite).toBe(cacheWrite)
  })

  it.each<[object, string | null]>([
    [{ speed: 'fast' }, 'fast'],
    [{ speed: 'fast', inference_geo: 'us' }, 'fast+us'],
    [{ inference_geo: 'global' }, null],
    [{ service_tier: 'standard_only' }, 'standard_only'],
    [{ service_tier: 'auto' }, 'auto'],
  ])('knows what changes every price: %j', (changes, tier) => {
    expect(read(changes).serviceTier).toBe(tier)
  })

  it.each<[string, object, RegExp]>([
    ['no messages', { messages: 'Hello' }, /"messages"/],
    ['no limit', { max_tokens: undefined }, /"max_tokens"/],
    ['a limit that is none', { max_tokens: '100' }, /"max_tokens"/],
    ['no model', { model: 7 }, /names no model/],
    [
      'a tool that is billed by the hour',
      { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
      /code_execution_20250825.* billed apart/,
    ],
    [
      'another model for an adviser',
      { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5' }] },
      /advisor_20260301/,
    ],
    ['other models to fall back to', { fallbacks: [{ model: 'claude-opus-5' }] }, /"fallbacks"/],
  ])('is refused with %s', (_what, changes, sentence) => {
    const json = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [], ...changes }
    expect(anthropicDialect.readDemand('messages', json, 10)).toEqual({ invalid: expect.stringMatching(sentence) })
  })

  it('costs nothing to count tokens', () => {
    expect(anthropicDialect.readDemand('messages/count_tokens', { model: 'claude-sonnet-4-5', messages: [] }, 10)).toBeNull()
  })

  it('never throws, however strange the request', () => {
    const strange = fc.record({
      messages: fc.array(fc.jsonValue()),
      system: fc.jsonValue(),
      tools: fc.jsonValue(),
      cache_control: fc.jsonValue(),
    })
    fc.assert(
      fc.property(strange, (json) => {
        const demand = anthropicDialect.readDemand('messages', { model: 'm', max_tokens: 1, ...json }, 1000)
        if (demand && !('invalid' in demand)) demand.inputText()
      }),
    )
  })

  it('reads results within results, deeper than any stack and longer than any list of arguments', () => {
    let deep: unknown = [{ type: 'text', text: 'x', cache_control: {} }]
    for (let depth = 0; depth < 50_000; depth++) deep = [{ type: 'tool_result', content: deep }]
    expect(read({ messages: [{ role: 'user', content: deep }] })).toMatchObject({ cacheWrite: '5m' })
    const long = Array.from({ length: 300_000 }, () => ({ type: 'text', text: 'x' }))
    expect(read({ messages: [{ role: 'user', content: long }] }).inputText()).toHaveLength(300_000)
  })
})
