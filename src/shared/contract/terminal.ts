import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { command, stream } from './define.ts'

const One = { agentId: AgentId }

export const terminalCommands = {
  'terminal.write': command({
    summary: "Types into an agent's terminal.",
    least: 'admin',
    http: 'POST /agents/:agentId/terminal/input',
    input: z.strictObject({ ...One, data: z.string().max(1_000_000) }),
    output: z.object({}),
  }),
  'terminal.resize': command({
    summary: "Gives an agent's terminal another size.",
    least: 'admin',
    http: 'POST /agents/:agentId/terminal/size',
    input: z.strictObject({ ...One, columns: z.int().min(2).max(1000), rows: z.int().min(1).max(1000) }),
    output: z.object({}),
  }),
  'terminal.tail': command({
    summary: "Gives the last lines that an agent's terminal showed, as recorded.",
    least: 'viewer',
    http: 'GET /agents/:agentId/terminal',
    input: z.strictObject({ ...One, lines: z.int().min(1).max(10_000).default(200) }),
    output: z.object({ lines: z.array(z.object({ at: z.int(), text: z.string() })) }),
  }),
}

/**
 * What a terminal shows. `offset` counts characters since the agent's first process started; a viewer that comes back says from
 * which offset on. `gap` tells that output in between has left the ring: the viewer clears its screen and goes on.
 */
export const terminalStreams = {
  'terminal.output': stream({
    summary: "Follows an agent's terminal: what the ring still holds, then live.",
    least: 'viewer',
    input: z.strictObject({ ...One, from: z.int().nonnegative().default(0) }),
    item: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('data'), offset: z.int(), data: z.string() }),
      z.object({ kind: z.literal('gap'), offset: z.int() }),
      z.object({ kind: z.literal('size'), columns: z.int(), rows: z.int() }),
    ]),
  }),
}
