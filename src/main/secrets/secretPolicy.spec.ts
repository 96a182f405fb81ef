import { describe, expect, it } from 'vitest'
import type { Environment } from '../../shared/domain/agent.ts'
import { SecretOperation } from '../../shared/domain/secret.ts'
import { judgeSecretRequest, type AgentRun, type SecretRequest } from './secretPolicy.ts'

type Operation = SecretRequest['operation']
type Who = 'admin' | 'viewer' | 'agent'

const ENVIRONMENTS: readonly Environment[] = ['development', 'staging', 'production']
const RUN: AgentRun = { environment: 'production', names: null, isSealed: false }

/** What each gets: whole, masked, or nothing; for an agent that works in production: in its own environment, and in each other. */
const TABLE: Readonly<Record<Operation, readonly [admin: string, viewer: string, agent: string, agentElsewhere: string]>> = {
  CREATE: ['masked', '-', '-', '-'],
  READ: ['masked', 'masked', 'whole', '-'],
  REVEAL: ['whole', '-', '-', '-'],
  UPDATE: ['masked', '-', '-', '-'],
  DELETE: ['masked', '-', '-', '-'],
  RESTORE: ['masked', '-', '-', '-'],
  PURGE: ['masked', '-', '-', '-'],
  ROTATE: ['masked', '-', '-', '-'],
  ROLLBACK: ['masked', '-', '-', '-'],
  INJECT: ['-', '-', 'whole', '-'],
  EXPORT: ['whole', '-', '-', '-'],
  IMPORT: ['masked', '-', '-', '-'],
  REKEY: ['masked', '-', '-', '-'],
}

function gets(role: Who, operation: Operation, environment: Environment, run: AgentRun | null = role === 'agent' ? RUN : null, changes: Partial<SecretRequest> = {}): string {
  const grant = judgeSecretRequest({ role, operation, environment, delivery: 'value', run, ...changes }, 'OPENAI_API_KEY')
  return 'gives' in grant ? grant.gives : '-'
}

describe('who gets what', () => {
  it('has a line for each operation there is', () => {
    expect([...Object.keys(TABLE), 'DENY'].sort()).toEqual([...SecretOperation.options].sort())
  })

  const cases = (Object.keys(TABLE) as Operation[]).flatMap((operation) =>
    (['admin', 'viewer', 'agent'] as const).flatMap((role) => ENVIRONMENTS.map((environment) => [role, operation, environment] as const)),
  )
  it.each(cases)('%s, %s, %s', (role, operation, environment) => {
    const [admin, viewer, agent, elsewhere] = TABLE[operation]
    expect(gets(role, operation, environment)).toBe({ admin, viewer, agent: environment === 'production' ? agent : elsewhere }[role])
  })

  it.each(['READ', 'INJECT'] as const)('nothing for an agent that does not run (%s)', (operation) => {
    for (const environment of ENVIRONMENTS) expect(gets('agent', operation, environment, null)).toBe('-')
  })

  it.each(['READ', 'INJECT'] as const)('nothing that the agent file does not name (%s)', (operation) => {
    expect(gets('agent', operation, 'production', { ...RUN, names: ['CLEARBIT_KEY'] })).toBe('-')
    expect(gets('agent', operation, 'production', { ...RUN, names: ['OPENAI_API_KEY'] })).toBe('whole')
  })

  it('no sealed one for an agent that reads it itself', () => {
    expect(gets('agent', 'READ', 'production', RUN, { delivery: 'sealed' })).toBe('-')
    expect(gets('agent', 'READ', 'production', { ...RUN, isSealed: true })).toBe('-')
    expect(gets('agent', 'INJECT', 'production', RUN, { delivery: 'sealed' })).toBe('whole')
  })
})
