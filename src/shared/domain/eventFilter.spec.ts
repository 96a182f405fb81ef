import { describe, expect, it } from 'vitest'
import { EVENT_PAYLOADS } from './event.ts'
import { fitsKind, fitsWords, lineOf, LONGEST_LINE, soughtWords, type EventFilter, type EventLine } from './eventFilter.ts'
import { EVENT_KINDS, KIND_OF_EVENT, namesOfKinds } from './eventKinds.ts'

const line = (changes: Partial<EventLine> = {}): EventLine => ({ seq: 1, at: 5, severity: 'WARN', agentId: 'lg-00000001', name: 'service.opened', message: 'LinkedIn is kept away.', ...changes })

describe('a filter', () => {
  it.each<[EventFilter, Partial<EventLine>, boolean]>([
    [{}, {}, true],
    [{ agentId: 'lg-00000001' }, {}, true],
    [{ agentId: 'ma-00000002' }, {}, false],
    [{ agentId: 'lg-00000001' }, { agentId: null }, false],
    [{ agentId: 'lg-00000001', withRoom: true }, { agentId: null }, true],
    [{ agentId: 'ma-00000002', withRoom: true }, {}, false],
    [{ severities: ['WARN', 'ERROR'] }, {}, true],
    [{ severities: ['ERROR'] }, {}, false],
    [{ names: ['service.opened'] }, {}, true],
    [{ names: ['room.started'] }, {}, false],
    [{ severities: ['WARN'], names: ['room.started'] }, {}, false],
  ])('%j lets %j through: %j', (filter, changes, isThrough) => {
    expect(fitsKind(line(changes), filter)).toBe(isThrough)
  })

  const finds = (text: string, changes: Partial<EventLine> = {}, payload = '{"service":"linkedin","why":"say \\"no\\""}'): boolean => fitsWords(line(changes), () => payload, soughtWords(text))

  it('finds every word, in the sentence, the name, the agent or what the event carries, whatever its case', () => {
    expect([finds(''), finds('  '), finds('kept'), finds('OPENED lg-0000'), finds('kept WHY'), finds('kept nothing'), finds('ünder', { message: 'ÜNDER way' })]).toEqual([true, true, true, true, true, false, true])
  })

  it('finds in what the event carries what JSON writes otherwise', () => {
    expect([finds('"no"'), finds('\\"no')]).toEqual([true, false])
  })

  it('finds of an agent that changed only its sentence', () => {
    expect([finds('linkedin', { name: 'agent.changed' }), finds('why', { name: 'agent.changed' })]).toEqual([true, false])
  })
})

describe('a line', () => {
  it('is cut where it gets too long, and carries nothing else', () => {
    expect(lineOf({ ...line({ message: 'x'.repeat(900) }), payload: {} } as EventLine)).toEqual(line({ message: `${'x'.repeat(LONGEST_LINE - 1)}…` }))
    expect(lineOf(line({ message: 'x'.repeat(LONGEST_LINE) })).message).toHaveLength(LONGEST_LINE)
  })
})

describe('kinds', () => {
  it('sort every event there is', () => {
    expect(Object.keys(KIND_OF_EVENT).sort()).toEqual(Object.keys(EVENT_PAYLOADS).sort())
    expect(namesOfKinds(new Set(EVENT_KINDS)).sort()).toEqual(Object.keys(EVENT_PAYLOADS).sort())
    expect(namesOfKinds(new Set(['figures']))).toEqual(['performance.changed', 'budget.changed', 'service.changed'])
  })
})
