import type { Clock } from '../../ports.ts'
import { verifyChain } from '../../audit/verifyChain.ts'
import { SAFETY_TABLES, toLink as toSafetyLink, type AuditRow } from '../auditRows.ts'
import type { KeyGenerations } from '../keptSecrets.ts'
import { SECRET_TABLES, toLink as toSecretLink, type SecretAuditRow } from '../secretAuditRows.ts'
import type { AuditVerdicts } from '../verifyAudit.ts'
import { postgresChainSource } from './chain.ts'
import { openPostgres } from './database.ts'
import { examinePostgres } from './examinePostgres.ts'
import { postgresError } from './postgresErrors.ts'
import { createPostgresKeyGenerations } from './secrets.ts'

/** Verifies the audits of a room that is closed: nobody else opens it meanwhile, and nothing of it is changed. */
export async function verifyPostgresAudits(url: string, clock: Clock, keyOf: (generations: Pick<KeyGenerations, 'all'>) => Promise<Buffer | null>): Promise<AuditVerdicts> {
  const { isThere, where } = await examinePostgres(url)
  if (!isThere) throw postgresError('empty', where)
  const database = await openPostgres({ url, clock })
  try {
    const key = await keyOf(createPostgresKeyGenerations(database))
    return {
      safety: await verifyChain(postgresChainSource<AuditRow>(database.read, SAFETY_TABLES, toSafetyLink), SAFETY_TABLES.audit, key),
      secrets: await verifyChain(postgresChainSource<SecretAuditRow>(database.read, SECRET_TABLES, toSecretLink), SECRET_TABLES.audit, key),
    }
  } finally {
    await database.close()
  }
}
