import { Activity, Bell, CircleDollarSign, Gauge, KeyRound, ScrollText, ShieldCheck } from '@lucide/vue'
import type { Component } from 'vue'

/** The panels of the room, in the order of their keys: 1 to 7. */
export const PANELS = ['live', 'cost', 'protection', 'performance', 'log', 'notices', 'secrets'] as const
export type PanelName = (typeof PANELS)[number]

export interface PanelLook {
  readonly title: string
  readonly icon: Component
}

export const PANEL_LOOK: Readonly<Record<PanelName, PanelLook>> = {
  live: { title: 'Live metrics', icon: Activity },
  cost: { title: 'Cost', icon: CircleDollarSign },
  protection: { title: 'Protection', icon: ShieldCheck },
  performance: { title: 'Performance', icon: Gauge },
  log: { title: 'Event log', icon: ScrollText },
  notices: { title: 'Notifications', icon: Bell },
  secrets: { title: 'Secrets', icon: KeyRound },
}

export const keyOf = (name: PanelName): string => String(PANELS.indexOf(name) + 1)
