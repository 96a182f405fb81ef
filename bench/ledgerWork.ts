import { systemRandom } from '../src/main/systemPorts.ts'
import type { LedgerEntry } from '../src/main/state/repositories.ts'
import type { Announcement } from '../src/shared/domain/event.ts'
import type { CallId } from '../src/shared/domain/llm.ts'
import { sampleCall } from '../src/shared/domain/testCalls.ts'

/** What a state does about one call, and how long it takes for it. */

export const AGENT = 'lg-7a3f9c2d'
export const AT = 1_795_225_354_631
export const AMOUNT = 60_000_000

export interface Work {
  readonly id: CallId
  readonly reserve: LedgerEntry
  readonly finished: Announcement
}

/** Made before the clock runs: the gateway has its call in hand by then. */
function makeWork(count: number): Work[] {
  return Array.from({ length: count }, () => {
    const id: CallId = `call-${systemRandom.hex(8)}`
    return {
      id,
      reserve: { kind: 'reserve', agentId: AGENT, at: AT, callId: id, attempt: 1, model: 'gpt-4', amount: AMOUNT },
      finished: {
        name: 'llm.callFinished',
        agentId: AGENT,
        severity: 'INFO',
        message: 'gpt-4 answered in 0.8 s for $0.03.',
        payload: { call: sampleCall({ id, agentId: AGENT }) },
      },
    }
  })
}

export interface Subject {
  /** Holds the worst cases of all of them, in one turn. */
  hold(works: readonly Work[]): void | Promise<void>
  finish(works: readonly Work[]): Promise<unknown>
}

/** Microseconds a call: to hold, and to finish. */
export interface Cost {
  readonly hold: number
  readonly finish: number
}

export async function costOf({ hold, finish }: Subject, count: number, atOnce: number): Promise<Cost> {
  const works = makeWork(count)
  let [holding, finishing] = [0, 0]
  for (let done = 0; done < count; done += atOnce) {
    const batch = works.slice(done, done + atOnce)
    const begun = performance.now()
    const stored = hold(batch)
    if (stored) await stored
    const held = performance.now()
    await finish(batch)
    holding += held - begun
    finishing += performance.now() - held
  }
  return { hold: (holding / count) * 1000, finish: (finishing / count) * 1000 }
}
