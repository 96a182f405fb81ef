import { describe, expect, it } from 'vitest'
import type { Event } from '../../../shared/domain/event.ts'
import { sampleCall } from '../../../shared/domain/testCalls.ts'
import { normalise } from './normalise.ts'
import { AGENT, event, FOLDER, sampleBudget, sampleRun } from './testRehearsal.ts'

const normal = (events: readonly Event[], leadEnds: readonly number[] = []) => Object.fromEntries(normalise({ events, leadEnds }, FOLDER))

const RECORD = {
  at: 1,
  kind: 'private',
  agentId: AGENT,
  severity: 'WARN',
  direction: 'from-model',
  place: 'choices[0]',
  action: 'redacted',
  valueHash: '',
  preview: '',
  hasOriginal: true,
  about: null,
  actor: null,
  reason: null,
} as const

describe('the normalised log of a run', () => {
  it('is the same for a run with other ids, times and paces', () => {
    expect(normal(sampleRun(3))).toEqual(normal(sampleRun(1)))
  })

  it('keeps the order within a source, and promises none between two', () => {
    const [changed, one, ...rest] = sampleRun(1) as [Event, Event, ...Event[]]
    expect(normal([one, changed, ...rest])).toEqual(normal([changed, one, ...rest]))
    const calls = sampleRun(1).filter(({ name }) => name === 'llm.callFinished')
    const [first, second] = calls as [Event, Event]
    const dear = event('llm.callFinished', { call: sampleCall({ cost: 9 }) })
    expect(normal([first, dear, second])).not.toEqual(normal([dear, first, second]))
  })

  it.each([...sampleRun(1).keys()].filter((place) => !['budget.changed', 'agent.progressed', 'service.probing'].includes(sampleRun(1)[place]?.name ?? '')))('is another one without event %d', (place) => {
    const events = sampleRun(1)
    expect(normal(events.toSpliced(place, 1))).not.toEqual(normal(events))
  })

  it('is another one where money, a sentence or who is meant differs', () => {
    const line = (cost: number, message = 'It cost.', agentId: string | null = AGENT) => normal([event('llm.callFinished', { call: sampleCall({ cost }) }, message, agentId)])
    expect(line(7)).not.toEqual(line(8))
    expect(line(7)).not.toEqual(line(7, 'It cost much.'))
    expect(line(7)).not.toEqual(line(7, 'It cost.', null))
    const warned = (spent: number) => normal([event('budget.warned', { budget: sampleBudget({ spent }) })])
    expect(warned(45_030_000_000)).not.toEqual(warned(45_040_000_000))
  })

  it('says whether something was measured, not how much', () => {
    const answered = (firstByteMs: number | null) => normal([event('llm.callFinished', { call: sampleCall({ firstByteMs }) })])
    expect(answered(4)).toEqual(answered(400))
    expect(answered(4)).not.toEqual(answered(null))
  })

  it('names by their order what looks like a number by chance', () => {
    const used = (...ids: string[]) => normal(ids.map((toolCallId) => event('tool.began', { toolCallId, name: 'search', isAllowed: true, input: null })))
    expect(used('5252984452574125', '7a3f')).toEqual(used('7a3f', 'b2c3'))
    expect(used('7a3f', '7a3f')).not.toEqual(used('7a3f', 'b2c3'))
  })

  it('places what an agent waits for in its lead', () => {
    const [, one, , , two] = sampleRun(1) as [Event, Event, Event, Event, Event]
    expect(normal([one, two], [1, 2])).not.toEqual(normal([one, two], [2, 2]))
    const told = event('log.written', { fields: {} })
    expect(normal([told, told], [1, 2])).toEqual(normal([told, told], [2, 2]))
  })

  it('holds each finding by itself, however many were told of at once', () => {
    const record = (type: string) => ({ ...RECORD, id: `find-${type.padEnd(16, '0').replace(/[^0-9a-f]/g, '1')}`, type, callId: null })
    const recorded = (...types: string[]) => event('safety.recorded', { records: types.map(record) }, `${types.join(' and ')} were redacted.`)
    expect(normal([recorded('email', 'phone'), recorded('ssn')])).toEqual(normal([recorded('email'), recorded('phone', 'ssn')]))
    expect(normal([recorded('email', 'phone')])).not.toEqual(normal([recorded('email', 'ssn')]))
  })

  it('holds each destination once, in whatever order they were told', () => {
    const seen = (host: string, calls: number) => event('destination.seen', { destination: { agentId: AGENT, host, covered: 'gateway', calls, firstAt: 1, lastAt: 2 } })
    expect(normal([seen('a.example', 1), seen('b.example', 1)])).toEqual(normal([seen('b.example', 1), seen('a.example', 1)]))
  })
})
