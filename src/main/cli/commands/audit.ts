import { AppError } from '../../../shared/errors.ts'
import { formatCount } from '../../../shared/format.ts'
import { withClient, type Command } from '../context.ts'
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
  return withClient(context, async (client) => {
    const { records, isWhole, firstBad } = await client.request('audit.verify', {})
    if (isWhole) await screen.out(`The safety audit is as it was written: ${formatCount(records, 'record')}.\n`)
    else await screen.out(`The safety audit is NOT as it was written: record ${firstBad?.place ?? '?'}: ${firstBad?.problem ?? 'unknown'}\n`)
    return exitCode(isWhole ? 'done' : 'problems')
  })
}
