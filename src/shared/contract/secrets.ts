import { z } from 'zod'
import { AgentId, Environment } from '../domain/agent.ts'
import { ListedSecret, RotationOutcome, SecretAuditEntry, SecretDelivery, SecretId, SecretName, SecretView } from '../domain/secret.ts'
import { Millis } from '../domain/units.ts'
import { command } from './define.ts'

const One = { secretId: SecretId }
const Value = z.string().min(1, 'a secret has at least one byte').max(65_536, 'a secret has at most 64 KiB')
/** As a URL writes it, without the rest of one; `*.` for all that is below a domain. */
const Host = z
  .string()
  .max(255)
  .regex(/^(?:\*\.(?=[^.:]+\.))?(?:[\w-]+\.)*[\w-]+(?::\d{1,5})?$|^\[[\da-fA-F:.]+\](?::\d{1,5})?$/, 'expected a host as a URL has it, such as api.openai.com, *.example.com or 127.0.0.1:4000')
/** Left out: from the first, to the last. */
const AuditRange = { secret_name: z.string().max(128).optional(), from: Millis.optional(), until: Millis.optional() }
const Created = SecretView.pick({ id: true, name: true, environment: true, created_at: true, updated_at: true })

export const secretCommands = {
  'secret.create': command({
    summary: 'Keeps a secret, encrypted. The answer never holds its value.',
    least: 'admin',
    http: 'POST /secrets',
    alsoAt: ['POST /secrets'],
    input: z.strictObject({
      name: SecretName,
      value: Value,
      environment: Environment,
      delivery: SecretDelivery.default('value'),
      hosts: z.array(Host).max(50).default([]),
    }),
    output: Created,
  }),
  'secret.list': command({
    summary: 'Lists secrets, masked for everybody.',
    least: 'viewer',
    http: 'GET /secrets',
    alsoAt: ['GET /secrets'],
    input: z.strictObject({ environment: Environment.optional(), deleted: z.boolean().default(false) }),
    output: z.object({ secrets: z.array(ListedSecret), seq: z.int() }),
  }),
  'secret.get': command({
    summary: 'Gives one secret: whole to an agent within its environment and to an admin who asks for it, else masked.',
    least: 'anyone',
    http: 'GET /secrets/:secretId',
    alsoAt: ['GET /secrets/:secretId'],
    input: z.strictObject({ ...One, reveal: z.boolean().default(false) }),
    output: SecretView,
  }),
  'secret.update': command({
    summary: 'Gives a secret another value; running agents get it without a restart.',
    least: 'admin',
    http: 'PUT /secrets/:secretId',
    alsoAt: ['PUT /secrets/:secretId'],
    input: z.strictObject({
      ...One,
      value: Value,
      /** Tries the new key at its provider before anybody gets it. */
      probe: z.boolean().default(false),
    }),
    output: Created.extend({
      version: z.int().positive(),
      agents: z.array(z.object({ agentId: AgentId, outcome: RotationOutcome })),
    }),
  }),
  'secret.delete': command({
    summary: 'Deletes a secret; it can be restored until its time is over.',
    least: 'admin',
    http: 'DELETE /secrets/:secretId',
    alsoAt: ['DELETE /secrets/:secretId'],
    input: z.strictObject(One),
    output: z.object({}),
  }),
  'secret.restore': command({
    summary: 'Takes back a deletion.',
    least: 'admin',
    http: 'POST /secrets/:secretId/restore',
    input: z.strictObject(One),
    output: SecretView,
  }),
  'secret.versions': command({
    summary: 'Tells when a secret had which version; no values.',
    least: 'viewer',
    http: 'GET /secrets/:secretId/versions',
    input: z.strictObject(One),
    output: z.object({ versions: z.array(z.object({ version: z.int().positive(), created_at: z.iso.datetime(), actor: z.string(), is_current: z.boolean() })) }),
  }),
  'secret.rollback': command({
    summary: 'Gives a secret the value of an earlier version, as a new one.',
    least: 'admin',
    http: 'POST /secrets/:secretId/rollback',
    input: z.strictObject({ ...One, version: z.int().positive() }),
    output: Created.extend({ version: z.int().positive() }),
  }),
  'secret.audit': command({
    summary: 'The audit of secrets, newest first.',
    least: 'viewer',
    http: 'GET /secrets/audit',
    alsoAt: ['GET /secrets/audit'],
    input: z.strictObject({ secret_name: z.string().max(128).optional(), before: z.int().positive().optional(), limit: z.int().min(1).max(500).default(100) }),
    output: z.object({ entries: z.array(SecretAuditEntry), next: z.int().nullable() }),
  }),
  'secret.auditCsv': command({
    summary: 'The audit of secrets as CSV, oldest first.',
    least: 'admin',
    http: 'GET /secrets/audit/export.csv',
    contentType: 'text/csv; charset=utf-8',
    input: z.strictObject(AuditRange),
    output: z.string(),
  }),
  'secret.auditJsonLines': command({
    summary: 'The audit of secrets as JSON lines, oldest first.',
    least: 'admin',
    http: 'GET /secrets/audit/export.jsonl',
    contentType: 'application/x-ndjson; charset=utf-8',
    input: z.strictObject(AuditRange),
    output: z.string(),
  }),
  'secret.forAgent': command({
    summary: 'What a running agent has as secrets at this moment; for the agent itself.',
    least: 'agent',
    http: 'GET /agents/:agentId/secrets',
    input: z.strictObject({ agentId: AgentId }),
    output: z.object({ secrets: z.record(SecretName, z.string()), generation: z.int().nonnegative() }),
  }),
  'secret.import': command({
    summary: 'Takes secrets from a .env file or from the JSON of a KV-v2 store.',
    least: 'admin',
    http: 'POST /secrets/import',
    input: z.strictObject({ environment: Environment, format: z.enum(['env', 'kv2']), text: z.string().max(2_000_000), overwrite: z.boolean().default(false) }),
    output: z.object({ created: z.array(SecretName), updated: z.array(SecretName), kept: z.array(SecretName) }),
  }),
  'secret.export': command({
    summary: 'Gives all secrets of an environment out in plain text; asks for the password again.',
    least: 'admin',
    http: 'POST /secrets/export',
    input: z.strictObject({ environment: Environment, format: z.enum(['env', 'kv2']), password: z.string().max(200).optional(), reason: z.string().trim().min(3).max(500) }),
    output: z.object({ text: z.string() }),
  }),
}
