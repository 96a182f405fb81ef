import type { CommandHandlers, StreamHandlers } from '../router/router.ts'
import { readRecording } from './recording.ts'
import type { Supervisor } from './supervisor.ts'

type TerminalCommand = 'terminal.write' | 'terminal.resize' | 'terminal.tail'

export function terminalHandlers(supervisor: Supervisor): Pick<CommandHandlers, TerminalCommand> {
  return {
    'terminal.write': ({ agentId, data }) => {
      supervisor.terminal(agentId).write(data)
      return {}
    },
    'terminal.resize': ({ agentId, columns, rows }) => {
      supervisor.terminal(agentId).resize({ columns, rows })
      return {}
    },
    'terminal.tail': async ({ agentId, lines }) => ({ lines: await readRecording(await supervisor.recordingOf(agentId), lines) }),
  }
}

export function terminalStreamHandlers(supervisor: Supervisor): Pick<StreamHandlers, 'terminal.output'> {
  return {
    'terminal.output': ({ agentId, from }, _caller, sink) => supervisor.terminal(agentId).follow(from, sink),
  }
}
