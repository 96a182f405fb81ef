import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Allowance, AllowanceKind, EffectiveRules, RecordId, RecordKind, Risk, SafetyCounts, SafetyRecord } from '../domain/safety.ts'
import { PrivateType, SafetyRules } from '../domain/safetyRules.ts'
import { Millis } from '../domain/units.ts'
import { command } from './define.ts'

export const SafetyStatus = z.object({
  agentId: AgentId,
  rules: EffectiveRules,
  /** What was said about this agent in the room; it outranks what it was launched with. */
  override: SafetyRules,
  counts: SafetyCounts,
})
export type SafetyStatus = z.infer<typeof SafetyStatus>

export const TextFinding = z.object({ type: PrivateType, risk: Risk, start: z.int(), end: z.int() })

const RecordQuery = {
  agentId: AgentId.optional(),
  kind: RecordKind.optional(),
  type: z.string().max(60).optional(),
  from: Millis.optional(),
  until: Millis.optional(),
}

/** A finding, or the thing itself. */
const NewAllowance = {
  agentId: AgentId.nullable().default(null),
  kind: AllowanceKind,
  /** Left out where a finding says it. */
  value: z.string().min(1).max(500).optional(),
  findingId: RecordId.optional(),
}

const ChainState = z.object({
  records: z.int(),
  isWhole: z.boolean(),
  /** Whether the seal on its end could be checked: that takes the master key. */
  isSealChecked: z.boolean(),
  /** The place of the first bad record, and what is wrong with it; null where all is well. */
  firstBad: z.object({ place: z.int(), problem: z.string() }).nullable(),
})

export const safetyCommands = {
  'safety.list': command({
    summary: 'Tells the rules and the counts of every agent, and the rules said for the whole room.',
    least: 'viewer',
    http: 'GET /safety',
    input: z.strictObject({}),
    /** `isKept`: whether originals can be kept, for there is a key to encrypt them with. */
    output: z.object({ agents: z.array(SafetyStatus), room: SafetyRules, isKept: z.boolean(), seq: z.int() }),
  }),
  'safety.status': command({
    summary: 'Tells the rules and the counts of one agent.',
    least: 'viewer',
    http: 'GET /agents/:agentId/safety',
    input: z.strictObject({ agentId: AgentId }),
    output: SafetyStatus,
  }),
  'safety.setRules': command({
    summary: 'Changes the rules of an agent, or of the whole room, at once. What is left null falls back to what was there before.',
    least: 'admin',
    http: 'PUT /safety/rules',
    input: z.strictObject({ agentId: AgentId.nullable().default(null), rules: SafetyRules.partial() }),
    output: z.object({ rules: SafetyRules }),
  }),
  'safety.check': command({
    summary: 'Looks through a text as it would be looked through on its way, and records nothing. Only an admin is told of secrets.',
    least: 'viewer',
    http: 'POST /safety/check',
    input: z.strictObject({ text: z.string().max(1_000_000), agentId: AgentId.optional() }),
    output: z.object({ redacted: z.string(), findings: z.array(TextFinding), injections: z.array(z.object({ rule: z.string(), start: z.int(), end: z.int() })) }),
  }),
  'finding.list': command({
    summary: 'Lists the safety audit, newest first.',
    least: 'viewer',
    http: 'GET /findings',
    input: z.strictObject({ ...RecordQuery, before: z.int().positive().optional(), limit: z.int().min(1).max(500).default(100) }),
    /** `next` is the `before` of the following page; null after the last. */
    output: z.object({ records: z.array(SafetyRecord), next: z.int().nullable() }),
  }),
  'finding.open': command({
    summary: 'Opens the original of a finding. That it was opened, by whom and why, stands in the audit.',
    least: 'admin',
    http: 'POST /findings/:findingId/open',
    input: z.strictObject({ findingId: RecordId, reason: z.string().trim().min(3).max(500) }),
    output: z.object({ original: z.string() }),
  }),
  'allowance.list': command({
    summary: 'Lists what was named as not private.',
    least: 'viewer',
    http: 'GET /safety/allowances',
    input: z.strictObject({}),
    output: z.object({ allowances: z.array(Allowance) }),
  }),
  'allowance.preview': command({
    summary: 'Tells which recorded findings would not have been any with this allowance. It changes nothing.',
    least: 'admin',
    http: 'POST /safety/allowances/preview',
    input: z.strictObject(NewAllowance),
    output: z.object({
      /** Findings looked at; of those without a kept original only the value itself can be compared. */
      compared: z.int(),
      matching: z.int(),
      samples: z.array(SafetyRecord),
    }),
  }),
  'allowance.add': command({
    summary: 'Names a value, a domain or a pattern as not private, for one agent or for all.',
    least: 'admin',
    http: 'POST /safety/allowances',
    input: z.strictObject(NewAllowance),
    output: Allowance,
  }),
  'allowance.remove': command({
    summary: 'Takes an allowance back.',
    least: 'admin',
    http: 'DELETE /safety/allowances/:allowanceId',
    input: z.strictObject({ allowanceId: z.string().min(1).max(60) }),
    output: z.object({}),
  }),
  'audit.verify': command({
    summary: 'Checks the chains of the safety audit and of the audit of secrets, and names the first record of each that is not as it was written.',
    least: 'viewer',
    http: 'GET /audit/verify',
    input: z.strictObject({}),
    output: ChainState.extend({ secrets: ChainState }),
  }),
  'audit.exportCsv': command({
    summary: 'The safety audit as CSV, oldest first.',
    least: 'admin',
    http: 'GET /audit/export.csv',
    contentType: 'text/csv; charset=utf-8',
    input: z.strictObject(RecordQuery),
    output: z.string(),
  }),
  'audit.exportJsonLines': command({
    summary: 'The safety audit as JSON lines, oldest first.',
    least: 'admin',
    http: 'GET /audit/export.jsonl',
    contentType: 'application/x-ndjson; charset=utf-8',
    input: z.strictObject(RecordQuery),
    output: z.string(),
  }),
}
