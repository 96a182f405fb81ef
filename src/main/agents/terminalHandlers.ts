import { isAttached } from '../../shared/domain/attached.ts'
import type { CommandHandlers, StreamHandlers } from '../router/router.ts'
import { WITHOUT_TERMINAL } from './attached/attachedAgent.ts'
import { readRecording } from './recording.ts'
import type { Supervisor } from './supervisor.ts'

type TerminalCommand = 'terminal.write' | 'terminal.resize' | 'terminal.tail'

export function terminalHandlers(supervisor: Supervisor): Pick<CommandHandlers, TerminalCommand> {
  return {
    'terminal.write': async ({ agentId, data }) => {
      await supervisor.terminal(agentId).write(data)
      return {}
    },
    'terminal.resize': ({ agentId, columns, rows }) => {
      supervisor.terminal(agentId).resize({ columns, rows })
      return {}
    },
    'terminal.tail': async ({ agentId, lines }) => {
      const { plan, createdAt } = supervisor.get(agentId)
      if (isAttached(plan)) return { lines: [{ at: createdAt, text: WITHOUT_TERMINAL }] }
      return { lines: await readRecording(await supervisor.recordingOf(agentId), lines) }
    },
  }
}

export function terminalStreamHandlers(supervisor: Supervisor): Pick<StreamHandlers, 'terminal.output'> {
  return {
    'terminal.output': ({ agentId, from }, _caller, sink) => supervisor.terminal(agentId).follow(from, sink),
  }
}
