import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Severity } from '../domain/event.ts'
import { Performance, PerformancePoint, Raised, ToolCallId, ToolName } from '../domain/report.ts'
import { Millis } from '../domain/units.ts'
import { command } from './define.ts'

/** What an agent tells of itself; it tells of itself only, the handlers hold that line. Text is redacted before it is kept or shown. */
export const reportCommands = {
  'agent.raise': command({
    summary: 'An agent tells of an exception.',
    least: 'agent',
    http: 'POST /agents/:agentId/exceptions',
    input: z.strictObject({ agentId: AgentId, ...Raised.shape }),
    output: z.object({}),
  }),
  'agent.log': command({
    summary: 'An agent writes lines to the log of the room.',
    least: 'agent',
    http: 'POST /agents/:agentId/log',
    input: z.strictObject({
      agentId: AgentId,
      lines: z
        .array(z.object({ level: Severity, message: z.string().max(10_000), fields: z.record(z.string().max(100), z.json()).default({}) }))
        .min(1)
        .max(500),
    }),
    output: z.object({}),
  }),
  'tool.begin': command({
    summary: 'An agent is about to use a tool: whether it may.',
    least: 'agent',
    http: 'POST /agents/:agentId/tools',
    input: z.strictObject({ agentId: AgentId, toolCallId: ToolCallId, name: ToolName, input: z.json().default(null) }),
    output: z.object({
      isAllowed: z.boolean(),
      reason: z.string().nullable(),
      /** The arguments as they may be used: redacted where the rules say so. */
      input: z.json(),
    }),
  }),
  'tool.end': command({
    summary: 'What came of a tool.',
    least: 'agent',
    http: 'POST /agents/:agentId/tools/:toolCallId/end',
    input: z.strictObject({
      agentId: AgentId,
      toolCallId: ToolCallId,
      name: ToolName,
      isOk: z.boolean(),
      output: z.json().default(null),
      error: z.string().max(10_000).nullable().default(null),
      latencyMs: Millis.nullable().default(null),
    }),
    /** What the tool gave, as it may be used. */
    output: z.object({ output: z.json() }),
  }),
  'output.check': command({
    summary: 'An agent shows text or JSON that it is about to send out: as it may go, or why it may not.',
    least: 'agent',
    http: 'POST /agents/:agentId/outputs',
    input: z.strictObject({ agentId: AgentId, place: z.string().max(200).default('output'), value: z.json() }),
    output: z.object({ value: z.json(), isBlocked: z.boolean(), types: z.array(z.string()), reason: z.string().nullable() }),
  }),
  'agent.performance': command({
    summary: 'Tells how an agent works: how far, how fast, how well.',
    least: 'viewer',
    http: 'GET /agents/:agentId/performance',
    input: z.strictObject({ agentId: AgentId }),
    output: Performance.nullable(),
  }),
  'performance.list': command({
    summary: 'The same for all agents.',
    least: 'viewer',
    http: 'GET /performances',
    input: z.strictObject({}),
    output: z.object({ performances: z.array(Performance), seq: z.int() }),
  }),
  'performance.history': command({
    summary: 'How an agent has worked since the room was opened, as a few hundred moments at most; the longer it gets, the farther apart they are.',
    least: 'viewer',
    http: 'GET /agents/:agentId/performance/history',
    input: z.strictObject({ agentId: AgentId }),
    output: z.object({ points: z.array(PerformancePoint), seq: z.int() }),
  }),
}
