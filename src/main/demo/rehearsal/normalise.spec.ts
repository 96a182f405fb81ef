import { describe, expect, it } from 'vitest'
import type { Event } from '../../../shared/domain/event.ts'
import { sampleCall } from '../../../shared/domain/testCalls.ts'
import { normalise } from './normalise.ts'
import { AGENT, event, FOLDER, sampleBudget, sampleRun } from './testRehearsal.ts'

const normal = (events: readonly Event[]) => Object.fromEntries(normalise(events, FOLDER))

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

  it('holds each destination once, in whatever order they were told', () => {
    const seen = (host: string, calls: number) => event('destination.seen', { destination: { agentId: AGENT, host, covered: 'gateway', calls, firstAt: 1, lastAt: 2 } })
    expect(normal([seen('a.example', 1), seen('b.example', 1)])).toEqual(normal([seen('b.example', 1), seen('a.example', 1)]))
  })
})
