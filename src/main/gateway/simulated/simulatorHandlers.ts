import { AppError } from '../../../shared/errors.ts'
import type { Supervisor } from '../../agents/supervisor.ts'
import type { EventBus } from '../../events/bus.ts'
import type { CommandHandlers } from '../../router/router.ts'
import type { SimulatedUpstream } from './simulatedUpstream.ts'

export interface SimulatorHandlerOptions {
  readonly supervisor: Pick<Supervisor, 'get'>
  readonly simulated: Pick<SimulatedUpstream, 'fail'>
  readonly bus: Pick<EventBus, 'announce'>
}

export function simulatorHandlers({ supervisor, simulated, bus }: SimulatorHandlerOptions): Pick<CommandHandlers, 'simulator.fail'> {
  return {
    'simulator.fail': async ({ agentId, failures }, caller) => {
      const { plan } = supervisor.get(agentId)
      if (plan.llm.mode !== 'simulated') {
        throw new AppError(
          'CONFLICT',
          `The calls of ${plan.name} go to a live provider, which cannot be told to fail; start it with --provider simulated.`,
        )
      }
      simulated.fail(agentId, failures)
      const attempts = failures.reduce((sum, { times }) => sum + times, 0)
      const message = `The simulated provider will fail ${attempts === 1 ? 'an attempt' : `${attempts} attempts`} of ${plan.name}.`
      const fields = { actor: caller.id, kinds: failures.map(({ kind }) => kind) }
      await bus.announce({ name: 'log.written', agentId, severity: 'INFO', message, payload: { fields } })
      return {}
    },
  }
}
