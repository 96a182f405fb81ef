import type { LaunchPlan } from '../../../shared/domain/agent.ts'
import { requireOwn } from '../../access/requireOwn.ts'
import { AppError } from '../../../shared/errors.ts'
import type { AttachRequest } from '../../configuration/launchPlanner.ts'
import type { CommandHandlers } from '../../router/router.ts'
import type { Supervisor } from '../supervisor.ts'

export interface AttachHandlerOptions {
  readonly supervisor: Pick<Supervisor, 'attach' | 'detach'>
  readonly plan: (request: AttachRequest) => Promise<{ readonly plan: LaunchPlan }>
}

export function attachHandlers({ supervisor, plan }: AttachHandlerOptions): Pick<CommandHandlers, 'agent.attach' | 'agent.detach'> {
  return {
    'agent.attach': async ({ pid, ...request }) => {
      if (hasControls(request.name)) {
        throw new AppError('INVALID_INPUT', 'The name of what is attached holds a control character; give the name of a script or function.')
      }
      return supervisor.attach((await plan(request)).plan, pid)
    },
    'agent.detach': async ({ agentId, isOk, reason }, caller) => {
      requireOwn(agentId, caller, 'run')
      await supervisor.detach(agentId, { isOk, reason })
      return {}
    },
  }
}

function hasControls(name: string): boolean {
  return /\p{Cc}/u.test(name)
}
