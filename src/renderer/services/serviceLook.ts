import { CircleCheck, CircleDashed, CircleSlash, OctagonX, ShieldCheck, Waypoints } from '@lucide/vue'
import type { Component } from 'vue'
import type { BreakerState, Destination, ServiceView, Tier } from '../../shared/domain/service.ts'
import { formatDuration, formatTokens } from '../../shared/format.ts'
import type { Tone } from '@/lib/tones.ts'

export interface Look {
  readonly word: string
  readonly tone: Tone
  readonly icon: Component
}

export const STATE_LOOK: Readonly<Record<BreakerState, Look>> = {
  closed: { word: 'Closed', tone: 'good', icon: CircleCheck },
  'half-open': { word: 'Half-open', tone: 'caution', icon: CircleDashed },
  open: { word: 'Open', tone: 'bad', icon: OctagonX },
}

/** What goes around us is never green. */
export const COVER_LOOK: Readonly<Record<Destination['covered'], Look>> = {
  gateway: { word: 'Through the gateway', tone: 'good', icon: ShieldCheck },
  breaker: { word: 'Through its breaker', tone: 'info', icon: Waypoints },
  none: { word: 'Went around us', tone: 'caution', icon: CircleSlash },
}

export const TIER_LOOK: Readonly<Record<Tier, { readonly word: string; readonly tone: Tone }>> = {
  primary: { word: 'by itself', tone: 'good' },
  cached: { word: 'from the cache', tone: 'info' },
  placeholder: { word: 'by a placeholder', tone: 'caution' },
  custom: { word: 'by the agent', tone: 'calm' },
  failed: { word: 'not at all', tone: 'bad' },
}

export const TIERS = Object.keys(TIER_LOOK) as Tier[]

/** `Answered: 33 by itself, 65 from the cache, 1 not at all`. */
export function servedSentence({ served }: ServiceView): string | null {
  const parts = TIERS.flatMap((tier) => (served[tier] > 0 ? [`${formatTokens(served[tier])} ${TIER_LOOK[tier].word}`] : []))
  return parts.length > 0 ? `Answered: ${parts.join(', ')}` : null
}

/** What it waits for, by the page's clock. */
export function stateSentence({ state, retryAt, since }: ServiceView, now: number): string {
  if (state === 'closed') return `For ${formatDuration(now - since)}`
  const isLater = retryAt !== null && retryAt > now
  // Half-open, that time is the end of the probe's lease.
  if (state === 'half-open' && isLater) return 'A probe is under way'
  return isLater ? `A probe in ${formatDuration(retryAt - now + 999)}` : 'The next call is a probe'
}

export const serviceName = ({ service, endpoint }: Pick<ServiceView, 'service' | 'endpoint'>): string => (endpoint === '' ? service : `${service} ${endpoint}`)

export const serviceKey = ({ agentId, service, endpoint }: Pick<ServiceView, 'agentId' | 'service' | 'endpoint'>): string => JSON.stringify([agentId, service, endpoint])

export const isInTrouble = ({ state }: Pick<ServiceView, 'state'>): boolean => state !== 'closed'

/** How much of the time until the probe is over, in percent; null where nobody waits for one. */
export function cooledDown({ state, since, retryAt }: Pick<ServiceView, 'state' | 'since' | 'retryAt'>, now: number): number | null {
  if (state !== 'open' || retryAt === null || retryAt <= since) return null
  return Math.min(100, Math.max(0, ((now - since) / (retryAt - since)) * 100))
}

const WORST_FIRST: Readonly<Record<BreakerState, number>> = { open: 0, 'half-open': 1, closed: 2 }

/** Those of an agent and those of the room, the ones in trouble first. */
export function servicesOf(services: Iterable<ServiceView>, agentId: string): ServiceView[] {
  return [...services]
    .filter((one) => one.agentId === agentId || one.agentId === null)
    .sort((a, b) => WORST_FIRST[a.state] - WORST_FIRST[b.state] || serviceName(a).localeCompare(serviceName(b), 'en'))
}

const COVER_ORDER: Readonly<Record<Destination['covered'], number>> = { none: 0, breaker: 1, gateway: 2 }

export function inCoverOrder(destinations: readonly Destination[]): Destination[] {
  return [...destinations].sort((a, b) => COVER_ORDER[a.covered] - COVER_ORDER[b.covered] || b.calls - a.calls || a.host.localeCompare(b.host, 'en'))
}
