import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import { PRIVATE_TYPES, type SafetyRecord } from '../../shared/domain/safety.ts'
import { PrivateType } from '../../shared/domain/safetyRules.ts'
import type { Random } from '../ports.ts'
import type { Channel } from './channel.ts'
import type { Deliveries } from './deliveries.ts'
import { oneLine, type AlertMessage } from './message.ts'

/** Which findings are told outside of the room. */
export type FindingLevel = 'off' | 'critical' | 'all'

export interface FindingAlertOptions {
  readonly level: FindingLevel
  readonly channels: readonly Channel[]
  readonly deliveries: Pick<Deliveries, 'start'>
  readonly random: Random
  readonly url: () => string | null
}

/** What waits while a message is on its way: the first of them, and how many there are. */
interface Waiting {
  readonly records: SafetyRecord[]
  count: number
}

const MOST_TOLD = 10
const TOLD_KINDS: readonly string[] = ['private', 'unauthorised', 'injection']

/**
 * Tells of findings as they are recorded. One message is on its way to a channel at a time; what is found meanwhile goes with the
 * next one, so that a flood of findings is no flood of messages.
 */
export function createFindingAlerts({ level, channels, deliveries, random, url }: FindingAlertOptions): { hear(event: Event): void } {
  const isTold = ({ kind, severity }: SafetyRecord): boolean => TOLD_KINDS.includes(kind) && (level === 'all' || severity === 'CRITICAL')
  const waiting = new Map<Channel, Map<AgentId, Waiting>>()
  const busy = new Set<Channel>()

  function add(channel: Channel, records: readonly SafetyRecord[]): void {
    const agents = waiting.get(channel) ?? new Map<AgentId, Waiting>()
    waiting.set(channel, agents)
    for (const record of records) {
      if (record.agentId === null) continue
      const known = agents.get(record.agentId) ?? { records: [], count: 0 }
      agents.set(record.agentId, known)
      known.count++
      if (known.records.length < MOST_TOLD) known.records.push(record)
    }
    sendNext(channel)
  }

  function sendNext(channel: Channel): void {
    const agents = waiting.get(channel)
    const [next] = agents ?? []
    if (!agents || !next || busy.has(channel)) return
    const [agentId, { records, count }] = next
    agents.delete(agentId)
    busy.add(channel)
    const about = count === 1 ? `a finding of ${agentId}` : `${count} findings of ${agentId}`
    const id = `${agentId}-${random.hex(8)}`
    const order = { agentId, about, threshold: null, settle: () => Promise.resolve() }
    void deliveries
      .start(channel, order, () => findingMessage({ id, agentId, records, count, url: url() }))
      .finally(() => {
        busy.delete(channel)
        sendNext(channel)
      })
  }

  return {
    hear(event) {
      if (level === 'off' || event.name !== 'safety.recorded') return
      const told = event.payload.records.filter(isTold)
      if (told.length > 0) for (const channel of channels) add(channel, told)
    },
  }
}

interface Findings {
  readonly id: string
  readonly agentId: AgentId
  readonly records: readonly SafetyRecord[]
  readonly count: number
  readonly url: string | null
}

/** Nothing private stands in a record, and so nothing in the message. */
export function findingMessage({ id, agentId, records, count, url }: Findings): AlertMessage {
  const [first] = records
  const what = first ? sentenceOf(first) : 'Something was found'
  const facts = [
    { name: 'Agent', value: agentId },
    ...records.map((record) => ({ name: `${record.severity} ${record.type}`, value: lineOf(record) })),
    ...(count > records.length ? [{ name: 'More', value: `${count - records.length} further findings stand in the audit` }] : []),
  ]
  return {
    id,
    title: oneLine(count === 1 ? `Iron Cage: ${what} (${agentId})` : `Iron Cage: ${count} findings, the first: ${what} (${agentId})`),
    facts: facts.map(({ name, value }) => ({ name: oneLine(name), value: oneLine(value) })),
    action: null,
    url,
  }
}

function sentenceOf({ kind, type, action }: SafetyRecord): string {
  if (kind === 'private') {
    const found = PrivateType.safeParse(type)
    return `${found.success ? PRIVATE_TYPES[found.data].called : type} was ${action === 'warned' ? 'found and passed on' : action}`
  }
  if (kind === 'injection') return `text that reads like orders to the model (${type}) was ${action === 'warned' ? 'noticed' : action}`
  return `an action that is not allowed (${type}) was ${action === 'warned' ? 'noticed' : action}`
}

function lineOf({ id, action, direction, place, preview }: SafetyRecord): string {
  return `${action} in ${direction === null || direction === place ? place : `${direction} ${place}`}: ${preview} (${id})`
}
