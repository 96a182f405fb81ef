import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Endpoint } from '../../../shared/domain/llm.ts'
import { findApplication } from '../../application.ts'
import { readPriceTable } from '../../budget/priceTable.ts'
import { makeReceipt } from '../../budget/receipt.ts'
import { worstCaseOf } from '../../budget/worstCase.ts'
import { createTokenCounter } from '../../tokens/createTokenCounter.ts'
import { anthropicDialect } from '../dialects/anthropic.ts'
import { openAiDialect } from '../dialects/openai.ts'
import { createTestSimulation } from './testSimulation.ts'

const tokens = createTokenCounter()
const prices = readPriceTable(JSON.parse(await readFile(join(findApplication().folder, 'resources', 'pricing.json'), 'utf8')))
const { ask } = createTestSimulation({ seed: 3 }, { tokens })
afterAll(() => tokens.close())

const user = (content: unknown) => ({ role: 'user', content })
const PARAMETERS = { type: 'object', properties: { city: { type: 'string', description: 'Where' } }, required: ['city'] }
const TOOL = { type: 'function', function: { name: 'get_weather', description: 'The weather', parameters: PARAMETERS } }
const PICTURE = { type: 'image_url', image_url: { url: 'https://www.example.com/a.png', detail: 'low' } }
const SCHEMA = { type: 'json_schema', json_schema: { name: 'x', schema: PARAMETERS } }

describe('what the simulated provider charges', () => {
  it.each<[string, Endpoint, Record<string, unknown>]>([
    ['a chat', 'chat/completions', { model: 'gpt-4', messages: [{ role: 'system', content: 'Be brief.' }, user('Hello')], max_tokens: 3 }],
    ['several answers', 'chat/completions', { model: 'gpt-4o', messages: [user('Write 200 words on gardens')], n: 3, max_tokens: 50 }],
    ['a name', 'chat/completions', { model: 'gpt-4o', messages: [{ ...user('Hello'), name: 'maria' }], max_tokens: 5 }],
    ['tools', 'chat/completions', { model: 'gpt-4o', messages: [user('The weather in Paris?')], tools: [TOOL, TOOL], max_tokens: 5 }],
    ['a schema', 'chat/completions', { model: 'gpt-4o', messages: [user('Where?')], response_format: SCHEMA, max_tokens: 5 }],
    [
      'a picture',
      'chat/completions',
      { model: 'gpt-4o', messages: [user([{ type: 'text', text: 'What is it?' }, PICTURE])], max_tokens: 5 },
    ],
    ['many messages', 'chat/completions', { model: 'gpt-4', messages: Array.from({ length: 200 }, () => user('a')), max_tokens: 1 }],
    [
      'a stream',
      'chat/completions',
      { model: 'gpt-4', messages: [user('Hello')], max_tokens: 3, stream: true, stream_options: { include_usage: true } },
    ],
    ['a response', 'responses', { model: 'gpt-4o', instructions: 'Be brief.', input: 'Write 200 words on gardens', max_output_tokens: 16 }],
    [
      'a response with functions',
      'responses',
      {
        model: 'gpt-4o',
        input: [user('The weather in Paris?')],
        tools: [{ type: 'function', name: 'get_weather', parameters: PARAMETERS }],
        max_output_tokens: 16,
      },
    ],
    ['a streamed response', 'responses', { model: 'gpt-4o', input: 'Hello', stream: true, max_output_tokens: 16 }],
    ['a completion', 'completions', { model: 'gpt-3.5-turbo-instruct', prompt: ['Hello', 'List ideas'], n: 2, max_tokens: 4 }],
    ['embeddings', 'embeddings', { model: 'text-embedding-3-small', input: ['a garden', 'a wood'], dimensions: 4 }],
    [
      'a message',
      'messages',
      { model: 'claude-sonnet-4-5', system: 'Be brief.', messages: [user('Write 200 words on gardens')], max_tokens: 9 },
    ],
    [
      'a message with tools',
      'messages',
      {
        model: 'claude-sonnet-4-5',
        messages: [user('The weather in Paris?')],
        tools: [{ name: 'get_weather', input_schema: PARAMETERS }],
        max_tokens: 9,
      },
    ],
    ['a streamed message', 'messages', { model: 'claude-sonnet-4-5', messages: [user('Hello')], max_tokens: 9, stream: true }],
  ])('for %s is metered, and within the worst case', async (_what, endpoint, request) => {
    const isAnthropic = endpoint === 'messages'
    const dialect = isAnthropic ? anthropicDialect : openAiDialect
    const demand = dialect.readDemand(endpoint, request, JSON.stringify(request).length)
    const model = prices.find(String(request.model))
    if (!demand || 'invalid' in demand || !model) throw new Error('expected a priced demand')

    const heard = await ask(endpoint, request)
    expect(heard.status).toBe(200)
    const meter = dialect.createMeter(endpoint, demand)
    if (demand.isStreamed) for (const event of heard.events()) meter.event(JSON.stringify(event))
    else meter.body(heard.json())
    const { usage } = meter.metered()
    if (!usage) throw new Error('expected usage')
    expect(usage.input).toBeGreaterThan(0)

    const counted = await tokens.count(isAnthropic ? 'anthropic' : 'openai', demand.model, demand.inputText())
    const { total } = makeReceipt({ prices: model, usage, basis: 'reported', serviceTier: null, isPriceEstimated: false })
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThanOrEqual(worstCaseOf(demand, model, counted))
  })
})
