import type { OpenDatabase } from './openDatabase.ts'
import type { RevokedSessions } from './repositories.ts'

export function createRevokedSessions({ fast, durable }: OpenDatabase): RevokedSessions {
  const revoke = durable.prepare('INSERT OR IGNORE INTO revoked_sessions VALUES (?, ?)')
  const has = fast.prepare<[string], number>('SELECT 1 FROM revoked_sessions WHERE jti = ?').pluck()
  const forget = fast.prepare('DELETE FROM revoked_sessions WHERE expires_at <= ?')
  return {
    revoke: async (id, expiresAt) => revoke.run(id, expiresAt).changes === 1,
    has: async (id) => has.get(id) !== undefined,
    forgetExpired: async (now) => {
      forget.run(now)
    },
  }
}
