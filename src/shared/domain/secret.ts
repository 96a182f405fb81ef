import { z } from 'zod'
import { AgentId, Environment } from './agent.ts'

export const SecretId = z.string().regex(/^secret-[0-9a-f]{12}$/, 'expected a secret id such as secret-7a3f9c2d01b2')
export type SecretId = z.infer<typeof SecretId>

/** As environments know names; ours are not to be given. */
export const SecretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected a name as environment variables have it, such as OPENAI_API_KEY')
  .regex(/^(?!IRON_)/, 'names that begin with IRON_ are the room’s own')
export type SecretName = z.infer<typeof SecretName>

export const LARGEST_SECRET_BYTES = 64 * 1024

/** How an agent gets it: its value; or a placeholder, for which the gateway puts the value in on the way to its hosts. */
export const SecretDelivery = z.enum(['value', 'sealed'])
export type SecretDelivery = z.infer<typeof SecretDelivery>

/** As every list shows it: the value is masked. */
export const SecretView = z.object({
  id: SecretId,
  name: SecretName,
  environment: Environment,
  /** `sk-proj-abc...xyz`; dots alone where more would give too much away. */
  value: z.string(),
  is_masked: z.boolean(),
  version: z.int().positive(),
  delivery: SecretDelivery,
  /** To which hosts the gateway may put it in; empty where it goes to the agent itself. */
  hosts: z.array(z.string()),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  /** When it was deleted; it is purged after its time. */
  deleted_at: z.iso.datetime().nullable(),
})
export type SecretView = z.infer<typeof SecretView>

/** One of a list, of which there may be ten thousand: keys that are not named here fall away as ever, but no text is looked at letter by letter. */
export const ListedSecret = SecretView.extend({ id: z.string(), name: z.string(), created_at: z.string(), updated_at: z.string(), deleted_at: z.string().nullable() })

export const SecretOperation = z.enum(['CREATE', 'READ', 'REVEAL', 'UPDATE', 'DELETE', 'RESTORE', 'PURGE', 'ROTATE', 'ROLLBACK', 'INJECT', 'DENY', 'EXPORT', 'IMPORT', 'REKEY'])
export type SecretOperation = z.infer<typeof SecretOperation>

/** One row of the audit; no value ever stands in it. */
export const SecretAuditEntry = z.object({
  id: z.int().positive(),
  secret_name: z.string(),
  operation: SecretOperation,
  requester_role: z.string(),
  /** Who it was, by name. */
  requester: z.string(),
  agent_id: AgentId.nullable(),
  success: z.boolean(),
  error_message: z.string().nullable(),
  timestamp: z.iso.datetime(),
})
export type SecretAuditEntry = z.infer<typeof SecretAuditEntry>

/** How one running agent took a rotation. */
export const RotationOutcome = z.enum([
  /** It said that it has the new value. */
  'applied',
  /** It was told and has not answered. */
  'told',
  /** It cannot be told: the gateway puts the new value in for the old one. */
  'swapped',
  /** It gets the new value when it starts again. */
  'at-restart',
])
export type RotationOutcome = z.infer<typeof RotationOutcome>
