import type { Demo, DemoRun, DemoTrigger } from './demo.ts'

/** An invented demo for specs, in the middle of its leads. */

export function sampleTrigger(changes: Partial<DemoTrigger> = {}): DemoTrigger {
  return { id: 'rate-limit', title: 'LinkedIn stops answering', lead: 34, isOn: true, state: 'waiting', firedAtLead: null, dueAt: null, note: null, ...changes }
}

export function sampleDemoRun(changes: Partial<DemoRun> = {}): DemoRun {
  return { agentId: 'lg-7a3f9c2d', phase: 'running', lead: 1, leads: 100, speed: 1, skippingTo: null, next: null, ...changes }
}

export function sampleDemo(changes: Partial<Demo> = {}): Demo {
  return {
    run: sampleDemoRun(),
    triggers: [sampleTrigger()],
    engine: { kind: 'sdk', python: '/usr/bin/python3', pythonVersion: '3.11.2', langchainVersion: null, installing: null, note: null },
    folder: '/invented/data/demo',
    at: 1_000,
    ...changes,
  }
}
