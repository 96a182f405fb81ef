import { z } from 'zod'
import { ProviderMode } from './provider.ts'
import { SafetyPlan } from './safetyRules.ts'
import { ServiceDeclaration } from './servicePolicy.ts'
import { SimulatedFailure } from './simulatedFailure.ts'
import { Millis, Nanodollars } from './units.ts'

/** Initials of the script's first two words and eight hex digits: `lg-7a3f9c2d`. */
export const AgentId = z.string().regex(/^[a-z0-9]{2}-[0-9a-f]{8}$/, 'expected an agent id such as lg-7a3f9c2d')
export type AgentId = z.infer<typeof AgentId>

export const AgentStatus = z.enum([
  'starting',
  'running',
  'stopping',
  'stopped',
  'crashed',
  'restarting',
  'blocked',
  'over-budget',
])
export type AgentStatus = z.infer<typeof AgentStatus>

export const Environment = z.enum(['development', 'staging', 'production'])
export type Environment = z.infer<typeof Environment>

export const RestartRule = z.enum(['never', 'on-failure', 'always'])
export type RestartRule = z.infer<typeof RestartRule>

/** How a process ended: by its own code, or by a signal's name. */
export const Exit = z.object({ code: z.int().nullable(), signal: z.string().nullable() })
export type Exit = z.infer<typeof Exit>

/** What happens when a call does not fit into the budget: somebody is asked, or the run ends. */
export const AtLimit = z.enum(['ask', 'end'])
export type AtLimit = z.infer<typeof AtLimit>

/** What a model costs that stands in no price list: nothing, for it is refused; or the dearest price there is, marked as estimated. */
export const UnknownModel = z.enum(['refuse', 'ceiling'])
export type UnknownModel = z.infer<typeof UnknownModel>

/** Who answers an agent's LLM calls. */
export const LlmPlan = z.object({
  mode: ProviderMode,
  /** Base URLs, as a client of the provider would be given them; null is the provider's own. */
  upstreams: z.object({ openai: z.string().nullable(), anthropic: z.string().nullable() }),
  unknownModel: UnknownModel,
  simulation: z.object({ seed: z.int().nonnegative(), delayMs: Millis, failures: z.array(SimulatedFailure) }),
})
export type LlmPlan = z.infer<typeof LlmPlan>

/** What will run: everything decided, nothing left to look up. */
export const LaunchPlan = z.object({
  script: z.string(),
  /** The script's file name, as people call the agent. */
  name: z.string(),
  /** The program and the arguments before the agent's own: `['/usr/bin/python3', '-u', 'agent.py']`. */
  command: z.array(z.string()).min(1),
  /** One word for people: `python3`, `node`, `executable`, with its path in `command`. */
  interpreter: z.string(),
  args: z.array(z.string()),
  workingDirectory: z.string(),
  /** Extra environment variables asked for by flag, agent file or card. */
  variables: z.record(z.string(), z.string()),
  budget: Nanodollars,
  /** Null: as its room does, which asks where somebody sits. */
  atLimit: AtLimit.nullable(),
  /** How long a call waits for a decision. */
  parkForMs: Millis,
  /** What a unit of its work costs elsewhere; null where there is nothing to compare with. */
  baselinePerUnit: Nanodollars.nullable(),
  llm: LlmPlan,
  safety: SafetyPlan,
  /** What its agent file says of the services that it calls. */
  services: z.array(ServiceDeclaration),
  /** Which secrets of its environment it gets, by name; null is all of them. */
  secrets: z.array(z.string()).nullable(),
  /** It gets placeholders alone; the gateway puts the values in on the way to their hosts. */
  sealSecrets: z.boolean(),
  environment: Environment,
  restart: RestartRule,
  maxRestarts: z.int().nonnegative(),
  /** A run this long is healthy, and the count of restarts in a row begins anew. */
  healthyAfterMs: Millis,
  gracePeriodMs: Millis,
})
export type LaunchPlan = z.infer<typeof LaunchPlan>

/** How long it was up of the time in which it should have been, until the moment `at`, and what the time since then counts as. */
export const Uptime = z.object({ upMs: Millis, downMs: Millis, at: Millis, counts: z.enum(['up', 'down', 'neither']) })
export type Uptime = z.infer<typeof Uptime>

export const Agent = z.object({
  id: AgentId,
  plan: LaunchPlan,
  status: AgentStatus,
  /** Why it has this status, as a sentence; null while all is well. */
  reason: z.string().nullable(),
  pid: z.int().positive().nullable(),
  createdAt: Millis,
  /** Start of the current process, or of the last one. */
  startedAt: Millis.nullable(),
  endedAt: Millis.nullable(),
  /** When the next process is due, while restarting. */
  restartAt: Millis.nullable(),
  /** Restarts in all; those in a row decide when to give up, and stay inside the supervisor. */
  restarts: z.int().nonnegative(),
  /** Since its first process ran; null before. */
  uptime: Uptime.nullable().default(null),
  exit: Exit.nullable(),
  /** Processes that outlived the last stop; 0 is what we promise. */
  survivors: z.int().nonnegative().nullable(),
  /** The last lines of output of an agent that crashed; empty otherwise. */
  lastOutput: z.array(z.string()),
})
export type Agent = z.infer<typeof Agent>
