import { describe, expect, it } from 'vitest'
import type { DemoRun } from '../../shared/domain/demo.ts'
import { sampleDemo, sampleDemoRun, sampleTrigger } from '../../shared/domain/testDemo.ts'
import { createDemoTeller, describeEngine, describeTrigger } from './demoTeller.ts'

const at = (lead: number, phase: DemoRun['phase'] = 'running') => sampleDemo({ run: sampleDemoRun({ lead, phase }) })

describe('what is told of a demo', () => {
  it('is a line for ten leads that are done, and none for those before we looked', () => {
    const tell = createDemoTeller()
    expect(tell(at(35))).toEqual([])
    expect(tell(at(40))).toEqual([])
    expect(tell(at(41))).toEqual([{ kind: 'leads', done: 40 }])
    expect(tell(at(42))).toEqual([])
    expect(tell(at(77))).toEqual([{ kind: 'leads', done: 76 }])
    expect(tell(at(100, 'over'))).toEqual([
      { kind: 'leads', done: 100 },
      { kind: 'phase', phase: 'over' },
    ])
  })

  it('is each step of a trigger, once', () => {
    const tell = createDemoTeller()
    const due = sampleTrigger({ state: 'due', note: 'Rotate it now.' })
    const fired = sampleTrigger({ state: 'fired', firedAtLead: 34 })
    expect(tell(at(1))).toEqual([])
    expect(tell({ ...at(34), triggers: [due] })).toMatchObject([{ kind: 'trigger', trigger: { state: 'due' } }, { kind: 'leads' }])
    expect(tell({ ...at(34), triggers: [fired] })).toEqual([{ kind: 'trigger', trigger: fired }])
    expect(tell({ ...at(35), triggers: [fired] })).toEqual([])
  })

  it('is how it stands, but not that it starts', () => {
    const tell = createDemoTeller()
    const phases: DemoRun['phase'][] = ['starting', 'running', 'paused', 'paused', 'running', 'interrupted', 'running', 'over']
    expect(phases.flatMap((phase) => tell(at(2, phase)))).toEqual(['paused', 'running', 'interrupted', 'running', 'over'].map((phase) => ({ kind: 'phase', phase })))
  })

  it('is its reset, where there was something to reset, and everything anew after it', () => {
    const tell = createDemoTeller()
    const none = sampleDemo({ run: null })
    const fired = sampleTrigger({ state: 'fired', firedAtLead: 34 })
    expect(createDemoTeller()(none)).toEqual([])
    tell({ ...at(50), triggers: [fired] })
    expect(tell(none)).toEqual([{ kind: 'phase', phase: 'reset' }])
    expect(tell(at(1))).toEqual([])
    expect(tell({ ...at(34), triggers: [fired] })).toMatchObject([{ kind: 'trigger' }, { kind: 'leads', done: 33 }])
  })
})

it.each([
  [sampleTrigger({ state: 'fired', firedAtLead: 35 }), 'Lead 35: LinkedIn stops answering.'],
  [sampleTrigger({ state: 'due', note: 'It comes by itself otherwise.' }), 'Lead 34: LinkedIn stops answering is due. It comes by itself otherwise.'],
  [sampleTrigger({ state: 'missed', note: 'There is no key.' }), 'Lead 34: LinkedIn stops answering did not come. There is no key.'],
])('describes a trigger', (trigger, sentence) => {
  expect(describeTrigger(trigger)).toBe(sentence)
})

it.each([
  [{ kind: 'langchain', langchainVersion: '1.0.3' } as const, 'Its agent is made with LangChain 1.0.3, on /usr/bin/python3 (Python 3.11.2).'],
  [{ note: 'LangChain is not there.' }, 'Its agent is made with the SDK alone, on /usr/bin/python3 (Python 3.11.2). LangChain is not there.'],
  [{ python: null }, 'Its agent is made with the SDK alone.'],
])('describes what the agent is made with', (changes, sentence) => {
  expect(describeEngine({ ...sampleDemo().engine, ...changes })).toBe(sentence)
})
