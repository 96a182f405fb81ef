import { join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { formatCount } from '../../../shared/format.ts'
import { findApplication } from '../../application.ts'
import { createKeyFile } from '../../secrets/keyFile.ts'
import { openMasterKey } from '../../secrets/openKeys.ts'
import { readRoomKeys } from '../../secrets/roomKeys.ts'
import { systemKeychain } from '../../secrets/systemKeychain.ts'
import { DATABASE_FILE } from '../../state/openDatabase.ts'
import type { KeyGenerations } from '../../state/keptSecrets.ts'
import { findInstance } from '../../state/ownership.ts'
import { addressIn } from '../../state/openRoomState.ts'
import { verifyPostgresAudits } from '../../state/postgres/verifyPostgresAudits.ts'
import { verifyAudits, type AuditVerdicts } from '../../state/verifyAudit.ts'
import { systemClock } from '../../systemPorts.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'

/** Checks the chain, or prints every record. */
export const audit: Command = (context) => {
  const { line, screen } = context
  const [what, which = 'safety'] = line.operands
  if (what === 'export') {
    if (which !== 'safety' && which !== 'secrets') throw new AppError('INVALID_INPUT', `iron_cage audit export knows safety and secrets, not "${which.slice(0, 60)}".`)
    return withClient(context, async (client) => {
      await screen.out(await client.request(EXPORTS[which][line.options.csv ? 'csv' : 'jsonLines'], {}))
      return exitCode('done')
    })
  }
  if (what !== 'verify') throw new AppError('INVALID_INPUT', `iron_cage audit knows verify and export, not "${String(what).slice(0, 60)}".`)
  if (line.operands.length > 1) throw new AppError('INVALID_INPUT', `"${which.slice(0, 60)}" is one word too many for iron_cage audit verify.`)
  if (line.options.csv) throw new AppError('INVALID_INPUT', '--csv is for iron_cage audit export.')
  return verify(context)
}

const EXPORTS = {
  safety: { csv: 'audit.exportCsv', jsonLines: 'audit.exportJsonLines' },
  secrets: { csv: 'secret.auditCsv', jsonLines: 'secret.auditJsonLines' },
} as const

/** The room that runs checks its own; of a room that is closed the database is read, and nothing of it changed. */
async function verify(context: CommandContext): Promise<number> {
  const { dataFolder } = context
  if (findInstance(dataFolder) === null) {
    const key = async (generations: Pick<KeyGenerations, 'all'>): Promise<Buffer | null> => auditKey(context, generations)
    const url = addressIn(context.environment)
    return tell(context, url === null ? await verifyAudits(join(dataFolder, DATABASE_FILE), key) : await verifyPostgresAudits(url, systemClock, key))
  }
  return withClient(context, async (client) => {
    const { secrets, ...safety } = await client.request('audit.verify', {})
    return tell(context, { safety, secrets })
  })
}

async function auditKey({ environment, platform, dataFolder }: CommandContext, generations: Pick<KeyGenerations, 'all'>): Promise<Buffer | null> {
  const keychain = systemKeychain({ environment, platform, applicationFolder: findApplication().folder, inProcess: false })
  const found = await openMasterKey({ environment, keychain, keyFile: createKeyFile(dataFolder) })
  return (await readRoomKeys(found, generations)).derive('audit')
}

const NAMES = { safety: 'safety audit', secrets: 'audit of secrets' } as const

async function tell({ screen }: CommandContext, verdicts: AuditVerdicts): Promise<number> {
  let isWhole = true
  for (const which of ['safety', 'secrets'] as const) {
    const { records, firstBad } = verdicts[which]
    isWhole &&= firstBad === null
    if (firstBad !== null) await screen.out(`The ${NAMES[which]} is NOT as it was written: record ${firstBad.place}: ${firstBad.problem}\n`)
    else await screen.out(`The ${NAMES[which]} is as it was written: ${formatCount(records, 'record')}.\n`)
  }
  const isUnsealed = Object.values(verdicts).some(({ isSealChecked, records, firstBad }) => firstBad === null && !isSealChecked && records > 0)
  if (isUnsealed) screen.note('Its end carries no seal that could be checked: without the master key, records cut off at the end, or all rewritten, go unnoticed.')
  return exitCode(isWhole ? 'done' : 'problems')
}
