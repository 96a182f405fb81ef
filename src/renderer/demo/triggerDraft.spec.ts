import { describe, expect, it } from 'vitest'
import { sampleTrigger, sampleTriggers } from './testDemo.ts'
import { changesOf, leadProblem, readLead } from './triggerDraft.ts'
import { isOpenToChange, triggerLook } from './triggerLook.ts'

describe('what is changed before the start', () => {
  it('is told only where it is another', () => {
    const edits = { 'rate-limit': { lead: '40' }, rotation: { isOn: false }, 'private-data': { lead: '67', isOn: true }, budget: { lead: '90', isOn: false } } as const
    expect(changesOf(sampleTriggers(), edits)).toEqual([
      { trigger: 'rate-limit', lead: 40 },
      { trigger: 'rotation', isOn: false },
      { trigger: 'budget', lead: 90, isOn: false },
    ])
    expect(changesOf(sampleTriggers(), {})).toEqual([])
  })

  it('names one of the hundred', () => {
    expect(['1', ' 34 ', '100'].map(readLead)).toEqual([1, 34, 100])
    expect(['0', '101', '3.5', '-1', '1e1', 'many', ''].map(readLead)).toEqual([null, null, null, null, null, null, null])
    expect([leadProblem('34'), leadProblem('101')]).toEqual([null, 'Leads go from 1 to 100.'])
  })
})

describe('how it stands with what is made to happen', () => {
  it('is said in a word', () => {
    const words = [{}, { isOn: false }, { state: 'due' }, { state: 'fired', firedAtLead: 36 }, { state: 'missed' }, { state: 'fired', isOn: false, firedAtLead: 2 }] as const
    expect(words.map((more) => triggerLook(sampleTrigger(more)).word)).toEqual(['waiting', 'off', 'due', 'fired at #36', 'missed', 'fired at #2'])
  })

  it('can be changed as long as it has not come', () => {
    expect((['waiting', 'due', 'fired', 'missed'] as const).map((state) => isOpenToChange(sampleTrigger({ state })))).toEqual([true, false, false, false])
  })
})
