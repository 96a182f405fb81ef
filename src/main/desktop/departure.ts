import type { Agent } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'

export interface DepartureQuestion {
  readonly message: string
  /** Who it is about, a line each. */
  readonly detail: string
}

const MOST_NAMED = 3

/** What is asked before agents end with the room; null when none would. One that waits for its restart would end too. */
export function departureQuestion(agents: readonly Agent[]): DepartureQuestion | null {
  const running = agents.filter(({ status }) => !isSettled(status))
  if (running.length === 0) return null
  const named = running.slice(0, MOST_NAMED).map(({ plan, id }) => `${plan.name} (${id})`)
  const unnamed = running.length - named.length
  const who = running.length === 1 ? '1 agent is running. Closing the room stops it.' : `${running.length} agents are running. Closing the room stops them.`
  return { message: who, detail: [...named, ...(unnamed > 0 ? [`and ${unnamed} more`] : [])].join('\n') }
}

export interface DepartureOptions {
  agents(): Promise<readonly Agent[]>
  /** Whether the agents may be stopped. Aborted when nobody waits for the answer any more. */
  ask(question: DepartureQuestion, withdrawn: AbortSignal): Promise<boolean>
  /** Ends everything, and then the process. Called once. */
  close(exitCode: number): void
}

export interface Departure {
  readonly isUnderWay: boolean
  /** Somebody at the screen wants to leave: agents that run are worth a question. One question at a time. */
  request(): Promise<void>
  /** Whoever asks in another way than by hand means it: signals, commands, the system going down. */
  leave(exitCode: number): void
}

export function createDeparture({ agents, ask, close }: DepartureOptions): Departure {
  let isUnderWay = false
  let asking: AbortController | null = null

  function leave(exitCode: number): void {
    if (isUnderWay) return
    isUnderWay = true
    asking?.abort()
    close(exitCode)
  }

  async function mayLeave(withdrawn: AbortSignal): Promise<boolean> {
    try {
      const question = departureQuestion(await agents())
      if (question === null || withdrawn.aborted) return true
      return await ask(question, withdrawn)
    } catch {
      // A question that cannot be put must not lock anybody in.
      return true
    }
  }

  return {
    get isUnderWay() {
      return isUnderWay
    },
    leave,
    async request() {
      if (isUnderWay || asking) return
      asking = new AbortController()
      const isGranted = await mayLeave(asking.signal)
      asking = null
      if (isGranted) leave(0)
    },
  }
}
