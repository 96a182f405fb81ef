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
  const grant = judgeSecretRequest({ role, operation, environment, delivery: 'value', run, isLocked: false, isByItself: false, ...changes }, 'OPENAI_API_KEY')
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

  const LOCKED_OPERATIONS: readonly Operation[] = ['CREATE', 'REVEAL', 'UPDATE', 'DELETE', 'RESTORE', 'PURGE', 'ROTATE', 'ROLLBACK', 'IMPORT', 'EXPORT']
  it.each(cases)('while the room is shown: %s, %s, %s', (role, operation, environment) => {
    const before = gets(role, operation, environment)
    const isRefused = LOCKED_OPERATIONS.includes(operation)
    expect(gets(role, operation, environment, undefined, { isLocked: true })).toBe(isRefused ? '-' : before)
    // What falls due by itself, such as going back to a key that works, goes on.
    if (role === 'admin') expect(gets(role, operation, environment, undefined, { isLocked: true, isByItself: true })).toBe(before)
  })

  it('says by its code that it is the lock', () => {
    const request = { role: 'admin', operation: 'REVEAL', environment: 'production', delivery: 'value', run: null, isLocked: true, isByItself: false } as const
    expect(judgeSecretRequest(request, 'OPENAI_API_KEY')).toMatchObject({ code: 'LOCKED', refusal: expect.stringContaining('locked') as string })
    expect(judgeSecretRequest({ ...request, role: 'viewer' }, 'OPENAI_API_KEY')).not.toHaveProperty('code')
  })

  it('no sealed one for an agent that reads it itself', () => {
    expect(gets('agent', 'READ', 'production', RUN, { delivery: 'sealed' })).toBe('-')
    expect(gets('agent', 'READ', 'production', { ...RUN, isSealed: true })).toBe('-')
    expect(gets('agent', 'INJECT', 'production', RUN, { delivery: 'sealed' })).toBe('whole')
  })
})
