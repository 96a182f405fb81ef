import type { Millis } from '../../shared/domain/units.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { StoredUser, UserRepository } from './repositories.ts'
import { wiping } from './wiping.ts'

export interface UserRow {
  name: string
  role: StoredUser['role']
  password_hash: string
  stamp: string
  created_at: Millis
  last_seen_at: Millis | null
}

export function createUserRepository({ fast, durable }: OpenDatabase): UserRepository {
  const all = fast.prepare<[], UserRow>('SELECT * FROM users ORDER BY name')
  const get = fast.prepare<[string], UserRow>('SELECT * FROM users WHERE name = ?')
  const add = durable.prepare('INSERT OR IGNORE INTO users VALUES (?, ?, ?, ?, ?, ?)')
  const setPassword = durable.prepare('UPDATE users SET password_hash = ?, stamp = ? WHERE name = ?')
  const remove = durable.prepare('DELETE FROM users WHERE name = ?')
  const seen = fast.prepare('UPDATE users SET last_seen_at = ? WHERE name = ?')
  return {
    all: async () => all.all().map(toUser),
    get: async (name) => {
      const row = get.get(name)
      return row ? toUser(row) : null
    },
    add: async ({ name, role, passwordHash, stamp, createdAt, lastSeenAt }) =>
      add.run(name, role, passwordHash, stamp, createdAt, lastSeenAt).changes === 1,
    setPassword: async (name, passwordHash, stamp) => wiping(durable, () => setPassword.run(passwordHash, stamp, name)).changes === 1,
    remove: async (name) => wiping(durable, () => remove.run(name)).changes === 1,
    seen: async (name, at) => {
      seen.run(at, name)
    },
  }
}

export function toUser(row: UserRow): StoredUser {
  return { name: row.name, role: row.role, passwordHash: row.password_hash, stamp: row.stamp, createdAt: row.created_at, lastSeenAt: row.last_seen_at }
}
