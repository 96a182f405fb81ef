import { describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import { sampleCall } from '../../shared/domain/testCalls.ts'
import type { Random } from '../ports.ts'
import { finished } from '../state/testEvents.ts'
import { createCallTraces, type CallTraces } from './callTraces.ts'
import type { OtlpSpan } from './otlp.ts'

const idOf = (number: number): CallId => `call-${number.toString(16).padStart(16, '0')}`
const PARENT = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`

function traced(): { traces: CallTraces; spans: OtlpSpan[]; turn(on: boolean): void } {
  const spans: OtlpSpan[] = []
  let isOn = true
  let given = 0
  const random: Random = { hex: (bytes) => (++given).toString(16).padStart(bytes * 2, '0'), fraction: () => 0 }
  return { traces: createCallTraces({ random, isOn: () => isOn, exporter: { add: (span) => spans.push(span) } }), spans, turn: (on) => void (isOn = on) }
}
const over = (number: number): Event[] => [{ seq: 1, at: 1_000, ...finished(sampleCall({ id: idOf(number) })) } as Event]

describe('traces of calls', () => {
  it('join what was told of a call with how it went, once', () => {
    const { traces, spans } = traced()
    traces.begin(idOf(1), ['traceparent', PARENT])
    traces.answered(idOf(1), () => ({ model: 'gpt-4-0613', finishReasons: ['stop'] }))
    traces.hear(over(1))
    traces.hear(over(1))
    expect(spans.map(({ traceId, parentSpanId, attributes }) => [traceId, parentSpanId, attributes.some(({ key }) => key === 'gen_ai.response.model')])).toEqual([
      ['c'.repeat(32), 'd'.repeat(16), true],
      [expect.not.stringContaining('c'), undefined, false],
    ])
  })

  it('forget the oldest of those that never end', () => {
    const { traces, spans } = traced()
    for (let number = 0; number < 5_000; number++) traces.begin(idOf(number), ['traceparent', PARENT])
    traces.hear(over(0))
    traces.hear(over(4_999))
    expect(spans.map(({ traceId }) => traceId === 'c'.repeat(32))).toEqual([false, true])
  })

  it('do nothing while nobody wants them', () => {
    const { traces, spans, turn } = traced()
    turn(false)
    const headers = ['traceparent', PARENT]
    expect(traces.begin(idOf(1), headers)).toBe(headers)
    traces.hear(over(1))
    expect(spans).toEqual([])
  })
})
