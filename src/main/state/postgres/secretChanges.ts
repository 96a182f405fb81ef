import { AppError } from '../../../shared/errors.ts'
import type { KeyGeneration, SecretChange, SecretVersion } from '../keptSecrets.ts'
import type { Sql } from './sql.ts'

type Change<K extends SecretChange['kind']> = Extract<SecretChange, { kind: K }>
type Steps = { readonly [K in SecretChange['kind']]: (sql: Sql, change: Change<K>) => Promise<unknown> }

/** Makes one change within a transaction; throws where what it starts from is not there any more. */
export function changeSecret(sql: Sql, change: SecretChange): Promise<unknown> {
  return (STEPS[change.kind] as (sql: Sql, change: SecretChange) => Promise<unknown>)(sql, change)
}

const STEPS: Steps = {
  async create(sql, { secret, version }) {
    await requireFree(sql, secret.environment, secret.name)
    const { id, name, environment, delivery, hosts, masked, createdAt, updatedAt, deletedAt } = secret
    await sql.run('INSERT INTO secrets VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
      id, name, environment, secret.version, delivery, JSON.stringify(hosts), masked, createdAt, updatedAt, deletedAt,
    ])
    await addVersion(sql, version)
  },
  async advance(sql, { version, at, kept }) {
    await requireOne(
      sql.run('UPDATE secrets SET version = $2, masked = $3, updated_at = $4 WHERE id = $1 AND version = $2 - 1 AND deleted_at IS NULL', [
        version.secretId, version.version, version.masked, at,
      ]),
    )
    await addVersion(sql, version)
    await sql.run('DELETE FROM secret_versions WHERE secret_id = $1 AND version <= $2', [version.secretId, version.version - kept])
  },
  delete: (sql, { secretId, at }) => requireOne(sql.run('UPDATE secrets SET deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL', [at, secretId])),
  async restore(sql, { secretId }) {
    const found = await deletedSecret(sql, secretId)
    if (!found) throw new AppError('CONFLICT', 'This secret is not deleted; there is nothing to restore.')
    await requireFree(sql, found.environment, found.name)
    await sql.run('UPDATE secrets SET deleted_at = NULL WHERE id = $1', [secretId])
  },
  async purge(sql, { secretId }) {
    if (!(await deletedSecret(sql, secretId))) throw new AppError('CONFLICT', 'This secret is not deleted; only what is deleted can be purged.')
    await sql.run('DELETE FROM secret_versions WHERE secret_id = $1', [secretId])
    await sql.run('DELETE FROM secrets WHERE id = $1', [secretId])
  },
  reseal: (sql, { from, to }) =>
    requireOne(
      sql.run(
        `UPDATE secret_versions SET key_generation = $1, salt = $2, nonce = $3, sealed = $4
         WHERE secret_id = $5 AND version = $6 AND nonce = $7 AND key_generation = $8`,
        [to.keyGeneration, to.salt, to.nonce, to.sealed, from.secretId, from.version, from.nonce, from.keyGeneration],
      ),
    ),
  async 'begin-generation'(sql, { from, nextMaster, next }) {
    const marked = await sql.run('UPDATE master_keys SET next_master = $1 WHERE generation = $2 AND next_master IS NULL', [nextMaster, from])
    if (marked !== 1) throw new AppError('CONFLICT', 'Another change of the master key is under way.')
    await addGeneration(sql, next)
  },
  async 'retire-generations'(sql, { keep }) {
    await sql.run('DELETE FROM master_keys WHERE generation < $1', [keep])
    await sql.run('UPDATE master_keys SET previous_master = NULL WHERE generation = $1', [keep])
  },
}

export async function addGeneration(sql: Sql, generation: KeyGeneration): Promise<void> {
  const { generation: number, createdAt, salt, check, roomKey, nextMaster, previousMaster } = generation
  await sql.run('INSERT INTO master_keys VALUES ($1, $2, $3, $4, $5, $6, $7)', [number, createdAt, salt, check, roomKey, nextMaster, previousMaster])
}

async function addVersion(sql: Sql, version: SecretVersion): Promise<void> {
  const { secretId, version: number, keyGeneration, salt, nonce, sealed, masked, createdAt, actor } = version
  await sql.run('INSERT INTO secret_versions VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [secretId, number, keyGeneration, salt, nonce, sealed, masked, createdAt, actor])
}

async function deletedSecret(sql: Sql, secretId: string): Promise<{ name: string; environment: string } | undefined> {
  return (await sql.rows<{ name: string; environment: string }>('SELECT name, environment FROM secrets WHERE id = $1 AND deleted_at IS NOT NULL', [secretId]))[0]
}

async function requireFree(sql: Sql, environment: string, name: string): Promise<void> {
  const taken = await sql.rows('SELECT 1 FROM secrets WHERE environment = $1 AND name = $2 AND deleted_at IS NULL', [environment, name])
  if (taken.length > 0) throw new AppError('CONFLICT', `There is a secret ${name} in ${environment} already; give that one another value, or delete it first.`)
}

async function requireOne(changes: Promise<number>): Promise<void> {
  if ((await changes) !== 1) throw new AppError('CONFLICT', 'Somebody else has changed this secret meanwhile; look at it again.')
}
