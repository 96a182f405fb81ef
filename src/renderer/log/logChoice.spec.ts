import { describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { soughtWords } from '../../shared/domain/eventFilter.ts'
import { EVENT_KINDS } from '../../shared/domain/eventKinds.ts'
import { sampleRecord } from '../safety/testSafety.ts'
import { filterOf, isUsual, SEVERITIES, toggled, USUAL_CHOICE } from './logChoice.ts'
import { callOf, findingOf, foundParts } from './logWords.ts'

const ID = 'lg-7a3f9c2d'

describe('what somebody chose', () => {
  it('is by itself the agent and the room, without figures', () => {
    const { names, ...rest } = filterOf(USUAL_CHOICE, ID)
    expect(rest).toEqual({ agentId: ID, withRoom: true })
    expect([names?.includes('budget.changed'), names?.includes('budget.raised')]).toEqual([false, true])
  })

  it('asks for what is left out by leaving it out', () => {
    expect(filterOf({ ...USUAL_CHOICE, kinds: new Set(EVENT_KINDS), scope: 'all' }, ID)).toEqual({})
    expect(filterOf({ ...USUAL_CHOICE, kinds: new Set(EVENT_KINDS), scope: 'agent', text: ' a b ', severities: new Set(['ERROR', 'WARN']) }, ID)).toEqual({ agentId: ID, severities: ['WARN', 'ERROR'], text: 'a b' })
  })

  it('is known as usual or not', () => {
    expect([USUAL_CHOICE, { ...USUAL_CHOICE, text: ' ' }, { ...USUAL_CHOICE, text: 'x' }, { ...USUAL_CHOICE, kinds: new Set(EVENT_KINDS) }].map(isUsual)).toEqual([true, true, false, false])
  })

  it('is never nothing at all', () => {
    expect([...toggled(new Set(SEVERITIES), 'INFO', SEVERITIES)]).toEqual(['DEBUG', 'WARN', 'ERROR'])
    expect([...toggled(new Set(['INFO']), 'INFO', SEVERITIES)]).toEqual(SEVERITIES)
  })
})

describe('what is found in a line', () => {
  const marked = (text: string, sought: string): string => foundParts(text, soughtWords(sought)).map((part) => (part.isFound ? `<${part.text}>` : part.text)).join('')

  it('is marked, whatever its case and whatever it means elsewhere', () => {
    expect([marked('LinkedIn is down', 'linkedin DOWN'), marked('costs $1.50 (a lot)', '$1.50 (a'), marked('nothing', ''), marked('nothing', 'x')]).toEqual([
      '<LinkedIn> is <down>',
      'costs <$1.50> <(a> lot)',
      'nothing',
      'nothing',
    ])
  })
})

describe('an event', () => {
  const event = (name: string, payload: unknown): Event => ({ seq: 1, at: 1, severity: 'INFO', agentId: ID, message: '', name, payload }) as Event

  it('leads to its request and its finding', () => {
    const finding = sampleRecord({ callId: 'call-0000000000000001' })
    expect(callOf(event('llm.callFinished', { call: { id: 'call-0000000000000002' } }))).toBe('call-0000000000000002')
    expect([callOf(event('safety.recorded', { records: [finding] })), findingOf(event('safety.recorded', { records: [finding] }))]).toEqual(['call-0000000000000001', finding])
    expect([callOf(event('room.started', {})), findingOf(event('room.started', {}))]).toEqual([null, null])
    expect(findingOf(event('safety.recorded', { records: [sampleRecord({ kind: 'rules' as never })] }))).toBeNull()
  })
})
