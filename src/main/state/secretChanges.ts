import type { Database } from 'better-sqlite3'
import { AppError } from '../../shared/errors.ts'
import { generationInsert } from './keyGenerations.ts'
import type { SecretChange, SecretVersion } from './keptSecrets.ts'

type Change<K extends SecretChange['kind']> = Extract<SecretChange, { kind: K }>

/** Makes one change within a transaction; throws where what it starts from is not there any more. */
export function createSecretChanges(database: Database): (change: SecretChange) => void {
  const insertSecret = database.prepare(`
    INSERT INTO secrets VALUES (@id, @name, @environment, @version, @delivery, @hosts, @masked, @createdAt, @updatedAt, @deletedAt)`)
  const isTaken = database.prepare<[string, string]>('SELECT 1 FROM secrets WHERE environment = ? AND name = ? AND deleted_at IS NULL')
  const insertVersion = database.prepare(`
    INSERT INTO secret_versions VALUES (@secretId, @version, @keyGeneration, @salt, @nonce, @sealed, @masked, @createdAt, @actor)`)
  const advance = database.prepare('UPDATE secrets SET version = @version, masked = @masked, updated_at = @at WHERE id = @secretId AND version = @version - 1 AND deleted_at IS NULL')
  const forgetVersions = database.prepare('DELETE FROM secret_versions WHERE secret_id = ? AND version <= ?')
  const markDeleted = database.prepare('UPDATE secrets SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL')
  const deleted = database.prepare<[string], { name: string; environment: string }>('SELECT name, environment FROM secrets WHERE id = ? AND deleted_at IS NOT NULL')
  const restore = database.prepare('UPDATE secrets SET deleted_at = NULL WHERE id = ?')
  const purgeSecret = database.prepare('DELETE FROM secrets WHERE id = ? AND deleted_at IS NOT NULL')
  const reseal = database.prepare(`
    UPDATE secret_versions SET key_generation = @keyGeneration, salt = @salt, nonce = @nonce, sealed = @sealed
    WHERE secret_id = @secretId AND version = @version AND nonce = @fromNonce AND key_generation = @fromGeneration`)
  const insertGeneration = generationInsert(database)
  const markNext = database.prepare('UPDATE master_keys SET next_master = ? WHERE generation = ? AND next_master IS NULL')
  const retire = database.prepare('DELETE FROM master_keys WHERE generation < ?')
  const forgetPrevious = database.prepare('UPDATE master_keys SET previous_master = NULL WHERE generation = ?')

  const add = ({ secretId, version, keyGeneration, salt, nonce, sealed, masked, createdAt, actor }: SecretVersion): void =>
    void insertVersion.run({ secretId, version, keyGeneration, salt, nonce, sealed, masked, createdAt, actor })
  const requireFree = (environment: string, name: string): void => {
    if (isTaken.get(environment, name)) throw new AppError('CONFLICT', `There is a secret ${name} in ${environment} already; give that one another value, or delete it first.`)
  }
  const require = (changes: number): void => {
    if (changes !== 1) throw new AppError('CONFLICT', 'Somebody else has changed this secret meanwhile; look at it again.')
  }

  const steps: { readonly [K in SecretChange['kind']]: (change: Change<K>) => void } = {
    create({ secret, version }) {
      requireFree(secret.environment, secret.name)
      insertSecret.run({ ...secret, hosts: JSON.stringify(secret.hosts) })
      add(version)
    },
    advance({ version, at, kept }) {
      require(advance.run({ secretId: version.secretId, version: version.version, masked: version.masked, at }).changes)
      add(version)
      forgetVersions.run(version.secretId, version.version - kept)
    },
    delete({ secretId, at }) {
      require(markDeleted.run(at, secretId).changes)
    },
    restore({ secretId }) {
      const found = deleted.get(secretId)
      if (!found) throw new AppError('CONFLICT', 'This secret is not deleted; there is nothing to restore.')
      requireFree(found.environment, found.name)
      restore.run(secretId)
    },
    purge({ secretId }) {
      if (!deleted.get(secretId)) throw new AppError('CONFLICT', 'This secret is not deleted; only what is deleted can be purged.')
      forgetVersions.run(secretId, Number.MAX_SAFE_INTEGER)
      purgeSecret.run(secretId)
    },
    reseal({ from, to }) {
      const { secretId, version, nonce: fromNonce, keyGeneration: fromGeneration } = from
      require(reseal.run({ ...to, secretId, version, fromNonce, fromGeneration }).changes)
    },
    'begin-generation'({ from, nextMaster, next }) {
      if (markNext.run(nextMaster, from).changes !== 1) throw new AppError('CONFLICT', 'Another change of the master key is under way.')
      insertGeneration(next)
    },
    'retire-generations'({ keep }) {
      retire.run(keep)
      forgetPrevious.run(keep)
    },
  }
  return (change) => (steps[change.kind] as (change: SecretChange) => void)(change)
}
