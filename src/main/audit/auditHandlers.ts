import type { CommandOutput } from '../../shared/contract/contract.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { AppError } from '../../shared/errors.ts'
import { csvLine } from '../costs/csv.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { RecordRange, SafetyAudit } from '../state/repositories.ts'
import type { SecretRepository } from '../state/keptSecrets.ts'
import type { ChainEnd } from './chain.ts'
import type { ChainVerdict } from './verifyChain.ts'

export interface AuditHandlerOptions {
  readonly audit: SafetyAudit
  readonly secrets: Pick<SecretRepository, 'verifyAudit'>
  readonly largestExport?: number
}

type AuditCommand = 'audit.verify' | 'audit.exportCsv' | 'audit.exportJsonLines'

/** Characters. An answer is one string, and one of half a billion cannot be. */
const LARGEST_EXPORT = 200_000_000

export function auditHandlers({ audit, secrets, largestExport = LARGEST_EXPORT }: AuditHandlerOptions): Pick<CommandHandlers, AuditCommand> {
  async function written(range: RecordRange, begin: string, line: (record: SafetyRecord, link: ChainEnd) => string): Promise<string> {
    let text = begin
    await audit.each(range, (record, link) => {
      text += line(record, link)
      if (text.length <= largestExport) return
      throw new AppError('TOO_LARGE', 'There are more records than fit into one export; take them in parts, with "from" and "until".', { largest: largestExport })
    })
    return text
  }

  return {
    'audit.verify': async () => ({ ...stateOf(await audit.verify()), secrets: stateOf(await secrets.verifyAudit()) }),
    'audit.exportCsv': (range) => written(range, AUDIT_CSV_HEADER, auditCsvLine),
    // The chain goes with it: whoever has the file can follow it without us.
    'audit.exportJsonLines': (range) => written(range, '', (record, link) => `${JSON.stringify({ chain: link, ...record })}\n`),
  }
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

export const AUDIT_CSV_HEADER = csvLine(['number', ...COLUMNS.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)), 'chain_hash'])

export function auditCsvLine(record: SafetyRecord, { place, hash }: ChainEnd): string {
  const told = { ...record, at: new Date(record.at).toISOString(), times: record.times ?? 1 }
  return csvLine([place, ...COLUMNS.map((name) => told[name]), hash])
}
