import type { Demo, DemoEngine, DemoRun, DemoTrigger } from '../../shared/domain/demo.ts'

export function sampleTrigger(more: Partial<DemoTrigger> = {}): DemoTrigger {
  return { id: 'rate-limit', title: 'LinkedIn stops answering', lead: 34, isOn: true, state: 'waiting', firedAtLead: null, dueAt: null, note: null, ...more }
}

export const sampleTriggers = (): DemoTrigger[] => [
  sampleTrigger(),
  sampleTrigger({ id: 'rotation', title: 'The OpenAI key is rotated', lead: 50 }),
  sampleTrigger({ id: 'private-data', title: 'The model names private data', lead: 67 }),
  sampleTrigger({ id: 'budget', title: 'The budget runs low', lead: 85 }),
]

export function sampleEngine(more: Partial<DemoEngine> = {}): DemoEngine {
  return { kind: 'langchain', python: '/invented/bin/python3', pythonVersion: '3.13.1', langchainVersion: '1.0.3', installing: null, note: null, ...more }
}

export function sampleRun(more: Partial<DemoRun> = {}): DemoRun {
  return {
    agentId: 'lg-0000abcd',
    phase: 'running',
    lead: 23,
    leads: 100,
    speed: 1,
    skippingTo: null,
    next: { id: 'rate-limit', lead: 34, inMs: 185_000 },
    ...more,
  }
}

export function sampleDemo(more: Partial<Demo> = {}): Demo {
  return { run: null, triggers: sampleTriggers(), engine: sampleEngine(), folder: '/invented/demo', at: 1_000, ...more }
}
