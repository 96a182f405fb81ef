import type { DemoTrigger, TriggerId } from '../../shared/domain/demo.ts'
import type { Millis } from '../../shared/domain/units.ts'

const TITLES: Record<TriggerId, string> = {
  'rate-limit': 'LinkedIn stops answering',
  rotation: 'The OpenAI key is rotated',
  'private-data': 'The model answers with private data',
  budget: 'Nine tenths of the budget are spent',
}
export const TRIGGER_IDS = Object.keys(TITLES) as TriggerId[]

/** What is kept of a trigger beyond the room's life. */
export interface TriggerMark {
  readonly lead: number
  readonly isOn: boolean
  readonly firedAtLead: number | null
}
export type TriggerMarks = Record<TriggerId, TriggerMark>

/** What is to happen at which lead, and what has. */
export interface Triggers {
  list(): DemoTrigger[]
  of(id: TriggerId): DemoTrigger
  marks(): TriggerMarks
  /** Whether it is to happen at this lead or has been due since before. */
  isDueAt(id: TriggerId, lead: number): boolean
  /** Fires once; gives whether it was now. */
  fire(id: TriggerId, lead: number): boolean
  setDue(id: TriggerId, dueAt: Millis | null, note: string): void
  miss(id: TriggerId, note: string): void
  change(id: TriggerId, change: { readonly lead?: number; readonly isOn?: boolean }): void
  /** The first that is still to come after a lead. */
  next(lead: number): DemoTrigger | null
}

export function createTriggers(marks: TriggerMarks, onChange: () => void): Triggers {
  const triggers = new Map<TriggerId, DemoTrigger>()
  for (const id of TRIGGER_IDS) {
    const { lead, isOn, firedAtLead } = marks[id]
    triggers.set(id, { id, title: TITLES[id], lead, isOn, state: firedAtLead === null ? 'waiting' : 'fired', firedAtLead, dueAt: null, note: null })
  }
  const of = (id: TriggerId): DemoTrigger => triggers.get(id) as DemoTrigger

  function put(id: TriggerId, change: Partial<DemoTrigger>): void {
    triggers.set(id, { ...of(id), ...change })
    onChange()
  }

  return {
    list: () => [...triggers.values()],
    of,
    marks() {
      const kept = [...triggers.values()].map(({ id, lead, isOn, firedAtLead }) => [id, { lead, isOn, firedAtLead }])
      return Object.fromEntries(kept) as TriggerMarks
    },
    isDueAt(id, lead) {
      const { isOn, lead: at, state } = of(id)
      return isOn && (state === 'waiting' || state === 'due') && lead >= at
    },
    fire(id, lead) {
      if (of(id).state === 'fired') return false
      put(id, { state: 'fired', firedAtLead: Math.min(100, Math.max(1, lead)), dueAt: null, note: null })
      return true
    },
    setDue: (id, dueAt, note) => put(id, { state: 'due', dueAt, note }),
    miss: (id, note) => put(id, { state: 'missed', dueAt: null, note }),
    change: (id, change) => put(id, change),
    next(lead) {
      const ahead = [...triggers.values()].filter(({ isOn, state, lead: at }) => isOn && state === 'waiting' && at > lead)
      return ahead.sort((a, b) => a.lead - b.lead)[0] ?? null
    },
  }
}
