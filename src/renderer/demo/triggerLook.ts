import { Check, CircleSlash, Hand, Hourglass, TriangleAlert } from '@lucide/vue'
import type { Component } from 'vue'
import type { DemoTrigger } from '../../shared/domain/demo.ts'
import type { Tone } from '@/lib/tones.ts'

export interface TriggerLook {
  readonly word: string
  readonly tone: Tone
  readonly icon: Component
}

/** How it stands with something that is made to happen. */
export function triggerLook({ state, isOn, firedAtLead }: DemoTrigger): TriggerLook {
  if (state === 'fired') return { word: firedAtLead === null ? 'fired' : `fired at #${firedAtLead}`, tone: 'good', icon: Check }
  if (state === 'missed') return { word: 'missed', tone: 'caution', icon: TriangleAlert }
  if (!isOn) return { word: 'off', tone: 'calm', icon: CircleSlash }
  if (state === 'due') return { word: 'due', tone: 'caution', icon: Hand }
  return { word: 'waiting', tone: 'info', icon: Hourglass }
}

/** What has been is not changed any more. */
export const isOpenToChange = ({ state }: DemoTrigger): boolean => state === 'waiting'
