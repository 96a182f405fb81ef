import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock } from '../ports.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { CheckpointRepository } from '../state/repositories.ts'
import type { Supervisor } from './supervisor.ts'

export interface CheckpointHandlerOptions {
  readonly supervisor: Supervisor
  readonly checkpoints: CheckpointRepository
  readonly bus: EventBus
  readonly clock: Clock
}

type CheckpointCommand = 'checkpoint.save' | 'checkpoint.load'

export function checkpointHandlers({ supervisor, checkpoints, bus, clock }: CheckpointHandlerOptions): Pick<CommandHandlers, CheckpointCommand> {
  function requireOwnCheckpoint(agentId: AgentId, caller: Caller): void {
    requireOwn(agentId, caller, 'checkpoint')
    supervisor.get(agentId)
  }

  return {
    'checkpoint.save': async ({ agentId, document }, caller) => {
      requireOwnCheckpoint(agentId, caller)
      const savedAt = clock.now()
      const { bytes } = await checkpoints.save(agentId, document, savedAt)
      const message = `A checkpoint of ${bytes} bytes was saved.`
      await bus.announce({ name: 'agent.checkpointSaved', agentId, severity: 'DEBUG', message, payload: { bytes } })
      return { savedAt, bytes }
    },
    'checkpoint.load': async ({ agentId }, caller) => {
      requireOwnCheckpoint(agentId, caller)
      return (await checkpoints.load(agentId)) ?? { document: null, savedAt: null }
    },
  }
}
