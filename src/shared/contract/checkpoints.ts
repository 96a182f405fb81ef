import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Millis } from '../domain/units.ts'
import { command } from './define.ts'

/** An agent reaches its own checkpoint only; the handler holds that line. */
export const checkpointCommands = {
  'checkpoint.save': command({
    summary: "Keeps one JSON document for an agent; it is on disk before the answer comes.",
    least: 'agent',
    http: 'PUT /agents/:agentId/checkpoint',
    input: z.strictObject({ agentId: AgentId, document: z.json() }),
    output: z.object({ savedAt: Millis, bytes: z.int() }),
  }),
  'checkpoint.load': command({
    summary: 'Gives back the document that was kept last, or null.',
    least: 'agent',
    http: 'GET /agents/:agentId/checkpoint',
    input: z.strictObject({ agentId: AgentId }),
    output: z.object({ document: z.json(), savedAt: Millis.nullable() }),
  }),
}
