import { RecordId, RecordKind, type SafetyRecord } from '../../../shared/domain/safety.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatMoment } from '../../../shared/format.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { table } from '../table.ts'
import { limitIn } from './costs.ts'
import { reasonIn } from './decisions.ts'

const MOST_AT_ONCE = 500

/** The last records of the safety audit, newest first. */
export const findings: Command = (context) => {
  const { line, screen } = context
  const [agentId] = line.operands
  const kind = kindIn(context)
  const limit = limitIn(context)
  return withClient(context, async (client) => {
    const records: SafetyRecord[] = []
    for (let before: number | undefined; records.length < limit; ) {
      const page = await client.request('finding.list', { agentId, kind, before, limit: Math.min(limit - records.length, MOST_AT_ONCE) })
      records.push(...page.records)
      if (page.next === null) break
      before = page.next
    }
    if (line.options.json) await screen.out(`${JSON.stringify(records, null, 2)}\n`)
    else if (records.length === 0) await screen.out(agentId === undefined && kind === undefined ? 'Nothing stands in the safety audit yet.\n' : 'Nothing of that stands in the safety audit.\n')
    else await screen.out(table(['TIME', 'ID', 'AGENT', 'SEVERITY', 'TYPE', 'ACTION', 'PLACE', 'PREVIEW'], records.map(rowOf)))
    return exitCode('done')
  })
}

function kindIn({ line }: CommandContext): RecordKind | undefined {
  const given = line.options.kind
  if (given === undefined) return undefined
  const kind = RecordKind.safeParse(given)
  if (kind.success) return kind.data
  throw new AppError('INVALID_INPUT', `--kind is ${JSON.stringify(given)}, but must be one of ${RecordKind.options.join(', ')}.`)
}

function rowOf({ id, at, agentId, severity, kind, type, action, place, direction, preview, reason }: SafetyRecord): string[] {
  const what = kind === 'private' || kind === 'opened' ? type : `${kind}: ${type}`
  const where = direction === null || direction === place ? place : `${direction} ${place}`
  return [formatMoment(at), id, agentId ?? '-', severity, what, action, where, reason === null ? preview : `${preview} (${reason})`]
}

/** Opens one original; the room writes down that it did. */
export const reveal: Command = (context) => {
  const [given = ''] = context.line.operands
  const findingId = RecordId.safeParse(given)
  if (!findingId.success) throw new AppError('INVALID_INPUT', `"${given.slice(0, 60)}" is no finding id such as find-7a3f9c2d01b2c3d4; iron_cage findings shows them.`)
  const reason = reasonIn(context)
  return withClient(context, async (client) => {
    const { original } = await client.request('finding.open', { findingId: findingId.data, reason })
    await context.screen.out(`${original}\n`)
    return exitCode('done')
  })
}
