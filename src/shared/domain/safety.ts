import { z } from 'zod'
import { AgentId } from './agent.ts'
import { CallId } from './llm.ts'
import { CellMode, Direction, IncidentMode, PrivateType, SafetyMode } from './safetyRules.ts'
import { Millis } from './units.ts'

export const Risk = z.enum(['LOW', 'MEDIUM', 'HIGH'])
export type Risk = z.infer<typeof Risk>

/** How an auditor weighs a finding. */
export const FindingSeverity = z.enum(['CRITICAL', 'WARN'])
export type FindingSeverity = z.infer<typeof FindingSeverity>

export { PRIVATE_TYPES } from './privateTypes.ts'

export const RecordId = z.string().regex(/^find-[0-9a-f]{16}$/, 'expected a finding id such as find-7a3f9c2d01b2c3d4')
export type RecordId = z.infer<typeof RecordId>

export const RecordKind = z.enum([
  /** Private data was found. */
  'private',
  /** An agent asked for what its file does not allow. */
  'unauthorised',
  /** Something that came in from a tool or a document reads like orders to the model. */
  'injection',
  /** Somebody opened an original. */
  'opened',
  /** Somebody changed the rules, or what is not private. */
  'policy',
])
export type RecordKind = z.infer<typeof RecordKind>

export const RecordAction = z.enum(['redacted', 'blocked', 'refused', 'warned', 'opened', 'changed'])
export type RecordAction = z.infer<typeof RecordAction>

/** One row of the safety audit. Nothing private stands in it: what was found is a keyed hash. */
export const SafetyRecord = z.object({
  id: RecordId,
  at: Millis,
  kind: RecordKind,
  agentId: AgentId.nullable(),
  callId: CallId.nullable(),
  /** A private type; `model`, `tool`, `host` or `path`; the rule of an injection; `rules` or `allowance`. */
  type: z.string(),
  severity: FindingSeverity,
  direction: Direction.nullable(),
  /** `messages[3].content`, `choices[0]`, `terminal`. */
  place: z.string(),
  action: RecordAction,
  /** HMAC-SHA256 of the value as it was normalised, in hex; empty where there is no value. */
  valueHash: z.string(),
  /** What stood around it, redacted; or what was asked for. */
  preview: z.string(),
  /** Whether the original is kept, encrypted. */
  hasOriginal: z.boolean(),
  /** The finding that was opened or named as not private. */
  about: RecordId.nullable(),
  /** Who did it, and why; null where nobody did. */
  actor: z.string().nullable(),
  reason: z.string().nullable(),
  /** How often, where findings came faster than they could be written down one by one; left out where it is once. */
  times: z.int().positive().optional(),
})
export type SafetyRecord = z.infer<typeof SafetyRecord>

export const SafetyCounts = z.object({
  /** Private data that was found, whatever came of it. */
  found: z.int().nonnegative(),
  redacted: z.int().nonnegative(),
  blocked: z.int().nonnegative(),
  warned: z.int().nonnegative(),
  unauthorised: z.int().nonnegative(),
  injection: z.int().nonnegative(),
  byType: z.partialRecord(PrivateType, z.int().nonnegative()),
})
export type SafetyCounts = z.infer<typeof SafetyCounts>

/** What counts as not private after all. A domain also covers what is below it. */
export const AllowanceKind = z.enum(['value', 'domain', 'pattern'])
export type AllowanceKind = z.infer<typeof AllowanceKind>

export const Allowance = z.object({
  id: z.string(),
  /** Null: for all agents. */
  agentId: AgentId.nullable(),
  kind: AllowanceKind,
  value: z.string(),
  actor: z.string(),
  at: Millis,
})
export type Allowance = z.infer<typeof Allowance>

/** What holds for an agent at this moment, spelled out. */
export const EffectiveRules = z.object({
  mode: SafetyMode,
  /** Every type in every direction. */
  cells: z.record(PrivateType, z.record(Direction, CellMode)),
  unauthorised: IncidentMode,
  injection: IncidentMode,
})
export type EffectiveRules = z.infer<typeof EffectiveRules>
