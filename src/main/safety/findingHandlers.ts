import type { Allowance, RecordId, SafetyRecord } from '../../shared/domain/safety.ts'
import type { PrivateType } from '../../shared/domain/safetyRules.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import { actorOf } from '../access/actorOf.ts'
import type { Clock, Random } from '../ports.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { SafetyAudit } from '../state/repositories.ts'
import { createAllowances, requireAllowance, type NotPrivate } from './allowances/allowances.ts'
import type { RunningSafetyDesk } from './desk/runningSafetyDesk.ts'
import { safeExcerpt } from './desk/preview.ts'

export interface FindingHandlerOptions {
  readonly safety: RunningSafetyDesk
  readonly audit: SafetyAudit
  readonly clock: Clock
  readonly random: Random
}

type FindingCommand = 'finding.list' | 'finding.open' | 'allowance.list' | 'allowance.preview' | 'allowance.add' | 'allowance.remove'

interface Wanted {
  readonly agentId: string | null
  readonly kind: Allowance['kind']
  readonly value?: string | undefined
  readonly findingId?: RecordId | undefined
}

/** The newest originals that a preview compares. */
const MOST_COMPARED = 5_000
const MOST_SAMPLES = 20
const LONGEST_REASON = 300

export function findingHandlers({ safety, audit, clock, random }: FindingHandlerOptions): Pick<CommandHandlers, FindingCommand> {
  async function finding(findingId: RecordId): Promise<SafetyRecord> {
    const record = await audit.get(findingId)
    if (!record) throw new AppError('NOT_FOUND', `There is no finding ${findingId}.`)
    if (record.kind !== 'private') throw new AppError('CONFLICT', `${findingId} is no finding of private data: there is no original.`)
    return record
  }

  async function open(findingId: RecordId, reason: string, caller: Caller): Promise<string> {
    const { agentId, callId, type, severity, direction, place, valueHash, hasOriginal } = await finding(findingId)
    if (!hasOriginal) throw new AppError('UNAVAILABLE', notKept(findingId, safety.originals.isKept))
    const { text } = await safety.originals.open(findingId)
    const actor = actorOf(caller)
    const record: SafetyRecord = {
      id: safety.freshId(),
      at: clock.now(),
      kind: 'opened',
      agentId,
      callId,
      type,
      severity,
      direction,
      place,
      action: 'opened',
      valueHash,
      preview: '',
      hasOriginal: false,
      about: findingId,
      actor,
      reason: safeExcerpt(safety.fullScanner(), reason, LONGEST_REASON),
    }
    // Nothing is given out that is not written down first.
    await safety.record(record, `${actor} opened the original of ${findingId}.`)
    return text
  }

  /** What is to be not private: as it was given, or as the finding has it. */
  async function valueOf({ kind, value, findingId }: Wanted): Promise<string> {
    const about = findingId === undefined ? null : await finding(findingId)
    if (value !== undefined) return value
    if (about === null) throw new AppError('INVALID_INPUT', 'An allowance needs a value, or a finding that has one.')
    if (kind === 'pattern') throw new AppError('INVALID_INPUT', 'A finding has a value, and no pattern: give the pattern as "value".')
    if (!about.hasOriginal) throw new AppError('UNAVAILABLE', notKept(about.id, safety.originals.isKept))
    const { value: found } = await safety.originals.open(about.id)
    if (kind === 'value') return found
    const domain = about.type === 'email' ? found.slice(found.lastIndexOf('@')) : ''
    if (domain.length < 2) throw new AppError('INVALID_INPUT', `${about.id} is no email address, and so has no domain: give one as "value".`)
    return domain
  }

  async function allowanceOf(wanted: Wanted): Promise<NotPrivate> {
    const { agentId, kind } = wanted
    if (agentId !== null) safety.status(agentId)
    const allowance = { kind, value: await valueOf(wanted) }
    requireAllowance(allowance)
    return allowance
  }

  async function preview(wanted: Wanted): Promise<{ compared: number; matching: number; samples: SafetyRecord[] }> {
    const allowance = await allowanceOf(wanted)
    const isNotPrivate = createAllowances([allowance])
    const values = new Map((await safety.originals.recent(MOST_COMPARED)).map(({ id, original }) => [id, original.value]))
    const hash = allowance.kind === 'value' ? hashesOf(allowance.value) : null
    let compared = 0
    const matching: SafetyRecord[] = []
    let count = 0
    await audit.each({ kind: 'private', agentId: wanted.agentId ?? undefined }, (record) => {
      const value = values.get(record.id)
      if (value === undefined && hash === null) return
      const times = record.times ?? 1
      compared += times
      const type = record.type as PrivateType
      const isMatching = value === undefined ? hash?.has(record.valueHash) === true : isNotPrivate({ type, start: 0, end: value.length, value })
      if (!isMatching) return
      count += times
      matching.push(record)
      if (matching.length > MOST_SAMPLES) matching.shift()
    })
    return { compared, matching: count, samples: matching.reverse() }
  }

  /** However it is written: as it was given, and as scanners put it. */
  function hashesOf(value: string): ReadonlySet<string> {
    const normalised = safety.fullScanner().scan(value).map((match) => match.value)
    return new Set([value, value.toLowerCase(), ...normalised].map(safety.hashOf))
  }

  return {
    'finding.list': (query) => audit.list(query),
    'finding.open': async ({ findingId, reason }, caller) => ({ original: await open(findingId, reason, caller) }),
    'allowance.list': () => ({ allowances: safety.allowances.list() }),
    'allowance.preview': preview,
    'allowance.add': async (wanted, caller) => {
      const { agentId, findingId } = wanted
      const allowance = { id: `allow-${random.hex(6)}`, agentId, ...(await allowanceOf(wanted)), actor: actorOf(caller), at: clock.now() }
      await safety.addAllowance(allowance, findingId ?? null)
      return allowance
    },
    'allowance.remove': async ({ allowanceId }, caller) => {
      if (!(await safety.removeAllowance(allowanceId, actorOf(caller)))) throw new AppError('NOT_FOUND', `There is no allowance ${allowanceId}.`)
      return {}
    },
  }
}

function notKept(findingId: RecordId, isKept: boolean): string {
  const why = isKept ? 'it was found before there was a master key, in a flood of findings, or while originals_kept_for was 0' : 'there is no master key to encrypt originals with'
  return `The original of ${findingId} was not kept: ${why}.`
}
