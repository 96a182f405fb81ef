import type { Agent, LaunchPlan } from '../../shared/domain/agent.ts'
import type { Event, EventName, EventOf } from '../../shared/domain/event.ts'
import type { ServiceView } from '../../shared/domain/service.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { createEventBus, type RunningEventBus } from '../events/eventBus.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import { closeAsIfKilled } from '../state/testCrash.ts'
import { changed, removed } from '../state/testEvents.ts'
import { systemRandom } from '../systemPorts.ts'
import { createServiceDesk, type ServiceDesk, type ServiceDeskOptions } from './serviceDesk.ts'

export const AGENT = 'lg-7a3f9c2d'
export const TARGET = { agentId: AGENT, service: 'linkedin', endpoint: '', key: null }
const KEY = Buffer.alloc(32, 7)

/** A service desk on a real database with a clock of its own. For specs only. */
export interface TestServices {
  readonly desk: ServiceDesk
  readonly state: State
  readonly bus: RunningEventBus
  readonly clock: TestClock
  readonly defects: unknown[]
  launch(plan?: Partial<LaunchPlan>, changes?: Partial<Agent>): Promise<void>
  announceRemoval(agentId: string): Promise<void>
  /** Begins and ends calls in a row; gives what was decided of each. */
  fail(times: number, detail?: string, retryAfterMs?: number | null): string[]
  view(service?: string, endpoint?: string): ServiceView
  settled(): Promise<void>
  heard<N extends EventName>(name: N): EventOf<N>[]
  sentences(): string[]
  /** The room dies, as by SIGKILL. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface TestServicesOptions extends Partial<Pick<ServiceDeskOptions, 'key' | 'redact' | 'unitOf' | 'refusalOf' | 'limits' | 'upstreamPolicy'>> {
  readonly dataFolder: string
  readonly clock?: TestClock
}

export async function openTestServices({ dataFolder, clock = createTestClock(), ...given }: TestServicesOptions): Promise<TestServices> {
  const state = await openState({ dataFolder, clock })
  const defects: unknown[] = []
  const events: Event[] = []
  const onDefect = (defect: unknown): void => void defects.push(defect)
  const bus = await createEventBus({ events: state.events, clock, onDefect: (defect) => (onDefect(defect), 'invented') })
  bus.listen((batch) => void events.push(...batch))
  const desk = await createServiceDesk({
    state,
    bus,
    clock,
    random: systemRandom,
    key: () => KEY,
    redact: (text) => text,
    unitOf: () => 'lead',
    refusalOf: () => null,
    onDefect,
    ...given,
  })
  const test: TestServices = {
    desk,
    state,
    bus,
    clock,
    defects,
    async launch(plan, changes) {
      await bus.announce(changed(sampleAgent({ id: AGENT, plan: samplePlan(plan), ...changes })))
    },
    async announceRemoval(agentId) {
      await bus.announce(removed(agentId))
    },
    fail(times, detail = '503', retryAfterMs = null) {
      return Array.from({ length: times }, () => {
        const verdict = desk.begin(TARGET)
        if (verdict.do === 'call') desk.end({ agentId: AGENT, callId: verdict.callId, outcome: 'failed', detail, retryAfterMs })
        return verdict.do
      })
    },
    view(service = 'linkedin', endpoint = '') {
      const found = desk.list().find((view) => view.service === service && view.endpoint === endpoint)
      if (!found) throw new Error(`There is no breaker of ${service} ${endpoint}.`)
      return found
    },
    settled: () => bus.settled(),
    heard: <N extends EventName>(name: N) => events.filter((event): event is EventOf<N> => event.name === name),
    sentences: () => events.filter(({ name }) => name.startsWith('service.') && name !== 'service.changed').map(({ message }) => message),
    kill: () => closeAsIfKilled(state, dataFolder),
    async close() {
      desk.close()
      await bus.settled()
      await state.close()
    },
  }
  return test
}
