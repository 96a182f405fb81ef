import { CircleCheck, OctagonX, TriangleAlert } from '@lucide/vue'
import type { Component } from 'vue'
import type { Budget } from '../../shared/domain/budget.ts'
import { tenthsOfPercent } from '../../shared/format.ts'
import type { Tone } from '@/lib/tones.ts'

export type Outlook = 'on-course' | 'near' | 'at' | 'over'

export interface OutlookLook {
  readonly word: string
  readonly tone: Tone
  readonly icon: Component
}

export const OUTLOOK_LOOK: Record<Outlook, OutlookLook> = {
  'on-course': { word: 'On course', tone: 'good', icon: CircleCheck },
  near: { word: 'Near the limit', tone: 'caution', icon: TriangleAlert },
  at: { word: 'At the limit', tone: 'bad', icon: OctagonX },
  over: { word: 'Over the limit', tone: 'bad', icon: OctagonX },
}

/** Where the warning stands, in tenths of a percent. */
const NEAR = 900

/** Whether it will do: by what is spent, and by what all of it will cost as far as anybody can tell. */
export function outlookOf({ limit, spent, projection, isWarned, isExhausted, parked }: Budget): Outlook {
  const expected = Math.max(spent, projection ?? 0)
  if (expected > limit) return 'over'
  if (isExhausted || parked.length > 0) return 'at'
  return isWarned || tenthsOfPercent(expected, limit) >= NEAR ? 'near' : 'on-course'
}
