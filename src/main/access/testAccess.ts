import { createHash } from 'node:crypto'
import type { AgentId, AgentStatus } from '../../shared/domain/agent.ts'
import type { Access } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import type { State } from '../state/repositories.ts'
import { systemRandom } from '../systemPorts.ts'
import { createAccess } from './access.ts'
import { createAccounts, type Accounts } from './accounts.ts'
import { createApiTokens, type ApiTokens } from './apiTokens.ts'
import { createEndings } from './endings.ts'
import type { Passwords } from './passwords.ts'

export interface TestAccess {
  readonly access: Access
  readonly accounts: Accounts
  readonly apiTokens: ApiTokens
}

export interface TestAccessOptions {
  readonly dataFolder: string
  readonly state: Pick<State, 'users' | 'apiTokens' | 'revokedSessions'>
  readonly clock: Clock
  readonly passwords?: Passwords
  readonly agentIdOfRunToken?: (token: string) => AgentId | null
  readonly statusOf?: (agentId: AgentId) => AgentStatus | null
}

/** Everything that lets somebody in, wired as in a room; passwords cost nothing unless a test wants the real ones. */
export async function createTestAccess(options: TestAccessOptions): Promise<TestAccess> {
  const { dataFolder, state, clock, passwords = countedPasswords() } = options
  const endings = createEndings()
  const random = systemRandom
  const accounts = createAccounts({ users: state.users, passwords, endings, clock, random })
  const apiTokens = createApiTokens({ tokens: state.apiTokens, statusOf: options.statusOf ?? (() => null), endings, clock, random })
  const agentIdOfRunToken = options.agentIdOfRunToken ?? (() => null)
  const access = await createAccess({ dataFolder, clock, random, accounts, apiTokens, revokedSessions: state.revokedSessions, endings, agentIdOfRunToken })
  return { access, accounts, apiTokens }
}

export interface CountedPasswords extends Passwords {
  /** Whose hash was compared with, in order; null is nobody's. */
  readonly compared: (string | null)[]
}

/** Compares like bcrypt, and tells how often it was asked to. */
export function countedPasswords(): CountedPasswords {
  const compared: (string | null)[] = []
  const digest = (password: string): string => createHash('sha256').update(password).digest('hex')
  return {
    compared,
    hash: async (password) => digest(password),
    verify: async (password, passwordHash) => {
      compared.push(passwordHash)
      return passwordHash === digest(password)
    },
  }
}
