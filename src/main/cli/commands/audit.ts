import { join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { formatCount } from '../../../shared/format.ts'
import { findApplication } from '../../application.ts'
import type { ChainVerdict } from '../../audit/verifyChain.ts'
import { openKeys } from '../../secrets/openKeys.ts'
import { systemKeychain } from '../../secrets/systemKeychain.ts'
import { DATABASE_FILE } from '../../state/openDatabase.ts'
import { findInstance } from '../../state/ownership.ts'
import { verifyAudit } from '../../state/verifyAudit.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'

/** Checks the chain, or prints every record. */
export const audit: Command = (context) => {
  const { line, screen } = context
  const [what] = line.operands
  if (what === 'export') {
    return withClient(context, async (client) => {
      await screen.out(line.options.csv ? await client.request('audit.exportCsv', {}) : await client.request('audit.exportJsonLines', {}))
      return exitCode('done')
    })
  }
  if (what !== 'verify') throw new AppError('INVALID_INPUT', `iron_cage audit knows verify and export, not "${String(what).slice(0, 60)}".`)
  if (line.options.csv) throw new AppError('INVALID_INPUT', '--csv is for iron_cage audit export.')
  return verify(context)
}

/** The room that runs checks its own; of a room that is closed the database is read, and nothing of it changed. */
async function verify(context: CommandContext): Promise<number> {
  if (findInstance(context.dataFolder) === null) return tell(context, await verifyAudit(join(context.dataFolder, DATABASE_FILE), await auditKey(context)))
  return withClient(context, async (client) => tell(context, await client.request('audit.verify', {})))
}

async function auditKey({ environment, platform }: CommandContext): Promise<Buffer | null> {
  const { folder } = findApplication()
  const keychain = systemKeychain({ environment, platform, applicationFolder: folder, inProcess: false })
  return (await openKeys({ environment, keychain })).derive('audit')
}

async function tell({ screen }: CommandContext, { records, firstBad, isSealChecked }: ChainVerdict): Promise<number> {
  if (firstBad !== null) {
    await screen.out(`The safety audit is NOT as it was written: record ${firstBad.place}: ${firstBad.problem}\n`)
    return exitCode('problems')
  }
  await screen.out(`The safety audit is as it was written: ${formatCount(records, 'record')}.\n`)
  if (!isSealChecked && records > 0) screen.note('Its end carries no seal that could be checked: without the master key, records cut off at the end, or all rewritten, go unnoticed.')
  return exitCode('done')
}
