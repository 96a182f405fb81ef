import type { DemoTrigger, TriggerId } from '../../shared/domain/demo.ts'

/** What somebody has changed before the start; what is left out stays as it is. */
export interface TriggerEdit {
  readonly lead?: string
  readonly isOn?: boolean
}
export type TriggerEdits = Readonly<Partial<Record<TriggerId, TriggerEdit>>>

export interface TriggerChange {
  readonly trigger: TriggerId
  readonly lead?: number
  readonly isOn?: boolean
}

const FIRST = 1
const LAST = 100

/** A lead by its number; null where it is none of the hundred. */
export function readLead(text: string): number | null {
  const lead = Number(text)
  return /^\s*\d+\s*$/.test(text) && lead >= FIRST && lead <= LAST ? lead : null
}

export const leadProblem = (text: string): string | null => (readLead(text) === null ? `Leads go from ${FIRST} to ${LAST}.` : null)

/** What the room has to be told before the start. */
export function changesOf(triggers: readonly DemoTrigger[], edits: TriggerEdits): TriggerChange[] {
  return triggers.flatMap(({ id, lead, isOn }) => {
    const edit = edits[id]
    const moved = edit?.lead === undefined ? null : readLead(edit.lead)
    const change = {
      ...(moved !== null && moved !== lead ? { lead: moved } : {}),
      ...(edit?.isOn !== undefined && edit.isOn !== isOn ? { isOn: edit.isOn } : {}),
    }
    return Object.keys(change).length > 0 ? [{ trigger: id, ...change }] : []
  })
}
