import { CircleStop, LoaderCircle, OctagonX, Play, RefreshCw, ShieldBan, Wallet } from '@lucide/vue'
import type { Component } from 'vue'
import type { AgentStatus } from '../../shared/domain/agent.ts'

export type Tone = 'good' | 'info' | 'caution' | 'bad' | 'calm'

export interface StatusLook {
  readonly word: string
  readonly tone: Tone
  readonly icon: Component
  /** Something is under way: the sign turns, unless motion is unwelcome. */
  readonly isTurning: boolean
}

export const STATUS_LOOK: Record<AgentStatus, StatusLook> = {
  starting: { word: 'Starting', tone: 'info', icon: LoaderCircle, isTurning: true },
  running: { word: 'Running', tone: 'good', icon: Play, isTurning: false },
  stopping: { word: 'Stopping', tone: 'caution', icon: LoaderCircle, isTurning: true },
  stopped: { word: 'Stopped', tone: 'calm', icon: CircleStop, isTurning: false },
  crashed: { word: 'Crashed', tone: 'bad', icon: OctagonX, isTurning: false },
  restarting: { word: 'Restarting', tone: 'caution', icon: RefreshCw, isTurning: false },
  blocked: { word: 'Blocked', tone: 'bad', icon: ShieldBan, isTurning: false },
  'over-budget': { word: 'Over budget', tone: 'bad', icon: Wallet, isTurning: false },
}

/** Whole class names, so that Tailwind finds them. */
export const TONE_TEXT: Record<Tone, string> = {
  good: 'text-good',
  info: 'text-info',
  caution: 'text-caution',
  bad: 'text-bad',
  calm: 'text-calm',
}

export const TONE_DOT: Record<Tone, string> = {
  good: 'bg-good',
  info: 'bg-info',
  caution: 'bg-caution',
  bad: 'bg-bad',
  calm: 'bg-calm',
}

export const TONE_PILL: Record<Tone, string> = {
  good: 'bg-good/12 text-good',
  info: 'bg-info/12 text-info',
  caution: 'bg-caution/12 text-caution',
  bad: 'bg-bad/12 text-bad',
  calm: 'bg-calm/12 text-calm',
}
