import { z } from 'zod'
import { Agent, AgentId, AtLimit, Environment, RestartRule, UnknownModel } from '../domain/agent.ts'
import { Millis } from '../domain/units.ts'
import { Budget } from '../domain/budget.ts'
import { Refusal } from '../domain/llm.ts'
import { CostRow } from './costs.ts'
import { CellMode, Direction, IncidentMode, PrivateType, SafetyMode } from '../domain/safetyRules.ts'
import { SecretName } from '../domain/secret.ts'
import { ProviderChoice } from '../domain/provider.ts'
import { SimulatedFailure } from '../domain/simulatedFailure.ts'
import { command } from './define.ts'

const One = z.strictObject({ agentId: AgentId })

/** What somebody may ask for at a launch; what is left out comes from configuration. */
export const LaunchRequest = z.strictObject({
  script: z.string().min(1),
  args: z.array(z.string()).optional(),
  interpreter: z.string().min(1).optional(),
  workingDirectory: z.string().min(1).optional(),
  /** Names as environments know them; values without NUL. */
  variables: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().regex(/^[^\0]*$/)).optional(),
  /** `50`, `$50` or `0.25`, as people write it. */
  budget: z.string().optional(),
  provider: ProviderChoice.optional(),
  /** Base URLs; null is the provider's own, whatever settings say. */
  upstreamOpenai: z.string().nullable().optional(),
  upstreamAnthropic: z.string().nullable().optional(),
  /** Null is as the room does, whatever settings say. */
  atLimit: AtLimit.nullable().optional(),
  parkForMs: Millis.max(3_600_000).optional(),
  unknownModel: UnknownModel.optional(),
  /** Dollars for a unit of work, written like the budget. */
  baseline: z.string().nullable().optional(),
  simulatedSeed: z.int().min(0).max(4_294_967_295).optional(),
  simulatedDelayMs: Millis.max(3_600_000).optional(),
  simulatedFailures: z.array(SimulatedFailure).max(1000).optional(),
  safetyMode: SafetyMode.optional(),
  safetyTypes: z.partialRecord(PrivateType, CellMode).optional(),
  safetyDirections: z.partialRecord(Direction, CellMode).optional(),
  unauthorised: IncidentMode.optional(),
  injection: IncidentMode.optional(),
  /** Null: everything is allowed, whatever settings say. */
  allowedModels: z.array(z.string().min(1)).max(1000).nullable().optional(),
  allowedTools: z.array(z.string().min(1)).max(1000).nullable().optional(),
  allowedHosts: z.array(z.string().min(1)).max(1000).nullable().optional(),
  allowedPaths: z.array(z.string().min(1)).max(1000).nullable().optional(),
  notPrivate: z.array(z.string().min(1)).max(1000).optional(),
  /** Null: all of its environment, whatever settings say. */
  secrets: z.array(SecretName).max(1000).nullable().optional(),
  sealSecrets: z.boolean().optional(),
  environment: Environment.optional(),
  restart: RestartRule.optional(),
  maxRestarts: z.int().min(0).max(1000).optional(),
  healthyAfterMs: Millis.max(3_600_000).optional(),
  gracePeriodMs: Millis.max(3_600_000).optional(),
  /** Path of the agent file, where it does not lie beside the script. */
  config: z.string().min(1).optional(),
  /** Size of the terminal that waits for the agent. */
  columns: z.int().min(2).max(1000).optional(),
  rows: z.int().min(1).max(1000).optional(),
})
export type LaunchRequest = z.infer<typeof LaunchRequest>

export const AgentMetrics = z.object({
  agentId: AgentId,
  status: Agent.shape.status,
  uptimeMs: Millis,
  restarts: z.int().nonnegative(),
  processes: z.int().nonnegative(),
  residentBytes: z.int().nonnegative(),
  cpuMs: Millis,
  outputBytes: z.int().nonnegative(),
  budget: Budget,
  /** Spent of the limit, with one decimal. */
  usedPercent: z.number().nonnegative(),
  /** As people read it: `$5.29`, `10.6%`, `$0.23 avg/lead`, `Projection: $23.00 total`. */
  formatted: z.object({
    spent: z.string(),
    limit: z.string(),
    used: z.string(),
    average: z.string().nullable(),
    projection: z.string().nullable(),
    baseline: z.string().nullable(),
    /** How it works: `23 / 100 leads (23%)`, `100% (23/23)`, `212 leads/hour`, `P95: 2.1s`, `34%`, `99.8%`, `66 leads`, `$6.60 saved`, `98% via fallback`. */
    progress: z.string().nullable(),
    success: z.string().nullable(),
    rate: z.string().nullable(),
    p50: z.string().nullable(),
    p95: z.string().nullable(),
    p99: z.string().nullable(),
    cacheHits: z.string().nullable(),
    uptime: z.string().nullable(),
    blocked: z.string().nullable(),
    saved: z.string().nullable(),
    viaFallback: z.string().nullable(),
  }),
  models: z.array(CostRow),
  /** Calls that we refused, by reason. */
  refusals: z.partialRecord(Refusal, z.int().nonnegative()),
})
export type AgentMetrics = z.infer<typeof AgentMetrics>

export const agentCommands = {
  'agent.list': command({
    summary: 'Lists every agent, newest first.',
    least: 'viewer',
    http: 'GET /agents',
    input: z.strictObject({}),
    /** `seq` is the place in the event sequence of which this list is the snapshot. */
    output: z.object({ agents: z.array(Agent), seq: z.int() }),
  }),
  'agent.status': command({
    summary: 'Tells how one agent is.',
    least: 'viewer',
    http: 'GET /agents/:agentId/status',
    alsoAt: ['GET /agent/:agentId/status'],
    input: One,
    output: Agent,
  }),
  'agent.start': command({
    summary: 'Starts a script under supervision.',
    least: 'admin',
    http: 'POST /agents',
    input: LaunchRequest,
    output: Agent,
  }),
  'agent.stop': command({
    summary: 'Stops an agent and everything that it started; answers when nothing of it is left.',
    least: 'admin',
    http: 'POST /agents/:agentId/stop',
    alsoAt: ['POST /agent/:agentId/stop'],
    input: One,
    output: Agent,
  }),
  'agent.restart': command({
    summary: 'Stops an agent if it runs, and starts it anew under the same id.',
    least: 'admin',
    http: 'POST /agents/:agentId/restart',
    input: One,
    output: Agent,
  }),
  'agent.remove': command({
    summary: 'Takes a settled agent off the list; its events stay.',
    least: 'admin',
    http: 'DELETE /agents/:agentId',
    input: One,
    output: z.object({}),
  }),
  'agent.metrics': command({
    summary: 'Tells what an agent uses at this moment.',
    least: 'viewer',
    http: 'GET /agents/:agentId/metrics',
    input: One,
    output: AgentMetrics,
  }),
}
