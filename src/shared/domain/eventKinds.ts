import type { EventName } from './event.ts'

/** What a log sorts events by. No schema: the page uses it too. */
export type EventKind = 'agents' | 'tools' | 'requests' | 'budget' | 'safety' | 'secrets' | 'services' | 'alerts' | 'lines' | 'room' | 'figures'

/** Snapshots that come four times a second are figures; what there is to tell of them has events of its own. */
export const KIND_OF_EVENT: Readonly<Record<EventName, EventKind>> = {
  'agent.changed': 'agents',
  'agent.removed': 'agents',
  'agent.exited': 'agents',
  'agent.orphanEnded': 'agents',
  'agent.checkpointSaved': 'agents',
  'agent.progressed': 'agents',
  'agent.raised': 'agents',
  'tool.began': 'tools',
  'tool.ended': 'tools',
  'llm.callFinished': 'requests',
  'budget.warned': 'budget',
  'budget.exhausted': 'budget',
  'budget.raised': 'budget',
  'budget.callParked': 'budget',
  'budget.callUnparked': 'budget',
  'safety.recorded': 'safety',
  'safety.rulesChanged': 'safety',
  'secret.changed': 'secrets',
  'secret.rotating': 'secrets',
  'secret.reachedAgent': 'secrets',
  'secret.rotated': 'secrets',
  'keys.changed': 'secrets',
  'stage.changed': 'secrets',
  'service.opened': 'services',
  'service.probing': 'services',
  'service.recovered': 'services',
  'destination.seen': 'services',
  'alert.sent': 'alerts',
  'alert.failed': 'alerts',
  'log.written': 'lines',
  'settings.changed': 'room',
  'room.started': 'room',
  'room.stopped': 'room',
  'performance.changed': 'figures',
  'budget.changed': 'figures',
  'service.changed': 'figures',
}

export const EVENT_KINDS = [...new Set(Object.values(KIND_OF_EVENT))]

export function namesOfKinds(kinds: ReadonlySet<EventKind>): EventName[] {
  return (Object.keys(KIND_OF_EVENT) as EventName[]).filter((name) => kinds.has(KIND_OF_EVENT[name]))
}
