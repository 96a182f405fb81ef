import { resolve } from 'node:path'
import type { ExplainedSetting } from '../../../shared/contract/launch.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Command, CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { table } from '../table.ts'
import { changeIn, changeSetting } from './configChanges.ts'

/** Tells each setting with where it came from, with a script as that script would be started; or changes one in the user settings. */
export const config: Command = async (context) => {
  const { line, screen } = context
  const change = changeIn(context)
  if (change) return changeSetting(context, change)
  const rows = await explained(context)
  await screen.out(line.options.json ? `${JSON.stringify(rows, null, 2)}\n` : asTable(rows))
  return exitCode('done')
}

async function explained({ line, planner, callerFolder, settings }: CommandContext): Promise<ExplainedSetting[]> {
  const [script] = line.operands
  const file = line.options.config
  if (script !== undefined) {
    const request = { script, config: file === undefined ? undefined : resolve(callerFolder, file) }
    return [...(await planner.plan(request, line.flags)).settings, ...settings.settings]
  }
  if (file !== undefined) throw new AppError('INVALID_INPUT', '--config is about a script; name it: iron_cage config --explain agent.py --config FILE.')
  return planner.explain(line.flags)
}

function asTable(rows: readonly ExplainedSetting[]): string {
  const cells = rows.map(({ key, value, origin, source }) => [key, shown(value), source === null ? origin : `${origin}: ${source}`])
  return table(['SETTING', 'VALUE', 'FROM'], cells)
}

function shown(value: ExplainedSetting['value']): string {
  if (value === null) return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
