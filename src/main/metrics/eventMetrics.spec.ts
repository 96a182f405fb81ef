import { describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { sampleAttempt, sampleCall } from '../../shared/domain/testCalls.ts'
import { finished } from '../state/testEvents.ts'
import { createEventMetrics } from './eventMetrics.ts'
import { writeExposition } from './exposition.ts'
import { readExposition, type ReadFamily } from './testExposition.ts'

const stored = (announcements: readonly object[]): Event[] => announcements.map((one, index) => ({ seq: index + 1, at: 1_000, ...one }) as Event)

function read(announcements: readonly object[]): Map<string, ReadFamily> {
  const metrics = createEventMetrics((model) => (model.startsWith('gpt-4') ? 'gpt-4' : null))
  metrics.hear(stored(announcements))
  return readExposition(writeExposition(metrics.families()))
}

const rows = (family: ReadFamily | undefined): unknown[] => (family?.samples ?? []).map(({ labels, text }) => [...Object.values(labels), text])

describe('metrics of calls', () => {
  it('count calls, attempts, tokens and money to the nanodollar', () => {
    const families = read([
      finished(sampleCall({ attempts: [sampleAttempt({ status: 503, receipt: null }), sampleAttempt()], usage: { input: 1000, cacheRead: 20, output: 7, webSearch: 2 }, cost: 30_000_001 })),
      finished(sampleCall({ cost: 1 })),
    ])
    expect(rows(families.get('iron_cage_llm_calls_total'))).toEqual([['openai', 'simulated', 'gpt-4', 'answered', '', '2']])
    expect(rows(families.get('iron_cage_llm_attempts_total'))).toEqual([['openai', 'simulated', '503', '1'], ['openai', 'simulated', '200', '2']])
    expect(rows(families.get('iron_cage_llm_tokens_total'))).toEqual([['openai', 'gpt-4', 'input', '2000'], ['openai', 'gpt-4', 'cacheRead', '20'], ['openai', 'gpt-4', 'output', '7']])
    expect(rows(families.get('iron_cage_llm_web_searches_total'))).toEqual([['openai', 'gpt-4', '2']])
    expect(rows(families.get('iron_cage_llm_cost_dollars_total'))).toEqual([['openai', 'simulated', 'gpt-4', '0.030000002']])
    expect(families.get('iron_cage_llm_call_duration_seconds')?.samples.find(({ labels }) => labels['le'] === '1.28')?.value).toBe(2)
  })

  it('tell our refusals from the provider’s failures, and never a name that an agent made up', () => {
    const families = read([
      finished(sampleCall({ model: 'ceo@acme.example', outcome: 'refused', refusal: 'unknown-model', attempts: [], usage: {}, firstByteMs: null })),
      finished(sampleCall({ model: '', outcome: 'refused', refusal: 'invalid', attempts: [], usage: {}, firstByteMs: null })),
      finished(sampleCall({ model: 'gpt-4-0613', outcome: 'failed', attempts: [sampleAttempt({ status: null, receipt: null })], usage: {}, firstByteMs: null })),
    ])
    expect(rows(families.get('iron_cage_llm_calls_total'))).toEqual([
      ['openai', 'simulated', 'other', 'refused', 'unknown-model', '1'],
      ['openai', 'simulated', 'none', 'refused', 'invalid', '1'],
      ['openai', 'simulated', 'gpt-4', 'failed', '', '1'],
    ])
    expect(rows(families.get('iron_cage_llm_attempts_total'))).toEqual([['openai', 'simulated', 'none', '1']])
    expect(families.has('iron_cage_llm_first_byte_seconds')).toBe(false)
  })
})

describe('metrics of findings', () => {
  it('count by kind, type, direction and action, and how often a row says', () => {
    const record = { id: 'find-7a3f9c2d01b2c3d4', kind: 'private', type: 'email', direction: 'to-model', action: 'redacted' }
    const families = read([{ name: 'safety.recorded', agentId: 'lg-7a3f9c2d', severity: 'WARN', message: 'Found.', payload: { records: [record, { ...record, times: 4 }, { ...record, kind: 'policy', type: 'rules', direction: null, action: 'changed' }] } }])
    expect(rows(families.get('iron_cage_findings_total'))).toEqual([['private', 'email', 'to-model', 'redacted', '5'], ['policy', 'rules', 'none', 'changed', '1']])
    expect(rows(families.get('iron_cage_events_total'))).toEqual([['safety.recorded', 'WARN', '1']])
  })
})
