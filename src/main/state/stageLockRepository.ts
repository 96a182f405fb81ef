import type { OpenDatabase } from './openDatabase.ts'
import type { StageLockRepository, StoredStageLock } from './repositories.ts'
import { wiping } from './wiping.ts'

export interface LockRow {
  password_hash: string
  opens_with: StoredStageLock['opensWith']
  locked_by: string
  locked_at: number
}

/** Somebody relies on a lock from the moment on that it is told: it waits for the disk. */
export function createStageLockRepository({ durable }: OpenDatabase): StageLockRepository {
  const get = durable.prepare<[], LockRow>('SELECT * FROM stage_lock')
  const add = durable.prepare('INSERT OR IGNORE INTO stage_lock VALUES (1, ?, ?, ?, ?)')
  const remove = durable.prepare('DELETE FROM stage_lock')
  return {
    get: async () => {
      const row = get.get()
      return row ? toLock(row) : null
    },
    add: async ({ passwordHash, opensWith, lockedBy, lockedAt }) => add.run(passwordHash, opensWith, lockedBy, lockedAt).changes === 1,
    remove: async () => {
      wiping(durable, () => remove.run())
    },
  }
}

export function toLock(row: LockRow): StoredStageLock {
  return { passwordHash: row.password_hash, opensWith: row.opens_with, lockedBy: row.locked_by, lockedAt: row.locked_at }
}
