import type { CommandHandlers } from '../router/router.ts'
import type { StageLock } from './stageLock.ts'

type StageCommand = Extract<keyof CommandHandlers, `stage.${string}`>

export function stageHandlers(stage: StageLock): Pick<CommandHandlers, StageCommand> {
  return {
    'stage.status': (_input, caller) => stage.status(caller),
    'stage.lock': async ({ password }, caller) => {
      await stage.lock(caller, password)
      return stage.status(caller)
    },
    'stage.unlock': async ({ password }, caller) => {
      await stage.unlock(caller, password)
      return stage.status(caller)
    },
  }
}
