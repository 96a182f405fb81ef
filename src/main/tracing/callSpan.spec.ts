import { describe, expect, it } from 'vitest'
import type { Call } from '../../shared/domain/llm.ts'
import { sampleAttempt, sampleCall } from '../../shared/domain/testCalls.ts'
import { callSpan } from './callSpan.ts'
import { plainAttributes } from './testOtlp.ts'

const context = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', parentSpanId: null, isSampled: true }
const spanOf = (changes: Partial<Call>, facts: Parameters<typeof callSpan>[2] = null) => callSpan(sampleCall(changes), context, facts)!
const toldOf = (changes: Partial<Call>): unknown[] => {
  const { status, attributes } = spanOf(changes)
  const plain = plainAttributes(attributes)
  return [status.code, plain['error.type'], plain['iron_cage.refusal']]
}

describe('the span of a call', () => {
  it('follows the GenAI conventions, with its price', () => {
    const usage = { input: 900, cacheRead: 80, cacheWrite5m: 20, output: 7, reasoning: 3 }
    const span = spanOf({ usage, startedAt: 1_700_000_000_123, durationMs: 800, isStreamed: true }, { model: 'gpt-4-0613', finishReasons: ['stop', 'length'] })
    expect(span).toMatchObject({ name: 'chat gpt-4', kind: 3, startTimeUnixNano: '1700000000123000000', endTimeUnixNano: '1700000000923000000', status: { code: 0 } })
    expect(span).not.toHaveProperty('parentSpanId')
    expect(plainAttributes(span.attributes)).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4',
      'gen_ai.response.model': 'gpt-4-0613',
      'gen_ai.response.finish_reasons': ['stop', 'length'],
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 10,
      'gen_ai.usage.cache_read.input_tokens': 80,
      'gen_ai.usage.cache_creation.input_tokens': 20,
      'gen_ai.usage.reasoning.output_tokens': 3,
      'gen_ai.agent.id': 'lg-7a3f9c2d',
      'http.response.status_code': 200,
      'iron_cage.call.id': 'call-7a3f9c2d01b2c3d4',
      'iron_cage.mode': 'simulated',
      'iron_cage.outcome': 'answered',
      'iron_cage.streamed': true,
      'iron_cage.attempts': 1,
      'iron_cage.first_byte_ms': 400,
      'iron_cage.cost.nanodollars': 30_000_000,
      'iron_cage.cost.usd': 0.03,
    })
  })

  it('gives an amount the same type whatever it is: a collector refuses a column of two', () => {
    const typesOf = (cost: number) => spanOf({ cost }).attributes.filter(({ key }) => key.startsWith('iron_cage.cost.')).map(({ value }) => Object.keys(value))
    expect(typesOf(0)).toEqual([['intValue'], ['doubleValue']])
    expect(typesOf(2_000_000_000)).toEqual(typesOf(0))
    expect(typesOf(30_000_000)).toEqual(typesOf(0))
  })

  it('tells the provider’s errors from our refusals, and neither from an agent that hung up', () => {
    const nothing = { usage: {}, cost: 0, problem: 'A sentence.' }
    expect(toldOf({ ...nothing, outcome: 'failed', attempts: [sampleAttempt({ status: 503, receipt: null })] })).toEqual([2, '503', undefined])
    expect(toldOf({ ...nothing, outcome: 'failed', attempts: [sampleAttempt({ status: null, receipt: null })] })).toEqual([2, 'iron_cage.upstream', undefined])
    expect(toldOf({ ...nothing, outcome: 'rejected', attempts: [sampleAttempt({ status: 404, receipt: null })] })).toEqual([2, '404', undefined])
    expect(toldOf({ ...nothing, outcome: 'refused', refusal: 'budget', attempts: [] })).toEqual([2, 'iron_cage.refused.budget', 'budget'])
    expect(toldOf({ outcome: 'lost' })).toEqual([2, 'iron_cage.lost', undefined])
    expect(toldOf({ outcome: 'cancelled', status: null })).toEqual([0, undefined, undefined])
  })

  it('holds no sentence: not what went wrong, and nothing that a provider writes where a word belongs', () => {
    const span = spanOf({ outcome: 'rejected', problem: 'No such user: ceo@acme.example.' }, { model: 'for ceo@acme.example', finishReasons: ['ceo@acme.example', 'stop'] })
    expect(JSON.stringify(span)).not.toContain('ceo')
    expect(plainAttributes(span.attributes)['gen_ai.response.finish_reasons']).toEqual(['stop'])
  })

  it('is there for work of a model alone', () => {
    expect(['models', 'messages/count_tokens', 'unknown'].map((endpoint) => callSpan(sampleCall({ endpoint: endpoint as Call['endpoint'] }), context, null))).toEqual([null, null, null])
    expect(spanOf({ endpoint: 'embeddings', model: '' }).name).toBe('embeddings')
  })
})
