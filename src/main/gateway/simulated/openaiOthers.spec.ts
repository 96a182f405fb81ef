import { describe, expect, it } from 'vitest'
import { createTestSimulation, tokensOf } from './testSimulation.ts'

const { ask } = createTestSimulation({ seed: 7 })

describe('completions', () => {
  const PROMPT = { model: 'gpt-3.5-turbo-instruct', prompt: 'List three ideas for a garden', max_tokens: 500 }

  it('answer with text and its usage', async () => {
    const answer = (await ask('completions', PROMPT)).json()
    expect(answer).toMatchObject({
      object: 'text_completion',
      model: PROMPT.model,
      choices: [{ index: 0, logprobs: null, finish_reason: 'stop' }],
    })
    const { text } = answer.choices[0]
    expect(answer.usage).toMatchObject({
      prompt_tokens: tokensOf(PROMPT.prompt),
      completion_tokens: tokensOf(text),
      total_tokens: tokensOf(PROMPT.prompt) + tokensOf(text),
    })
  })

  it('end after sixteen tokens where nobody says otherwise', async () => {
    const { choices, usage } = (await ask('completions', { ...PROMPT, max_tokens: undefined })).json()
    expect([choices[0].finish_reason, usage.completion_tokens]).toEqual(['length', 16])
  })

  it('answer each prompt so many times, each counted once as input', async () => {
    const { choices, usage } = (await ask('completions', { ...PROMPT, prompt: ['Hello there', 'List ideas'], n: 2, echo: true })).json()
    expect(choices.map(({ text }: { text: string }) => text.slice(0, 5))).toEqual(['Hello', 'Hello', 'List ', 'List '])
    expect(usage.prompt_tokens).toBe(tokensOf('Hello there') + tokensOf('List ideas'))
  })

  it.each([
    ['one prompt', [1, 2, 3], 1, 3],
    [
      'several',
      [
        [1, 2, 3],
        [4, 5],
      ],
      2,
      5,
    ],
  ])('take tokens for text: %s', async (_what, prompt, choices, tokens) => {
    const answer = (await ask('completions', { ...PROMPT, prompt })).json()
    expect([answer.choices.length, answer.usage.prompt_tokens]).toEqual([choices, tokens])
  })

  it('stream', async () => {
    const plain = (await ask('completions', PROMPT)).json()
    const heard = await ask('completions', { ...PROMPT, stream: true, stream_options: { include_usage: true } })
    const events = heard.events()
    expect(events.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(plain.choices[0].text)
    expect(events.at(-2).choices[0].finish_reason).toBe('stop')
    expect(events.at(-1)).toMatchObject({ choices: [], usage: plain.usage })
    expect(heard.text().endsWith('data: [DONE]\n\n')).toBe(true)
    expect((await ask('completions', { ...PROMPT, stream: true })).text()).not.toContain('usage')
  })

  it.each([
    ['no model', { prompt: 'x' }],
    ['a prompt that is none', { ...PROMPT, prompt: 7 }],
    ['too many prompts', { ...PROMPT, prompt: Array.from({ length: 129 }, () => 'x') }],
    ['a negative limit', { ...PROMPT, max_tokens: -1 }],
  ])('are refused for %s', async (_what, request) => {
    const heard = await ask('completions', request)
    expect([heard.status, heard.json().error.type]).toEqual([400, 'invalid_request_error'])
  })
})

describe('embeddings', () => {
  const INPUT = { model: 'text-embedding-3-small', input: ['the garden in spring', 'the garden in autumn', 'quarterly revenue figures'] }
  const vectors = async (request: object): Promise<number[][]> =>
    (await ask('embeddings', request)).json().data.map(({ embedding }: { embedding: number[] }) => embedding)
  const product = (a: number[], b: number[]): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

  it('are unit vectors in order, with usage', async () => {
    const answer = (await ask('embeddings', INPUT)).json()
    expect(answer).toMatchObject({
      object: 'list',
      model: INPUT.model,
      usage: { prompt_tokens: tokensOf(...INPUT.input), total_tokens: tokensOf(...INPUT.input) },
    })
    expect(answer.data.map(({ object, index }: { object: string; index: number }) => [object, index])).toEqual(
      [0, 1, 2].map((index) => ['embedding', index]),
    )
    for (const { embedding } of answer.data) {
      expect(embedding).toHaveLength(1_536)
      expect(product(embedding, embedding)).toBeCloseTo(1, 5)
    }
  })

  it('lie nearer to each other the more words they share, and never move', async () => {
    const [spring = [], autumn = [], revenue = []] = await vectors(INPUT)
    expect(product(spring, autumn)).toBeGreaterThan(product(spring, revenue) + 0.2)
    expect(await vectors({ ...INPUT, input: INPUT.input[2] })).toEqual([revenue])
  })

  it('come as floats or as base64, alike', async () => {
    const [floats = []] = await vectors({ ...INPUT, dimensions: 8, encoding_format: 'float' })
    const { data } = (await ask('embeddings', { ...INPUT, dimensions: 8, encoding_format: 'base64' })).json()
    const bytes = Buffer.from(data[0].embedding, 'base64')
    expect(Array.from({ length: 8 }, (_, index) => bytes.readFloatLE(index * 4))).toEqual(floats)
  })

  it.each([
    ['the large model', { model: 'text-embedding-3-large', input: 'x' }, 1, 3_072, 1],
    ['tokens', { model: 'text-embedding-3-small', input: [5, 6, 7] }, 1, 1_536, 3],
    ['lists of tokens', { model: 'text-embedding-3-small', input: [[5, 6, 7], [8]], dimensions: 3 }, 2, 3, 4],
    ['one dimension', { model: 'text-embedding-3-small', input: 'x', dimensions: 1 }, 1, 1, 1],
  ])('are as many and as long as asked: %s', async (_what, request, number, dimensions, tokens) => {
    const answer = (await ask('embeddings', request)).json()
    expect(answer.data.map(({ embedding }: { embedding: number[] }) => embedding.length)).toEqual(
      Array.from({ length: number }, () => dimensions),
    )
    expect(answer.usage.prompt_tokens).toBe(tokens)
  })

  it('of many texts come one by one, so that others get their turn', async () => {
    const heard = await ask('embeddings', { ...INPUT, input: Array.from({ length: 300 }, (_, index) => `text ${index}`) })
    expect(heard.chunks).toHaveLength(301)
    expect(heard.json().data).toHaveLength(300)
  })

  it.each([
    ['no model', { input: 'x' }],
    ['no input', { model: 'text-embedding-3-small' }],
    ['an empty text', { ...INPUT, input: ['x', ''] }],
    ['an empty list', { ...INPUT, input: [] }],
    ['too many texts', { ...INPUT, input: Array.from({ length: 2_049 }, () => 'x') }],
    ['no dimensions', { ...INPUT, dimensions: 0 }],
    ['an unknown encoding', { ...INPUT, encoding_format: 'morse' }],
  ])('are refused for %s', async (_what, request) => {
    const heard = await ask('embeddings', request)
    expect([heard.status, heard.json().error.type]).toEqual([400, 'invalid_request_error'])
  })
})

describe('models', () => {
  const openai = (path: string) => ask('models', null, { path })
  const anthropic = (path: string) => ask('models', null, { path, provider: 'anthropic' })

  it('are listed as each provider lists them', async () => {
    const list = (await openai('/models')).json()
    expect(list.object).toBe('list')
    expect(list.data).toContainEqual({ id: 'gpt-4', object: 'model', created: 1_687_882_411, owned_by: 'openai' })
    const page = (await anthropic('/v1/models?limit=100')).json()
    expect(page).toMatchObject({ has_more: false, first_id: page.data[0].id, last_id: page.data.at(-1).id })
    expect(page.data[0]).toMatchObject({ type: 'model', display_name: expect.any(String), created_at: expect.any(String) })
    expect((await anthropic(`/v1/models?after_id=${page.last_id}`)).json()).toEqual({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    })
  })

  it('are told one by one, or that they do not exist', async () => {
    expect((await openai('/models/gpt-4o')).json()).toMatchObject({ id: 'gpt-4o', object: 'model' })
    expect((await openai('/models/gpt-99')).json().error.code).toBe('model_not_found')
    expect((await openai('/models/gpt-99')).status).toBe(404)
    expect((await anthropic('/v1/models/claude-opus-4-6')).json()).toMatchObject({ id: 'claude-opus-4-6', type: 'model' })
    expect((await anthropic('/v1/models/claude-99')).json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } })
  })
})
