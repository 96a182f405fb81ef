import { Bot, CircleDollarSign, KeyRound, OctagonX, ShieldCheck, TriangleAlert, Waypoints } from '@lucide/vue'
import type { Component } from 'vue'
import type { PanelName } from '@/desk/panelNames.ts'
import type { Tone } from '@/lib/tones.ts'
import type { Notice, NoticeKind } from './notice.ts'

export interface KindLook {
  readonly word: string
  readonly icon: Component
  /** Whoever has this one enlarged sees it there. */
  readonly panel: PanelName | null
}

export const NOTICE_LOOK: Readonly<Record<NoticeKind, KindLook>> = {
  safety: { word: 'Protection', icon: ShieldCheck, panel: 'protection' },
  budget: { word: 'Budget', icon: CircleDollarSign, panel: 'cost' },
  service: { word: 'Services', icon: Waypoints, panel: 'performance' },
  agent: { word: 'Agents', icon: Bot, panel: 'live' },
  secrets: { word: 'Secrets', icon: KeyRound, panel: 'secrets' },
  problem: { word: 'Problems', icon: TriangleAlert, panel: null },
}

/** What is red has its own sign, so that nobody needs the colour. */
export const noticeIcon = ({ kind, tone }: Pick<Notice, 'kind' | 'tone'>): Component => (tone === 'bad' && kind !== 'problem' ? OctagonX : NOTICE_LOOK[kind].icon)

export const TONE_EDGE: Readonly<Record<Tone, string>> = {
  good: 'border-good/40',
  info: 'border-info/40',
  caution: 'border-caution/45',
  bad: 'border-bad/45',
  calm: 'border-border',
}
