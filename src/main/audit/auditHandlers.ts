import type { CommandOutput, ParsedInput } from '../../shared/contract/contract.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import type { SecretAuditEntry } from '../../shared/domain/secret.ts'
import { AppError } from '../../shared/errors.ts'
import { csvLine } from '../costs/csv.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { RecordRange, SafetyAudit } from '../state/repositories.ts'
import type { SecretRepository } from '../state/keptSecrets.ts'
import type { ChainEnd } from './chain.ts'
import type { ChainVerdict } from './verifyChain.ts'

export interface AuditHandlerOptions {
  readonly audit: SafetyAudit
  readonly secrets: Pick<SecretRepository, 'verifyAudit' | 'eachAudited'>
  readonly largestExport?: number
}

type AuditCommand = 'audit.verify' | 'audit.exportCsv' | 'audit.exportJsonLines' | 'secret.auditCsv' | 'secret.auditJsonLines'

/** Characters. An answer is one string, and one of half a billion cannot be. */
const LARGEST_EXPORT = 200_000_000

export function auditHandlers({ audit, secrets, largestExport = LARGEST_EXPORT }: AuditHandlerOptions): Pick<CommandHandlers, AuditCommand> {
  async function written<R>(each: (visit: (record: R, link: ChainEnd) => void) => Promise<void>, begin: string, line: (record: R, link: ChainEnd) => string): Promise<string> {
    let text = begin
    await each((record, link) => {
      text += line(record, link)
      if (text.length <= largestExport) return
      throw new AppError('TOO_LARGE', 'There are more records than fit into one export; take them in parts, with "from" and "until".', { largest: largestExport })
    })
    return text
  }

  type Visit<R> = (record: R, link: ChainEnd) => void
  const ofSafety = (range: RecordRange) => (visit: Visit<SafetyRecord>) => audit.each(range, visit)
  const ofSecrets = ({ secret_name: secretName, from, until }: ParsedInput<'secret.auditCsv'>) => (visit: Visit<SecretAuditEntry>) => secrets.eachAudited({ secretName, from, until }, visit)

  return {
    'audit.verify': async () => ({ ...stateOf(await audit.verify()), secrets: stateOf(await secrets.verifyAudit()) }),
    'audit.exportCsv': (range) => written(ofSafety(range), AUDIT_CSV_HEADER, auditCsvLine),
    // The chain goes with it: whoever has the file can follow it without us.
    'audit.exportJsonLines': (range) => written(ofSafety(range), '', jsonLine),
    'secret.auditCsv': (range) => written(ofSecrets(range), SECRETS_CSV_HEADER, secretsCsvLine),
    'secret.auditJsonLines': (range) => written(ofSecrets(range), '', jsonLine),
  }
}

function jsonLine(record: object, link: ChainEnd): string {
  return `${JSON.stringify({ chain: link, ...record })}\n`
}

function stateOf({ records, firstBad, isSealChecked }: ChainVerdict): CommandOutput<'audit.verify'>['secrets'] {
  return { records, isWhole: firstBad === null, isSealChecked, firstBad }
}

const COLUMNS = [
  'id',
  'at',
  'kind',
  'type',
  'severity',
  'agentId',
  'callId',
  'direction',
  'place',
  'action',
  'valueHash',
  'preview',
  'hasOriginal',
  'about',
  'actor',
  'reason',
  'times',
] as const satisfies readonly (keyof SafetyRecord)[]

const AUDIT_CSV_HEADER = csvLine(['number', ...COLUMNS.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)), 'chain_hash'])

function auditCsvLine(record: SafetyRecord, { place, hash }: ChainEnd): string {
  const told = { ...record, at: new Date(record.at).toISOString(), times: record.times ?? 1 }
  return csvLine([place, ...COLUMNS.map((name) => told[name]), hash])
}

const SECRETS_COLUMNS = ['id', 'timestamp', 'secret_name', 'operation', 'requester_role', 'requester', 'agent_id', 'success', 'error_message'] as const satisfies readonly (keyof SecretAuditEntry)[]

const SECRETS_CSV_HEADER = csvLine([...SECRETS_COLUMNS, 'chain_hash'])

function secretsCsvLine(entry: SecretAuditEntry, { hash }: ChainEnd): string {
  return csvLine([...SECRETS_COLUMNS.map((name) => entry[name]), hash])
}
