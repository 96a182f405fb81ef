import type { ControlRoomClient } from '../../shared/client.ts'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import type { Event } from '../../shared/domain/event.ts'
import { AppError } from '../../shared/errors.ts'

/** The room's events, from the moment this was made: nothing between asking for an agent and watching it is missed. */
export interface AgentChanges {
  /** Tells each event from the beginning on, and each change of the agent. */
  watch(agentId: AgentId, watcher: AgentWatcher): void
  close(): void
}

export interface AgentWatcher {
  onEvent(event: Event): void
  onChange(agent: Agent, before: Agent | null): void
  onLost(error: AppError): void
}

export function followChanges(client: ControlRoomClient): AgentChanges {
  const missed: Event[] = []
  let watched: { agentId: AgentId; watcher: AgentWatcher } | null = null
  let last: Agent | null = null
  let lost: AppError | null = null

  function changed(agent: Agent): void {
    const before = last
    last = agent
    watched?.watcher.onChange(agent, before)
  }

  function tell(event: Event): void {
    if (!watched) {
      missed.push(event)
      return
    }
    watched.watcher.onEvent(event)
    if (event.name === 'agent.changed' && event.agentId === watched.agentId) changed(event.payload.agent)
  }

  const following = client.follow('event.follow', {}, {
    onItem(item) {
      if (item.kind === 'events') for (const event of item.events) tell(event)
      else if (watched) void client.request('agent.status', { agentId: watched.agentId }).then(changed, lose)
    },
    onEnd: (error) => lose(error ?? new AppError('UNAVAILABLE', 'The control room tells no more.')),
  })

  function lose(error: AppError): void {
    lost ??= error
    watched?.watcher.onLost(lost)
  }

  return {
    watch(agentId, watcher) {
      watched = { agentId, watcher }
      for (const event of missed.splice(0)) tell(event)
      if (lost) watcher.onLost(lost)
    },
    close: () => following.close(),
  }
}

/** Whether somebody ended this agent, rather than it itself. */
export function wasStopped(agent: Agent, before: Agent | null): boolean {
  return isSettled(agent.status) && before !== null && (before.status === 'stopping' || before.status === 'restarting')
}
