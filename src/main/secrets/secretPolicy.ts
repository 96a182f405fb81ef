import type { Environment } from '../../shared/domain/agent.ts'
import type { Role } from '../../shared/domain/roles.ts'
import type { SecretDelivery, SecretOperation } from '../../shared/domain/secret.ts'

/** What somebody wants to do, and with what. */
export interface SecretRequest {
  readonly role: Role
  readonly operation: Exclude<SecretOperation, 'DENY'>
  readonly environment: Environment
  readonly delivery: SecretDelivery
  /** For an agent: the run that it is in at this moment, or null. */
  readonly run: AgentRun | null
  /** Whether secrets are locked while the room is shown to an audience. */
  readonly isLocked: boolean
  /** What falls due in the room by itself: nobody stands behind it. */
  readonly isByItself: boolean
}

export interface AgentRun {
  readonly environment: Environment
  /** Which secrets it is to have; null where it is to have all of its environment. */
  readonly names: readonly string[] | null
  /** Whether all of them reach it as placeholders. */
  readonly isSealed: boolean
}

export type Grant = { readonly gives: 'whole' | 'masked' } | { readonly refusal: string; readonly code?: 'LOCKED' }

const WHOLE: Grant = { gives: 'whole' }
const MASKED: Grant = { gives: 'masked' }

/** What of it an admin's requests need no value for, or answer without one. */
const ADMINS: Readonly<Record<SecretRequest['operation'], Grant>> = {
  CREATE: MASKED,
  READ: MASKED,
  REVEAL: WHOLE,
  UPDATE: MASKED,
  DELETE: MASKED,
  RESTORE: MASKED,
  PURGE: MASKED,
  ROTATE: MASKED,
  ROLLBACK: MASKED,
  INJECT: { refusal: 'Only an agent that runs is given secrets into its environment.' },
  EXPORT: WHOLE,
  IMPORT: MASKED,
  REKEY: MASKED,
}

/** What nobody does on a stage, whatever their role is; what agents have and get goes on. */
const REFUSED_WHILE_LOCKED: ReadonlySet<SecretRequest['operation']> = new Set<SecretRequest['operation']>([
  'CREATE', 'REVEAL', 'UPDATE', 'DELETE', 'RESTORE', 'PURGE', 'ROTATE', 'ROLLBACK', 'IMPORT', 'EXPORT',
])

const LOCKED: Grant = { refusal: 'Secrets are locked while the room is shown: none is revealed or changed until an admin unlocks them with the password.', code: 'LOCKED' }

/** The one place that decides who gets what of a secret. */
export function judgeSecretRequest(request: SecretRequest, name: string): Grant {
  const { role, operation, isLocked, isByItself } = request
  if (role === 'admin') return isLocked && !isByItself && REFUSED_WHILE_LOCKED.has(operation) ? LOCKED : ADMINS[operation]
  if (role === 'viewer') return operation === 'READ' ? MASKED : { refusal: `A viewer sees secrets masked and changes nothing; ${operation} is for an admin.` }
  return judgeAgent(request, name)
}

function judgeAgent({ operation, environment, delivery, run }: SecretRequest, name: string): Grant {
  if (operation !== 'READ' && operation !== 'INJECT') return { refusal: `An agent reads the secrets of its run and nothing else; ${operation} is for an admin.` }
  if (run === null) return { refusal: 'An agent has secrets only while it runs.' }
  if (run.environment !== environment) return { refusal: `An agent that works in ${run.environment} has no secrets of ${environment}.` }
  if (run.names !== null && !run.names.includes(name)) return { refusal: `The agent file does not name ${name}.` }
  // For injection whoever makes the environment puts a placeholder in its place.
  if (operation === 'READ' && (delivery === 'sealed' || run.isSealed)) return { refusal: `${name} is sealed: the gateway puts it in on the way, and the agent never sees it.` }
  return WHOLE
}
