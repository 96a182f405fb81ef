import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Announcement } from '../../../shared/domain/event.ts'
import type { SafetyRecord } from '../../../shared/domain/safety.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { nextTurn } from '../../nextTurn.ts'
import type { Clock } from '../../ports.ts'
import type { Originals } from '../../state/repositories.ts'
import { severityOf, tellFindings, tellIncident } from './sentences.ts'

export interface RecorderOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly originals: Pick<Originals, 'save'>
  readonly announce: (announcement: Announcement) => Promise<unknown>
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** What was found can no longer be written down. */
  readonly onFailure: (problem: unknown) => void
}

/** Writes findings into the audit, in order, soon after they were noted; what is noted in a flood is counted rather than lost. */
export interface Recorder {
  /** True where a record by itself would be too much by now: then only `count` takes it. */
  isFlooded(): boolean
  /** The record is made soon, when nobody waits for it any more: hashing, encrypting and making its preview take their time. */
  note(make: () => Noted): void
  /** One more of many: they share a record that says how many they are. */
  count(record: SafetyRecord): void
  /** Everything noted so far is stored, or has failed. */
  settled(): Promise<void>
}

/** One event's worth. */
const MOST_IN_EVENT = 64
/** Written in one turn of the loop: some milliseconds. */
const AT_ONCE = 128
/** A few megabytes. */
const MOST_WAITING = 4_096

/** Made in one turn of the loop; then they are written. */
const LONGEST_MAKING_MS: Millis = 5

export interface Noted {
  readonly record: SafetyRecord
  readonly sealed: Buffer | null
}

export function createRecorder({ originals, clock, announce, onDefect, onFailure }: RecorderOptions): Recorder {
  let queue: (() => Noted)[] = []
  const floods = new Map<string, SafetyRecord>()
  let flushing: Promise<void> | null = null

  async function flush(): Promise<void> {
    while (queue.length > 0 || floods.size > 0) {
      await nextTurn()
      if (queue.length === 0) pour()
      await write(nextBatch()).catch(onFailure)
    }
    flushing = null
  }

  function pour(): void {
    queue = [...floods.values()].map((record) => () => ({ record, sealed: null }))
    floods.clear()
  }

  function nextBatch(): Noted[] {
    const batch: Noted[] = []
    const began = clock.now()
    let taken = 0
    while (taken < queue.length && taken < AT_ONCE && clock.now() - began < LONGEST_MAKING_MS) {
      try {
        batch.push(queue[taken++]!())
      } catch (problem) {
        onFailure(problem)
      }
    }
    queue = queue.slice(taken)
    return batch
  }

  async function write(batch: readonly Noted[]): Promise<void> {
    const records = await keepOriginals(batch)
    const announcements = grouped(records).map(tell)
    // All of them before any is waited for: they share a transaction.
    await Promise.all(announcements.map((announcement) => announce(announcement).catch(onFailure)))
  }

  /** Stored before anybody hears of them. Where that fails the finding is told without. */
  async function keepOriginals(batch: readonly Noted[]): Promise<SafetyRecord[]> {
    const kept = batch.flatMap(({ record: { id, at }, sealed }) => (sealed === null ? [] : [{ id, at, sealed }]))
    try {
      if (kept.length > 0) await originals.save(kept)
      return batch.map(({ record }) => record)
    } catch (problem) {
      onDefect(problem, 'keeping originals')
      return batch.map(({ record }) => ({ ...record, hasOriginal: false }))
    }
  }

  return {
    isFlooded: () => queue.length >= MOST_WAITING,
    note(make) {
      queue.push(make)
      flushing ??= flush()
    },
    count(record) {
      const { agentId, kind, type, direction, action } = record
      const key = [agentId, kind, type, direction, action].join('\n')
      const times = (floods.get(key)?.times ?? 0) + (record.times ?? 1)
      floods.set(key, { ...record, valueHash: '', preview: '', hasOriginal: false, times, reason: tooFast(times) })
      flushing ??= flush()
    },
    async settled() {
      await flushing
    },
  }
}

function tooFast(times: number): string {
  return times === 1 ? 'It came in a flood of findings.' : `${times.toLocaleString('en-US')} findings came faster than they could be written down one by one.`
}

type Group = readonly [SafetyRecord, ...SafetyRecord[]]

/** What one sentence can tell: of the same agent, kind, action and direction. The order of each group stays. */
function grouped(records: readonly SafetyRecord[]): Group[] {
  const groups: [SafetyRecord, ...SafetyRecord[]][] = []
  const open = new Map<string, [SafetyRecord, ...SafetyRecord[]]>()
  for (const record of records) {
    const { agentId, kind, action, direction } = record
    // An incident's sentence tells of one.
    const key = [agentId, kind, action, direction, kind === 'private' ? '' : record.id].join('\n')
    const group = open.get(key)
    if (group && group.length < MOST_IN_EVENT) group.push(record)
    else {
      const begun: [SafetyRecord, ...SafetyRecord[]] = [record]
      groups.push(begun)
      open.set(key, begun)
    }
  }
  return groups
}

function tell(records: Group): Announcement {
  const [{ agentId, kind, action }] = records
  const message = kind === 'private' ? tellFindings(records) : tellIncident(records[0])
  return recorded(agentId, action, message, [...records])
}

export function recorded(agentId: AgentId | null, action: SafetyRecord['action'], message: string, records: SafetyRecord[]): Announcement {
  return { name: 'safety.recorded', agentId, severity: severityOf(action), message, payload: { records } }
}
