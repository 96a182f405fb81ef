import { toToken, TOKEN_COLUMNS, type TokenRow } from '../apiTokenRepository.ts'
import type { ApiTokenRepository, RevokedSessions, StageLockRepository, UserRepository } from '../repositories.ts'
import { toLock, type LockRow } from '../stageLockRepository.ts'
import { toUser, type UserRow } from '../userRepository.ts'
import type { PostgresDatabase } from './database.ts'
import type { Value } from './sql.ts'

type Change = (text: string, values: readonly Value[]) => Promise<boolean>

/** Whether exactly one row was changed. */
const changing = ({ write }: PostgresDatabase): Change => async (text, values) => (await write((sql) => sql.run(text, values))) === 1

export function createPostgresUsers(database: PostgresDatabase): UserRepository {
  const { read } = database
  const change = changing(database)
  return {
    all: async () => (await read.rows<UserRow>('SELECT * FROM users ORDER BY name')).map(toUser),
    get: async (name) => (await read.rows<UserRow>('SELECT * FROM users WHERE name = $1', [name])).map(toUser)[0] ?? null,
    add: ({ name, role, passwordHash, stamp, createdAt, lastSeenAt }) =>
      change('INSERT INTO users VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING', [name, role, passwordHash, stamp, createdAt, lastSeenAt]),
    setPassword: (name, passwordHash, stamp) => change('UPDATE users SET password_hash = $1, stamp = $2 WHERE name = $3', [passwordHash, stamp, name]),
    remove: (name) => change('DELETE FROM users WHERE name = $1', [name]),
    seen: async (name, at) => {
      await change('UPDATE users SET last_seen_at = $1 WHERE name = $2', [at, name])
    },
  }
}

export function createPostgresApiTokens(database: PostgresDatabase): ApiTokenRepository {
  const { read } = database
  const change = changing(database)
  return {
    all: async () => (await read.rows<TokenRow>(`SELECT ${TOKEN_COLUMNS} FROM api_tokens WHERE revoked_at IS NULL ORDER BY created_at, id`)).map(toToken),
    find: async (tokenHash) =>
      (await read.rows<TokenRow>(`SELECT ${TOKEN_COLUMNS} FROM api_tokens WHERE token_hash = $1 AND revoked_at IS NULL`, [tokenHash])).map(toToken)[0] ?? null,
    add: async ({ id, label, role, agentId, createdAt }, tokenHash) => {
      await change('INSERT INTO api_tokens (id, label, role, agent_id, token_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)', [id, label, role, agentId, tokenHash, createdAt])
    },
    revoke: (id, at) => change('UPDATE api_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL', [at, id]),
    used: async (id, at) => {
      await change('UPDATE api_tokens SET last_used_at = $1 WHERE id = $2', [at, id])
    },
  }
}

export function createPostgresRevokedSessions(database: PostgresDatabase): RevokedSessions {
  const change = changing(database)
  return {
    revoke: (id, expiresAt) => change('INSERT INTO revoked_sessions VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, expiresAt]),
    has: async (id) => (await database.read.rows('SELECT 1 FROM revoked_sessions WHERE jti = $1', [id])).length > 0,
    forgetExpired: async (now) => {
      await change('DELETE FROM revoked_sessions WHERE expires_at <= $1', [now])
    },
  }
}

export function createPostgresStageLock(database: PostgresDatabase): StageLockRepository {
  const change = changing(database)
  return {
    get: async () => (await database.read.rows<LockRow>('SELECT * FROM stage_lock')).map(toLock)[0] ?? null,
    add: ({ passwordHash, opensWith, lockedBy, lockedAt }) =>
      change('INSERT INTO stage_lock VALUES (1, $1, $2, $3, $4) ON CONFLICT DO NOTHING', [passwordHash, opensWith, lockedBy, lockedAt]),
    remove: async () => {
      await change('DELETE FROM stage_lock', [])
    },
  }
}
