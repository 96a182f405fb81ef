import type { Environment } from '../../shared/domain/agent.ts'
import type { SecretDelivery, SecretId } from '../../shared/domain/secret.ts'
import { AppError } from '../../shared/errors.ts'
import { verifyChain } from '../audit/verifyChain.ts'
import { nextTurn } from '../nextTurn.ts'
import { createChainWriter, type ChainWriter } from './chainWriter.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { NewAuditEntry, SecretChange, SecretRepository, SecretVersion, StoredSecret } from './keptSecrets.ts'
import { SECRET_TABLES, secretChainSource, toAuditEntry, toAuditRow, type SecretAuditRow } from './secretAuditRows.ts'
import { createSecretChanges } from './secretChanges.ts'
import { wiping } from './wiping.ts'

/** What makes bytes go for good. */
const WIPING: ReadonlySet<SecretChange['kind']> = new Set(['purge', 'retire-generations'])

/** What leaves sealed values behind that nobody is to open again; the log that still has them is emptied with the last of the above. */
const OVERWRITING: ReadonlySet<SecretChange['kind']> = new Set(['advance', 'reseal'])

const NONE: readonly string[] = []

/** Read at once on the way through all of the audit; between two pages others have their turn. */
const PAGE = 100

export function createSecretRepository({ durable }: OpenDatabase, auditKey: () => Buffer | null): { readonly repository: SecretRepository; readonly chain: Pick<ChainWriter, 'found' | 'sealWith'> } {
  const chain = createChainWriter(durable, SECRET_TABLES, auditKey())
  const insertEntry = durable.prepare<[SecretAuditRow]>(INSERT_ENTRY)
  const apply = createSecretChanges(durable)

  function note(entry: NewAuditEntry): void {
    const row = toAuditRow(entry, 0)
    chain.append(
      (id) => ({ ...row, id }),
      (id, chain_hash) => insertEntry.run({ ...row, id, chain_hash }),
    )
  }

  const writeAll = durable.transaction((changes: readonly SecretChange[], entries: readonly NewAuditEntry[]) => {
    // Another process may have written since: what the head says within this transaction is what is so.
    chain.lookAgain()
    for (const change of changes) apply(change)
    for (const entry of entries) note(entry)
  })

  function overwriting(step: () => void): void {
    durable.pragma('secure_delete = ON')
    try {
      step()
    } finally {
      durable.pragma('secure_delete = OFF')
    }
  }

  const list = durable.prepare<[{ environment: string | null; deleted: 0 | 1 }], SecretRow>(`
    SELECT * FROM secrets WHERE (deleted_at IS NOT NULL) = @deleted AND (@environment IS NULL OR environment = @environment)
    ORDER BY environment, name, id`)
  const get = durable.prepare<[string], SecretRow>('SELECT * FROM secrets WHERE id = ?')
  const named = durable.prepare<[string, string], SecretRow>('SELECT * FROM secrets WHERE environment = ? AND name = ? AND deleted_at IS NULL')
  const versions = durable.prepare<[string], VersionRow>('SELECT * FROM secret_versions WHERE secret_id = ? ORDER BY version DESC')
  const version = durable.prepare<[string, number], VersionRow>('SELECT * FROM secret_versions WHERE secret_id = ? AND version = ?')
  const otherwise = durable.prepare<[number, string, number, number], VersionRow>(`
    SELECT * FROM secret_versions WHERE key_generation <> ? AND (secret_id, version) > (?, ?) ORDER BY secret_id, version LIMIT ?`)
  const deletedBefore = durable.prepare<[number], SecretRow>('SELECT * FROM secrets WHERE deleted_at < ?')
  const entries = durable.prepare<[{ name: string | null; before: number; limit: number }], SecretAuditRow>(`
    SELECT * FROM secret_audit_log WHERE id < @before AND (@name IS NULL OR secret_name = @name) ORDER BY id DESC LIMIT @limit`)
  const following = durable.prepare<[{ after: number; name: string | null; from: string | null; until: string | null; limit: number }], SecretAuditRow>(`
    SELECT * FROM secret_audit_log
    WHERE id > @after AND (@name IS NULL OR secret_name = @name) AND (@from IS NULL OR timestamp >= @from) AND (@until IS NULL OR timestamp < @until)
    ORDER BY id LIMIT @limit`)
  const source = secretChainSource(durable)

  const repository: SecretRepository = {
    list: async ({ environment = null, deleted }) => list.all({ environment, deleted: deleted ? 1 : 0 }).map(toSecret),
    get: async (id) => orNull(get.get(id), toSecret),
    named: async (environment, name) => orNull(named.get(environment, name), toSecret),
    versions: async (id) => versions.all(id).map(toVersion),
    version: async (id, number) => orNull(version.get(id, number), toVersion),
    sealedOtherwise: async (generation, after, limit) => otherwise.all(generation, after?.id ?? '', after?.version ?? 0, limit).map(toVersion),
    deletedBefore: async (moment) => deletedBefore.all(moment).map(toSecret),
    write: async (changes, audited) => {
      const step = (): void => writeAll.immediate(changes, audited)
      if (changes.some(({ kind }) => WIPING.has(kind))) wiping(durable, step)
      else if (changes.some(({ kind }) => OVERWRITING.has(kind))) overwriting(step)
      else step()
    },
    audit: async ({ secretName = null, before = Number.MAX_SAFE_INTEGER, limit }) => {
      // One more than asked for tells whether there is another page.
      const rows = entries.all({ name: secretName, before, limit: limit + 1 })
      const page = rows.slice(0, limit)
      return { entries: page.map(toAuditEntry), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
    },
    async eachAudited({ secretName = null, from, until }, visit) {
      for (let after = 0; ; ) {
        const rows = following.all({ after, name: secretName, from: isoOrNull(from), until: isoOrNull(until), limit: PAGE })
        for (const row of rows) visit(toAuditEntry(row), { place: row.id, hash: row.chain_hash })
        const last = rows.at(-1)
        if (last === undefined || rows.length < PAGE) return
        after = last.id
        await nextTurn()
      }
    },
    verifyAudit: () => verifyChain(source, SECRET_TABLES.audit, auditKey()),
    unsealed: async () => {
      const { found } = chain
      return found.is === 'unsealed' ? { from: found.from, to: found.to } : null
    },
  }
  return { repository, chain }
}

/** The end of the year 9999. */
const LAST_MOMENT = 253_402_300_799_999

/** As the audit writes it: of the same length each, so that they are in order as texts too. What is later than such a text can say is after everything. */
export function isoOrNull(moment: number | undefined): string | null {
  return moment === undefined ? null : new Date(Math.min(moment, LAST_MOMENT)).toISOString()
}

export interface SecretRow {
  id: SecretId
  name: string
  environment: Environment
  version: number
  delivery: SecretDelivery
  hosts: string
  masked: string
  created_at: number
  updated_at: number
  deleted_at: number | null
}

export interface VersionRow {
  secret_id: SecretId
  version: number
  key_generation: number
  salt: Buffer
  nonce: Buffer
  sealed: Buffer
  masked: string
  created_at: number
  actor: string
}

export function toSecret(row: SecretRow): StoredSecret {
  const { id, name, environment, version, delivery, masked } = row
  return { id, name, environment, version, delivery, masked, hosts: hostsIn(row.hosts, name), createdAt: row.created_at, updatedAt: row.updated_at, deletedAt: row.deleted_at }
}

function hostsIn(text: string, name: string): readonly string[] {
  if (text === '[]') return NONE
  try {
    return JSON.parse(text) as string[]
  } catch {
    throw new AppError('UNAVAILABLE', `What the database says of the hosts of ${name} is damaged: it is no JSON.`)
  }
}

export function toVersion({ secret_id, key_generation, created_at, ...row }: VersionRow): SecretVersion {
  return { ...row, secretId: secret_id, keyGeneration: key_generation, createdAt: created_at }
}

function orNull<Row, T>(row: Row | undefined, convert: (row: Row) => T): T | null {
  return row === undefined ? null : convert(row)
}

const INSERT_ENTRY = `
  INSERT INTO secret_audit_log VALUES (@id, @secret_name, @operation, @requester_role, @requester, @agent_id, @success, @error_message, @timestamp, @chain_hash)`
