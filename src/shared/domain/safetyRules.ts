import { z } from 'zod'

/** What happens to private data: taken out, the agent halted, or only noted down. */
export const SafetyMode = z.enum(['redact', 'block', 'warn'])
export type SafetyMode = z.infer<typeof SafetyMode>

export const PrivateType = z.enum(['email', 'phone', 'ssn', 'itin', 'card', 'iban', 'ip', 'api-key', 'secret'])
export type PrivateType = z.infer<typeof PrivateType>

/** Where a text is on its way to. Tools: a model's tool calls, their results, and what comes over the bridge. */
export const Direction = z.enum(['to-model', 'from-model', 'terminal', 'tools'])
export type Direction = z.infer<typeof Direction>

export const CellMode = z.enum([...SafetyMode.options, 'off'])
export type CellMode = z.infer<typeof CellMode>

/** What happens at an action that is not allowed, or at what reads like an injected order: noted down; the call refused; the agent halted. */
export const IncidentMode = z.enum(['warn', 'refuse', 'block'])
export type IncidentMode = z.infer<typeof IncidentMode>

/** One layer of rules; what it leaves open the next one says. Within a layer a type outranks a direction, and a direction the mode. */
export const SafetyRules = z.object({
  mode: SafetyMode.nullable(),
  types: z.partialRecord(PrivateType, CellMode),
  directions: z.partialRecord(Direction, CellMode),
  unauthorised: IncidentMode.nullable(),
  injection: IncidentMode.nullable(),
})
export type SafetyRules = z.infer<typeof SafetyRules>

export const NO_RULES: SafetyRules = { mode: null, types: {}, directions: {}, unauthorised: null, injection: null }

/** What an agent's file allows it; null where it says nothing, and so everything is. `*` stands for any run of characters. */
export const Permissions = z.object({
  models: z.array(z.string()).nullable(),
  tools: z.array(z.string()).nullable(),
  /** Hosts in what tools are called with; `*.example.com` covers what is below it. */
  hosts: z.array(z.string()).nullable(),
  /** Folders and files in what tools are called with; absolute. */
  paths: z.array(z.string()).nullable(),
})
export type Permissions = z.infer<typeof Permissions>

/** What an agent is launched with. */
export const SafetyPlan = z.object({
  rules: SafetyRules,
  permissions: Permissions,
  /** `@company.com`, `/pattern/`, or a value as it stands. */
  notPrivate: z.array(z.string()),
})
export type SafetyPlan = z.infer<typeof SafetyPlan>
