import { afterAll, describe, expect, it } from 'vitest'
import { anthropicDialect } from '../gateway/dialects/anthropic.ts'
import type { Demand, Dialect } from '../gateway/dialects/dialect.ts'
import { openAiDialect } from '../gateway/dialects/openai.ts'
import { createTokenCounter } from './createTokenCounter.ts'
import { settledUsage } from './settledUsage.ts'

const counter = createTokenCounter()
afterAll(() => counter.close())

function demandOf(dialect: Dialect, changes: object = {}): Demand {
  const endpoint = dialect === openAiDialect ? 'chat/completions' : 'messages'
  const json = { model: 'gpt-4o', max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'Hello there' }], ...changes }
  const demand = dialect.readDemand(endpoint, json, 100)
  if (!demand || 'invalid' in demand) throw new Error('The test’s request is none.')
  return demand
}

describe('settledUsage', () => {
  it('is what the provider reported', async () => {
    const demand = demandOf(openAiDialect)
    const meter = openAiDialect.createMeter('chat/completions', demand)
    meter.body({ usage: { prompt_tokens: 0, completion_tokens: 0 } })
    expect(await settledUsage(counter, 'openai', demand, meter)).toEqual({ usage: { input: 0, output: 0 }, basis: 'reported' })
  })

  it('is counted where nothing was reported: text, messages, answer', async () => {
    const demand = demandOf(openAiDialect)
    const meter = openAiDialect.createMeter('chat/completions', demand)
    meter.event(JSON.stringify({ choices: [{ delta: { content: 'Hello' }, finish_reason: 'stop' }] }))
    // user, Hello there; four for the message, three before the answer
    expect(await settledUsage(counter, 'openai', demand, meter)).toEqual({ usage: { input: 1 + 2 + 7, output: 1 }, basis: 'counted' })
  })

  it('keeps what was reported of the input when an answer breaks off, and counts what came of it', async () => {
    const demand = demandOf(anthropicDialect)
    const meter = anthropicDialect.createMeter('messages', demand)
    meter.event(
      JSON.stringify({ type: 'message_start', message: { usage: { input_tokens: 25, cache_read_input_tokens: 5, output_tokens: 1 } } }),
    )
    meter.event(JSON.stringify({ type: 'content_block_delta', delta: { text: 'x'.repeat(400) } }))
    expect(await settledUsage(counter, 'anthropic', demand, meter)).toEqual({
      usage: { input: 25, cacheRead: 5, output: 100 },
      basis: 'counted',
    })
  })

  it('never takes less than was reported', async () => {
    const demand = demandOf(openAiDialect)
    const meter = openAiDialect.createMeter('chat/completions', demand)
    meter.event(JSON.stringify({ choices: [{ delta: { content: 'Hello' } }], usage: { prompt_tokens: 5, completion_tokens: 50 } }))
    expect(await settledUsage(counter, 'openai', demand, meter)).toEqual({ usage: { input: 5, output: 50 }, basis: 'reported' })
  })

  it('takes the searches that were seen', async () => {
    const json = { model: 'gpt-4o', input: 'x', tools: [{ type: 'web_search' }] }
    const demand = openAiDialect.readDemand('responses', json, 100) as Demand
    const meter = openAiDialect.createMeter('responses', demand)
    meter.event(JSON.stringify({ type: 'response.output_item.done', item: { type: 'web_search_call' } }))
    expect((await settledUsage(counter, 'openai', demand, meter)).usage).toMatchObject({ output: 0, webSearch: 1 })
  })
})
