import type { ControlRoomClient, StreamListener } from '../../../shared/client.ts'
import type { StreamItem } from '../../../shared/contract/contract.ts'
import type { Demo } from '../../../shared/domain/demo.ts'
import type { Event } from '../../../shared/domain/event.ts'
import { sampleAgent } from '../../../shared/domain/testAgents.ts'
import { sampleDemo, sampleDemoRun, sampleTrigger } from '../../../shared/domain/testDemo.ts'
import type { AppError } from '../../../shared/errors.ts'
import { event, sampleBudget } from './testRehearsal.ts'

const NO_FINDINGS = { found: 0, redacted: 0, blocked: 0, warned: 0, unauthorised: 0, injection: 0, byType: {} }

/** A room for specs in which a demo does what it is told: nothing happens by itself. */
export interface TestStage {
  readonly client: ControlRoomClient
  /** What was asked of it, less what only looks. */
  readonly asked: readonly (readonly [name: string, input: unknown])[]
  tell(...events: Event[]): void
  show(demo: Demo): void
  refuse(name: string, problem: AppError): void
}

const LOOKS: ReadonlySet<string> = new Set(['budget.status', 'agent.performance', 'service.list', 'safety.status'])

export function createTestStage(): TestStage {
  const asked: [string, unknown][] = []
  const refusals = new Map<string, AppError>()
  const events = new Set<StreamListener<StreamItem<'event.follow'>>>()
  const demos = new Set<StreamListener<Demo>>()
  const now: { demo: Demo } = { demo: sampleDemo({ triggers: [sampleTrigger(), sampleTrigger({ id: 'rotation', lead: 50 })] }) }

  const tell = (...told: Event[]): void => {
    for (const listener of events) listener.onItem({ kind: 'events', events: told })
  }
  function answer(name: string): unknown {
    if (name === 'budget.status') return sampleBudget({ parked: [{ callId: 'call-7a3f9c2d01b2c3d4', model: 'o1', worstCase: 1, parkedAt: 1, until: 2 }] })
    if (name === 'service.list') return { services: [], seq: 1 }
    if (name === 'safety.status') return { counts: NO_FINDINGS }
    if (name === 'agent.performance') return null
    if (name === 'demo.reset') tell(event('agent.removed', {}))
    return now.demo
  }
  return {
    asked,
    tell,
    show(demo) {
      now.demo = demo
      for (const listener of demos) listener.onItem(demo)
    },
    refuse: (name, problem) => void refusals.set(name, problem),
    client: {
      async request(name: string, input: unknown) {
        await Promise.resolve()
        if (!LOOKS.has(name)) asked.push([name, input])
        const refusal = refusals.get(name)
        if (refusal) throw refusal
        return answer(name)
      },
      follow(name: string, _input: unknown, listener: never) {
        const listeners: Set<unknown> = name === 'event.follow' ? events : demos
        listeners.add(listener)
        if (name === 'demo.follow') (listener as StreamListener<Demo>).onItem(now.demo)
        return { acknowledge: () => undefined, close: () => listeners.delete(listener) }
      },
    } as unknown as ControlRoomClient,
  }
}

export const done = (count: number): Event => event('agent.progressed', { progress: { done: count, total: 100, unit: 'lead', failed: 0 } })
export const ended = (): Event => event('agent.changed', { agent: sampleAgent({ status: 'stopped' }) })
export const atLead = (lead: number, changes: Partial<Demo> = {}): Demo => sampleDemo({ run: sampleDemoRun({ lead }), ...changes })
