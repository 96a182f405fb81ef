import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock } from '../ports.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { CheckpointKeeper } from './checkpointKeeper.ts'
import type { Supervisor } from './supervisor.ts'

export interface CheckpointHandlerOptions {
  readonly supervisor: Supervisor
  readonly checkpoints: Pick<CheckpointKeeper, 'save' | 'load' | 'show'>
  /** What was counted of the agent until here goes to disk with it: after a restart nothing is counted twice or forgotten. */
  readonly flushCounts: () => void
  readonly bus: EventBus
  readonly clock: Clock
}

type CheckpointCommand = 'checkpoint.save' | 'checkpoint.load'

export function checkpointHandlers({ supervisor, checkpoints, flushCounts, bus, clock }: CheckpointHandlerOptions): Pick<CommandHandlers, CheckpointCommand> {
  function requireOwnCheckpoint(agentId: AgentId, caller: Caller): void {
    requireOwn(agentId, caller, 'checkpoint')
    supervisor.get(agentId)
  }

  return {
    'checkpoint.save': async ({ agentId, document }, caller) => {
      requireOwnCheckpoint(agentId, caller)
      flushCounts()
      const savedAt = clock.now()
      const { bytes, isRedacted } = await checkpoints.save(agentId, document, savedAt)
      const without = isRedacted ? ' Private data was taken out of it all the same, for there is no master key to seal it with.' : ''
      const message = `A checkpoint of ${bytes} bytes was saved.${without}`
      await bus.announce({ name: 'agent.checkpointSaved', agentId, severity: 'DEBUG', message, payload: { bytes } })
      return { savedAt, bytes }
    },
    'checkpoint.load': async ({ agentId }, caller) => {
      requireOwnCheckpoint(agentId, caller)
      const found = caller.role === 'agent' ? checkpoints.load(agentId) : checkpoints.show(agentId)
      return (await found) ?? { document: null, savedAt: null }
    },
  }
}
