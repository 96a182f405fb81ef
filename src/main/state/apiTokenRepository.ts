import type { ApiToken } from '../../shared/contract/accounts.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { ApiTokenRepository } from './repositories.ts'

export interface TokenRow {
  id: string
  label: string
  role: ApiToken['role']
  agent_id: string | null
  created_at: number
  last_used_at: number | null
}

export const TOKEN_COLUMNS = 'id, label, role, agent_id, created_at, last_used_at'

export function createApiTokenRepository({ fast, durable }: OpenDatabase): ApiTokenRepository {
  const all = fast.prepare<[], TokenRow>(`SELECT ${TOKEN_COLUMNS} FROM api_tokens WHERE revoked_at IS NULL ORDER BY created_at, id`)
  const find = fast.prepare<[string], TokenRow>(`SELECT ${TOKEN_COLUMNS} FROM api_tokens WHERE token_hash = ? AND revoked_at IS NULL`)
  const add = durable.prepare('INSERT INTO api_tokens (id, label, role, agent_id, token_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)')
  const revoke = durable.prepare('UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL')
  const used = fast.prepare('UPDATE api_tokens SET last_used_at = ? WHERE id = ?')
  return {
    all: async () => all.all().map(toToken),
    find: async (tokenHash) => {
      const row = find.get(tokenHash)
      return row ? toToken(row) : null
    },
    add: async ({ id, label, role, agentId, createdAt }, tokenHash) => {
      add.run(id, label, role, agentId, tokenHash, createdAt)
    },
    revoke: async (id, at) => revoke.run(at, id).changes === 1,
    used: async (id, at) => {
      used.run(at, id)
    },
  }
}

export function toToken(row: TokenRow): ApiToken {
  return { id: row.id, label: row.label, role: row.role, agentId: row.agent_id, createdAt: row.created_at, lastUsedAt: row.last_used_at }
}
