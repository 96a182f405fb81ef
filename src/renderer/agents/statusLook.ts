import { CircleStop, LoaderCircle, OctagonX, Play, RefreshCw, ShieldBan, Wallet } from '@lucide/vue'
import type { Component } from 'vue'
import type { AgentStatus } from '../../shared/domain/agent.ts'
import type { Tone } from '@/lib/tones.ts'

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
