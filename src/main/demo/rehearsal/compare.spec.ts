import { describe, expect, it } from 'vitest'
import type { Event } from '../../../shared/domain/event.ts'
import { sampleCall } from '../../../shared/domain/testCalls.ts'
import { differences, type ComparedRun } from './compare.ts'
import { APPROVED, DECLINED, type Readings } from './expected.ts'
import { normalise } from './normalise.ts'
import type { RunRecord } from './rehearseOnce.ts'
import { event, FOLDER, sampleRun } from './testRehearsal.ts'

const TRIGGERS = Object.fromEntries(Object.entries(APPROVED.triggers).map(([id, lead]) => [id, { firedAt: lead, seenAt: lead }])) as RunRecord['triggers']

const run = (changes: Partial<ComparedRun> & { events?: Event[] } = {}): ComparedRun => ({ figures: APPROVED.figures, triggers: TRIGGERS, log: normalise({ events: changes.events ?? sampleRun(1), leadEnds: [] }, FOLDER), ...changes })

describe('a run compared with the story and the first run', () => {
  it('differs in nothing where all is as it should be, whatever its ids and times', () => {
    expect(differences(run(), APPROVED, null)).toEqual([])
    expect(differences(run({ events: sampleRun(3) }), APPROVED, run())).toEqual([])
  })

  const figures = Object.entries(APPROVED.figures).flatMap(([moment, one]) => Object.keys(one ?? {}).map((name) => [moment, name] as const))
  it.each(figures)('differs where one figure does: %s %s', (moment, name) => {
    const wrong: Readings = { ...APPROVED.figures, [moment]: { ...APPROVED.figures[moment as '#23'], [name]: 'another' } }
    expect(differences(run({ figures: wrong }), APPROVED, null)).toEqual([
      { in: 'figures', where: `${moment === 'end' ? 'at the end' : `at ${moment}`}: ${name}`, expected: APPROVED.figures[moment as '#23']?.[name], found: 'another' },
    ])
  })

  it('differs where a moment was never read', () => {
    const { warning, ...others } = APPROVED.figures
    expect(differences(run({ figures: others }), APPROVED, null)).toHaveLength(Object.keys(warning ?? {}).length)
  })

  it.each(Object.keys(APPROVED.triggers))('differs where %s comes at another lead, or is told of at another', (id) => {
    const lead = APPROVED.triggers[id as 'budget']
    const late = { ...TRIGGERS, [id]: { firedAt: lead, seenAt: lead + 1 } }
    expect(differences(run({ triggers: late }), APPROVED, null)).toEqual([{ in: 'triggers', where: id, expected: `lead ${lead}`, found: `made at lead ${lead}, told of at lead ${lead + 1}` }])
    const never = { ...TRIGGERS, [id]: { firedAt: null, seenAt: null } }
    expect(differences(run({ triggers: never }), APPROVED, null)).toMatchObject([{ found: 'made at no lead, told of at no lead' }])
  })

  it('differs where one event does, and shows the first line that does', () => {
    const other = sampleRun(1).with(1, event('llm.callFinished', { call: sampleCall({ cost: 31_000_000 }) }))
    const [difference, ...others] = differences(run({ events: other }), APPROVED, run())
    expect(others).toEqual([])
    expect(difference).toMatchObject({ in: 'events', where: 'calls, line 1' })
    expect(difference?.expected).not.toBe(difference?.found)
  })

  it('differs where one event is missing or one too many', () => {
    const events = sampleRun(1)
    const [last] = events.splice(4, 1)
    expect(differences(run({ events }), APPROVED, run())).toMatchObject([{ where: 'calls, line 2', found: 'nothing' }])
    expect(differences(run({ events: [...sampleRun(1), last as Event] }), APPROVED, run())).toMatchObject([{ where: 'calls, line 3', expected: 'nothing' }])
  })

  it('compares with the first run what the story does not tell', () => {
    const more = (value: string): ComparedRun => run({ figures: { ...APPROVED.figures, end: { ...APPROVED.figures.end, uptime: value } } })
    expect(differences(more('99%'), APPROVED, more('100%'))).toMatchObject([{ in: 'figures', where: 'at the end: uptime', expected: '100%', found: '99%' }])
  })

  it('knows the story without an approval too: not a cent over the limit', () => {
    const over = { ...DECLINED.figures, end: { ...DECLINED.figures.end, limit: 'passed by $0.07' } }
    expect(differences(run({ figures: DECLINED.figures }), DECLINED, null)).toEqual([])
    expect(differences(run({ figures: over }), DECLINED, null)).toMatchObject([{ expected: 'kept to $50.00', found: 'passed by $0.07' }])
  })
})
