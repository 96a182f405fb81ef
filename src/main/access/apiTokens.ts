import { hash } from 'node:crypto'
import type { ApiToken } from '../../shared/contract/accounts.ts'
import type { AgentId, AgentStatus } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import type { Clock, Random } from '../ports.ts'
import type { ApiTokenRepository } from '../state/repositories.ts'
import type { Endings } from './endings.ts'

const TOKEN = /^ic_[A-Za-z0-9_-]{43}$/
/** A token in constant use is written down once in this time. */
const USED_EVERY_MS = 60_000

export interface ApiTokens {
  list(): Promise<ApiToken[]>
  /** The token itself is told here and never again. */
  create(wanted: Pick<ApiToken, 'label' | 'role' | 'agentId'>): Promise<ApiToken & { readonly token: string }>
  /** What it has open is closed before it resolves. */
  revoke(tokenId: string): Promise<void>
  /** Whom a token lets in; one of an agent, while that agent runs. */
  recognise(token: string): Promise<Caller | null>
}

export interface ApiTokensOptions {
  readonly tokens: ApiTokenRepository
  /** Null where there is no such agent. */
  readonly statusOf: (agentId: AgentId) => AgentStatus | null
  readonly endings: Endings
  readonly clock: Clock
  readonly random: Random
}

export function createApiTokens({ tokens, statusOf, endings, clock, random }: ApiTokensOptions): ApiTokens {
  function isRunning(agentId: AgentId): boolean {
    const status = statusOf(agentId)
    return status !== null && isAlive(status)
  }

  return {
    list: () => tokens.all(),

    async create({ label, role, agentId }) {
      requireFitting(role, agentId)
      if (agentId !== null && statusOf(agentId) === null) throw new AppError('AGENT_NOT_FOUND', `There is no agent ${agentId}.`)
      const token = `ic_${Buffer.from(random.hex(32), 'hex').toString('base64url')}`
      const made: ApiToken = { id: `token-${random.hex(6)}`, label, role, agentId, createdAt: clock.now(), lastUsedAt: null }
      await tokens.add(made, digest(token))
      return { ...made, token }
    },

    async revoke(tokenId) {
      if (!(await tokens.revoke(tokenId, clock.now()))) throw new AppError('NOT_FOUND', `There is no API token ${tokenId}, or it is revoked already.`)
      await endings.tell()
    },

    async recognise(token) {
      if (!TOKEN.test(token)) return null
      // Looked up by digest: how long it takes tells nothing of how far two tokens agree.
      const found = await tokens.find(digest(token))
      if (found === null) return null
      if (found.agentId !== null && !isRunning(found.agentId)) return null
      const now = clock.now()
      if (found.lastUsedAt === null || now - found.lastUsedAt >= USED_EVERY_MS) await tokens.used(found.id, now)
      return { role: found.role, id: found.agentId ?? found.id }
    },
  }
}

function requireFitting(role: ApiToken['role'], agentId: AgentId | null): void {
  if (role === 'agent' && agentId === null) throw new AppError('INVALID_INPUT', 'A token of the role agent needs an agentId: it speaks for one agent.')
  if (role !== 'agent' && agentId !== null) throw new AppError('INVALID_INPUT', `A token of the role ${role} speaks for no agent: leave the agentId out.`)
}

function digest(token: string): string {
  return hash('sha256', token, 'hex')
}
