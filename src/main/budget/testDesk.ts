import type { Agent, AgentId, AtLimit } from '../../shared/domain/agent.ts'
import type { Event, EventName, EventOf } from '../../shared/domain/event.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { createEventBus, type RunningEventBus } from '../events/eventBus.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import { closeAsIfKilled } from '../state/testCrash.ts'
import { changed } from '../state/testEvents.ts'
import type { Place } from '../state/testStores.ts'
import type { Admission, AdmissionRequest, Reservation } from './admission.ts'
import { createBudgetDesk, type RunningBudgetDesk } from './budgetDesk.ts'
import { createPool, type PoolBudgets } from './pool.ts'

export const AGENT: AgentId = 'lg-7a3f9c2d'
export const CENT = 10_000_000
export const DOLLAR = 100 * CENT

/** A call under way: admitted, and not settled yet. */
export interface Held {
  readonly callId: CallId
  readonly reservation: Reservation
}

/** A budget desk on a real database with a clock of its own. For specs only. */
export interface TestDesk {
  readonly desk: RunningBudgetDesk
  readonly state: State
  readonly bus: RunningEventBus
  readonly clock: TestClock
  readonly defects: unknown[]
  /** Agents whose run was ended, with the reason. */
  readonly ended: string[]
  launch(budget: number, plan?: Partial<Agent['plan']>, changes?: Partial<Agent>): Promise<void>
  /** Tells that an agent is something else by now. */
  change(agent: Partial<Agent>): Promise<void>
  ask(worstCase: number, changes?: Partial<AdmissionRequest>): Promise<Admission>
  /** Asks and expects to be admitted. */
  hold(worstCase: number, changes?: Partial<AdmissionRequest>): Promise<Held>
  /** Settles and finishes a call of one attempt. */
  charge(held: Held, amount: number, changes?: Partial<Call>): Promise<void>
  /** Everything announced so far is stored and heard. */
  settled(): Promise<void>
  heard<N extends EventName>(name: N): EventOf<N>[]
  /** The room dies, as by SIGKILL. */
  kill(): Promise<void>
  close(): Promise<void>
}

let calls = 0

export function freshCallId(): CallId {
  return `call-${(++calls).toString(16).padStart(16, '0')}`
}

/** In a folder, or wherever a place is. */
export async function openTestDesk(place: string | Pick<Place, 'open' | 'kill'>, atLimit: AtLimit = 'ask', shared: PoolBudgets | null = null): Promise<TestDesk> {
  const clock = createTestClock()
  const state = typeof place === 'string' ? await openState({ dataFolder: place, clock }) : await place.open({ clock })
  const defects: unknown[] = []
  const ended: string[] = []
  const events: Event[] = []
  const onDefect = (defect: unknown): void => void defects.push(defect)
  const bus = await createEventBus({ events: state.events, clock, onDefect })
  const stopListening = bus.listen((batch) => void events.push(...batch))
  const endRun = async (agentId: AgentId, reason: string): Promise<void> => void ended.push(`${agentId}: ${reason}`)
  const desk = await createBudgetDesk({ state, bus, clock, atLimit, pool: shared && createPool(shared, clock), endRun, onDefect, onFailure: onDefect })
  const change = async (agent: Partial<Agent>): Promise<void> => void (await bus.announce(changed(sampleAgent({ id: AGENT, ...agent }))))

  const test: TestDesk = {
    desk,
    state,
    bus,
    clock,
    defects,
    ended,
    change,
    launch: (budget, plan = {}, changes = {}) => change({ plan: samplePlan({ budget, ...plan }), status: 'starting', pid: null, ...changes }),
    ask: (worstCase, changes = {}) =>
      desk.admit({
        agentId: AGENT,
        callId: freshCallId(),
        attempt: 1,
        model: 'gpt-4',
        worstCase,
        closerWorstCase: async () => worstCase,
        signal: new AbortController().signal,
        ...changes,
      }),
    async hold(worstCase, changes = {}) {
      const callId = changes.callId ?? freshCallId()
      const admission = await test.ask(worstCase, { ...changes, callId })
      if (admission.outcome !== 'admitted') throw new Error(`Not admitted: ${JSON.stringify(admission)}`)
      return { callId, reservation: admission.reservation }
    },
    async charge({ callId, reservation }, amount, changes = {}) {
      const receipt = sampleReceipt(amount)
      reservation.settle(receipt)
      desk.finish(sampleCall({ id: callId, attempts: [sampleAttempt({ reserved: reservation.worstCase, receipt })], ...changes }))
      await test.settled()
    },
    async settled() {
      await bus.settled()
      // Writes are done in the order of the asking: what the ledger was given by now is in it after this.
      await state.revokedSessions.forgetExpired(0)
    },
    heard: <N extends EventName>(name: N) => events.filter((event): event is EventOf<N> => event.name === name),
    async kill() {
      await bus.settled()
      stopListening()
      await (typeof place === 'string' ? closeAsIfKilled(state, place) : place.kill(state))
    },
    async close() {
      desk.close()
      await bus.settled()
      await state.close()
    },
  }
  return test
}
