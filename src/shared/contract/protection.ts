import { z } from 'zod'
import { Agent, AgentId, Environment } from '../domain/agent.ts'
import { SafetyMode } from '../domain/safetyRules.ts'
import { Nanodollars } from '../domain/units.ts'
import { command } from './define.ts'

export const ScopeId = z.string().regex(/^scope-[0-9a-f]{12}$/, 'expected a scope id such as scope-7a3f9c2d01b2')

/** How code asks for protection: for the whole process, where no room started it, or for a part of a run. */
export const protectionCommands = {
  'agent.attach': command({
    summary: 'Puts a process that the room did not start under its protection, until it leaves or ends. Calls are counted and policed; the room does not start it again.',
    least: 'admin',
    http: 'POST /agents/attach',
    input: z.strictObject({
      /** The script or function, as people call it. */
      name: z.string().min(1).max(200),
      pid: z.int().min(2),
      workingDirectory: z.string().min(1).max(4096),
      /** `50`, `$50` or `0.25`, as people write it. */
      budget: z.string().max(40).optional(),
      safetyMode: SafetyMode.optional(),
      environment: Environment.optional(),
      provider: z.enum(['auto', 'simulated', 'live']).optional(),
      /** Path of the agent file. */
      config: z.string().max(4096).optional(),
    }),
    output: z.object({
      agent: Agent,
      runToken: z.string(),
      /** What a process that the room starts finds in its environment: base URLs, the bridge, secrets of its environment. */
      environment: z.record(z.string(), z.string()),
    }),
  }),
  'agent.detach': command({
    summary: 'The process leaves the room; its run is over.',
    least: 'agent',
    http: 'POST /agents/:agentId/detach',
    input: z.strictObject({ agentId: AgentId, isOk: z.boolean().default(true), reason: z.string().max(500).nullable().default(null) }),
    output: z.object({}),
  }),
  'scope.open': command({
    summary: 'A part of a run gets a limit of its own, within that of the run. Calls name it in the header x-iron-cage-scope; a scope narrows and never widens.',
    least: 'agent',
    http: 'POST /agents/:agentId/scopes',
    input: z.strictObject({
      agentId: AgentId,
      name: z.string().min(1).max(200),
      /** In dollars, as a decimal; null has the limit of the run alone. */
      budget: z.string().max(40).nullable(),
      /** Within the rules of the run: a scope may be stricter. */
      safetyMode: SafetyMode.optional(),
      /** The scope that it stands in. */
      within: ScopeId.optional(),
    }),
    output: z.object({ scopeId: ScopeId, limit: Nanodollars.nullable() }),
  }),
  'scope.status': command({
    summary: 'What a scope has spent.',
    least: 'agent',
    http: 'GET /agents/:agentId/scopes/:scopeId',
    input: z.strictObject({ agentId: AgentId, scopeId: ScopeId }),
    output: z.object({ scopeId: ScopeId, limit: Nanodollars.nullable(), spent: Nanodollars, reserved: Nanodollars, calls: z.int().nonnegative() }),
  }),
  'scope.close': command({
    summary: 'The part is over; calls that name it are refused from now on. Answers with what it spent.',
    least: 'agent',
    http: 'POST /agents/:agentId/scopes/:scopeId/close',
    input: z.strictObject({ agentId: AgentId, scopeId: ScopeId }),
    output: z.object({ scopeId: ScopeId, limit: Nanodollars.nullable(), spent: Nanodollars, reserved: Nanodollars, calls: z.int().nonnegative() }),
  }),
}
