import { verifyChain } from '../../audit/verifyChain.ts'
import type { AuditFound } from '../chainWriter.ts'
import { toGeneration, type GenerationRow } from '../keyGenerations.ts'
import type { KeyGenerations, NewAuditEntry, SecretRepository } from '../keptSecrets.ts'
import { SECRET_TABLES, toAuditEntry, toAuditRow, toLink, type SecretAuditRow } from '../secretAuditRows.ts'
import { isoOrNull, toSecret, toVersion, type SecretRow, type VersionRow } from '../secretRepository.ts'
import { createPostgresChain, postgresChainSource } from './chain.ts'
import type { PostgresDatabase } from './database.ts'
import { addGeneration, changeSecret } from './secretChanges.ts'
import { storable, type Sql } from './sql.ts'

/** Read at once on the way through all of the audit. */
const PAGE = 100

export interface PostgresSecrets {
  readonly repository: SecretRepository
  readonly chain: { readonly found: AuditFound; sealWith(sql: Sql, key: Buffer | null): Promise<void> }
}

export function createPostgresSecrets({ read, write }: PostgresDatabase, auditKey: () => Buffer | null): PostgresSecrets {
  const chain = createPostgresChain(SECRET_TABLES)
  const source = postgresChainSource<SecretAuditRow>(read, SECRET_TABLES, toLink)

  async function note(sql: Sql, entries: readonly NewAuditEntry[]): Promise<void> {
    const rows = entries.map((entry) => storableRow(toAuditRow(entry, 0)))
    await chain.append(
      sql,
      rows.map((row) => (id) => ({ ...row, id })),
      (ends) => sql.run(INSERT_ENTRIES, [JSON.stringify(rows.map((row, index) => ({ ...row, id: ends[index]?.place, chain_hash: ends[index]?.hash })))]),
    )
  }

  const repository: SecretRepository = {
    list: async ({ environment = null, deleted }) =>
      (await read.rows<SecretRow>(LIST, [deleted ? 1 : 0, environment])).map(toSecret),
    get: async (id) => (await read.rows<SecretRow>('SELECT * FROM secrets WHERE id = $1', [id])).map(toSecret)[0] ?? null,
    named: async (environment, name) => (await read.rows<SecretRow>(NAMED, [environment, name])).map(toSecret)[0] ?? null,
    versions: async (id) => (await read.rows<VersionRow>('SELECT * FROM secret_versions WHERE secret_id = $1 ORDER BY version DESC', [id])).map(toVersion),
    version: async (id, number) =>
      (await read.rows<VersionRow>('SELECT * FROM secret_versions WHERE secret_id = $1 AND version = $2', [id, number])).map(toVersion)[0] ?? null,
    sealedOtherwise: async (generation, after, limit) =>
      (await read.rows<VersionRow>(OTHERWISE, [generation, after?.id ?? '', after?.version ?? 0, limit])).map(toVersion),
    deletedBefore: async (moment) => (await read.rows<SecretRow>('SELECT * FROM secrets WHERE deleted_at < $1', [moment])).map(toSecret),
    write: (changes, entries) =>
      write(async (sql) => {
        for (const change of changes) await changeSecret(sql, change)
        await note(sql, entries)
      }),
    audit: async ({ secretName = null, before = Number.MAX_SAFE_INTEGER, limit }) => {
      // One more than asked for tells whether there is another page.
      const rows = await read.rows<SecretAuditRow>(ENTRIES, [before, secretName, limit + 1])
      const page = rows.slice(0, limit)
      return { entries: page.map(toAuditEntry), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
    },
    async eachAudited({ secretName = null, from, until }, visit) {
      for (let after = 0; ; ) {
        const rows = await read.rows<SecretAuditRow>(FOLLOWING, [after, secretName, isoOrNull(from), isoOrNull(until)])
        for (const row of rows) visit(toAuditEntry(row), { place: row.id, hash: row.chain_hash })
        const last = rows.at(-1)
        if (last === undefined || rows.length < PAGE) return
        after = last.id
      }
    },
    verifyAudit: () => verifyChain(source, SECRET_TABLES.audit, auditKey()),
    unsealed: async () => {
      const { found } = chain
      return found.is === 'unsealed' ? { from: found.from, to: found.to } : null
    },
  }
  return {
    repository,
    chain: {
      get found() {
        return chain.found
      },
      sealWith: (sql, key) => chain.begin(sql, key),
    },
  }
}

export function createPostgresKeyGenerations({ read, write }: PostgresDatabase): KeyGenerations {
  return {
    all: async () => (await read.rows<GenerationRow>('SELECT * FROM master_keys ORDER BY generation')).map(toGeneration),
    addFirst: (generation) =>
      write(async (sql) => {
        // Of two that look at the same moment only one finds it empty.
        await sql.run('LOCK TABLE master_keys IN SHARE ROW EXCLUSIVE MODE')
        if ((await sql.rows('SELECT 1 FROM master_keys LIMIT 1')).length === 0) await addGeneration(sql, generation)
      }),
    // Nothing was ever sealed here before there were generations.
    hasOlderSeals: async () => false,
  }
}

/** What is hashed is what comes back. */
function storableRow<R extends Omit<SecretAuditRow, 'chain_hash'>>(row: R): R {
  return { ...row, secret_name: storable(row.secret_name), requester_role: storable(row.requester_role), requester: storable(row.requester), error_message: storable(row.error_message) }
}

const LIST = `
  SELECT * FROM secrets WHERE (deleted_at IS NOT NULL)::integer = $1 AND ($2::text IS NULL OR environment = $2) ORDER BY environment, name, id`
const NAMED = 'SELECT * FROM secrets WHERE environment = $1 AND name = $2 AND deleted_at IS NULL'
const OTHERWISE = `
  SELECT * FROM secret_versions WHERE key_generation <> $1 AND (secret_id, version) > ($2, $3) ORDER BY secret_id, version LIMIT $4`
const ENTRIES = 'SELECT * FROM secret_audit_log WHERE id < $1 AND ($2::text IS NULL OR secret_name = $2) ORDER BY id DESC LIMIT $3'
const FOLLOWING = `
  SELECT * FROM secret_audit_log
  WHERE id > $1 AND ($2::text IS NULL OR secret_name = $2) AND ($3::text IS NULL OR timestamp >= $3) AND ($4::text IS NULL OR timestamp < $4)
  ORDER BY id LIMIT ${PAGE}`

const INSERT_ENTRIES = 'INSERT INTO secret_audit_log SELECT * FROM jsonb_populate_recordset(NULL::secret_audit_log, $1::jsonb) ORDER BY id'
