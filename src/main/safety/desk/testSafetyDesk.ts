import type { Agent, AgentId } from '../../../shared/domain/agent.ts'
import type { Event, EventName, EventOf } from '../../../shared/domain/event.ts'
import type { SafetyRecord } from '../../../shared/domain/safety.ts'
import type { SafetyPlan } from '../../../shared/domain/safetyRules.ts'
import { sampleAgent, samplePlan } from '../../../shared/domain/testAgents.ts'
import { createTestClock, type TestClock } from '../../access/testClock.ts'
import { createEventBus, type RunningEventBus } from '../../events/eventBus.ts'
import type { Keys } from '../../secrets/keys.ts'
import { keysOfMaster } from '../../secrets/testKeys.ts'
import { openState } from '../../state/openState.ts'
import type { State } from '../../state/repositories.ts'
import { changed } from '../../state/testEvents.ts'
import { systemRandom } from '../../systemPorts.ts'
import { createSafetyDesk } from './createSafetyDesk.ts'
import type { RunningSafetyDesk, SafetyDeskOptions } from './runningSafetyDesk.ts'
import { createScanner } from '../scan/createScanner.ts'
import type { Judgement, Sighting } from './safetyDesk.ts'
import { withMarkers } from '../sinkRedactor.ts'

export const AGENT: AgentId = 'lg-7a3f9c2d'

export interface TestSafety {
  readonly desk: RunningSafetyDesk
  readonly state: State
  readonly bus: RunningEventBus
  readonly clock: TestClock
  readonly keys: Keys
  readonly defects: unknown[]
  readonly failures: unknown[]
  /** Agents that were halted, with the reason. */
  readonly halted: string[]
  /** A failure to be thrown where an agent is to be halted. */
  refuseHalt(problem: Error | null): void
  launch(safety?: Partial<SafetyPlan>, changes?: Partial<Agent>): Promise<void>
  /** Scans a text on its way and judges it, as the gateway does. */
  pass(text: string, changes?: Partial<Sighting>): Judgement & { readonly text: string }
  records(): Promise<SafetyRecord[]>
  heard<N extends EventName>(name: N): EventOf<N>[]
  settled(): Promise<void>
  close(): Promise<void>
}

const MASTER_KEY = '0123456789abcdef'.repeat(4)

export interface TestSafetyOptions extends Partial<Pick<SafetyDeskOptions, 'secretsOf' | 'keepOriginalsMs'>> {
  readonly dataFolder: string
  readonly masterKey?: string | null
  readonly clock?: TestClock
}

/** A safety desk on a real database with the real scanner and a clock of its own. For specs only. */
export async function openTestSafety({ dataFolder, masterKey = MASTER_KEY, clock = createTestClock(), ...given }: TestSafetyOptions): Promise<TestSafety> {
  const keys = await keysOfMaster({ environment: masterKey === null ? {} : { IRON_SECRETS_MASTER_KEY: masterKey }, keychain: null })
  const state = await openState({ dataFolder, clock, auditKey: keys.derive('audit') })
  const defects: unknown[] = []
  const failures: unknown[] = []
  const halted: string[] = []
  const events: Event[] = []
  let halting: Error | null = null
  const onDefect = (defect: unknown): void => void defects.push(defect)
  const bus = await createEventBus({ events: state.events, clock, onDefect })
  bus.listen((batch) => void events.push(...batch))
  const desk = await createSafetyDesk({
    state,
    bus,
    clock,
    random: systemRandom,
    keys,
    halt: async (agentId, reason) => {
      if (halting) throw halting
      halted.push(`${agentId}: ${reason}`)
    },
    secretsOf: () => [],
    createScanner,
    onDefect,
    onFailure: (problem) => void failures.push(problem),
    ...given,
  })

  const settled = async (): Promise<void> => {
    await desk.settled()
    await bus.settled()
  }
  return {
    desk,
    state,
    bus,
    clock,
    keys,
    defects,
    failures,
    halted,
    refuseHalt: (problem) => void (halting = problem),
    async launch(safety = {}, changes = {}) {
      const plan = samplePlan()
      await bus.announce(changed(sampleAgent({ id: AGENT, plan: { ...plan, safety: { ...plan.safety, ...safety } }, ...changes })))
    },
    pass(text, changes = {}) {
      const agentId = changes.agentId ?? AGENT
      const matches = desk.scannerFor(agentId).scan(text)
      const sighting: Sighting = { agentId, callId: null, direction: 'from-model', place: 'choices[0]', text, base: 0, matches, ...changes }
      const judgement = desk.judge(sighting)
      const edited = sighting.matches.filter((match) => judgement.edits.some(({ start }) => start === match.start))
      return { ...judgement, text: withMarkers(text, edited) }
    },
    async records() {
      await settled()
      const records: SafetyRecord[] = []
      await state.safetyAudit.each({}, (record) => records.push(record))
      return records
    },
    heard: <N extends EventName>(name: N) => events.filter((event): event is EventOf<N> => event.name === name),
    settled,
    async close() {
      await desk.close()
      await bus.settled()
      await state.close()
    },
  }
}
