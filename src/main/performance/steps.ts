import type { Budget } from '../../shared/domain/budget.ts'
import type { Event } from '../../shared/domain/event.ts'

/** What an agent is at. */
export interface Steps {
  /** Holds until it tells another. */
  tell(step: string | null): void
  hear(event: Event): void
  /** As a few words; null where nobody knows. */
  read(budget: Pick<Budget, 'parked' | 'openCalls'>): string | null
}

/** An agent that begins tools and never ends them must not fill our memory. */
const MOST_TOOLS = 100

export function createSteps(): Steps {
  let told: string | null = null
  let isRunning = true
  /** The tools under way by their calls, the newest last. */
  const tools = new Map<string, string>()

  return {
    tell(step) {
      told = step
      // Who tells something runs.
      isRunning = true
    },
    hear(event) {
      if (event.name === 'tool.began' && event.payload.isAllowed) {
        const [oldest] = tools.keys()
        if (tools.size >= MOST_TOOLS && oldest !== undefined) tools.delete(oldest)
        tools.set(event.payload.toolCallId, event.payload.name)
      }
      if (event.name === 'tool.ended') tools.delete(event.payload.toolCallId)
      if (event.name !== 'agent.changed') return
      isRunning = event.payload.agent.status === 'running'
      if (isRunning) return
      told = null
      tools.clear()
    },
    read({ parked, openCalls }) {
      if (!isRunning) return null
      if (parked.length > 0) return 'Waiting for a decision'
      if (told !== null) return told
      const tool = [...tools.values()].at(-1)
      if (tool !== undefined) return `Using ${tool}`
      return openCalls > 0 ? 'Asking the model' : null
    },
  }
}
