import type { AgentId } from '../../shared/domain/agent.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import type { PanelName } from '@/desk/panelNames.ts'
import type { Tone } from '@/lib/tones.ts'

/** What it is of; a `problem` is what came of something that was asked for in this page. */
const NOTICE_KINDS = ['safety', 'budget', 'service', 'agent', 'secrets', 'problem'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** How much it matters that it is seen; lightest first. */
export type NoticeWeight = 'passing' | 'notable' | 'urgent'

/** How long a notice stands in front of the room; what is urgent, until somebody closes it. */
export const TOAST_LIFE_MS: Readonly<Record<NoticeWeight, number | null>> = { passing: 8_000, notable: 16_000, urgent: null }

export interface Fact {
  readonly word: string
  readonly value: string
}

/** Where there is more about it. */
export interface Lead {
  readonly word: string
  readonly panel: PanelName
  readonly record: SafetyRecord | null
}

export interface Notice {
  readonly id: number
  /** The thing it is about: later news of that takes its place and is counted. */
  readonly about: string
  readonly kind: NoticeKind
  readonly weight: NoticeWeight
  readonly tone: Tone
  readonly agentId: AgentId | null
  readonly title: string | null
  readonly sentence: string
  /** Its breakdown, in figures. */
  readonly facts: readonly Fact[]
  /** What was found, with the markers that stand in its place. */
  readonly preview: string | null
  readonly lead: Lead | null
  readonly at: number
  readonly times: number
  readonly isRead: boolean
}

export interface News extends Pick<Notice, 'about' | 'kind' | 'weight' | 'tone' | 'agentId' | 'title' | 'sentence' | 'at'>, Partial<Pick<Notice, 'facts' | 'preview' | 'lead'>> {
  /** How often it was until now, where that is counted elsewhere. */
  readonly times?: number
  /** Kept among the notices, but nobody is disturbed. */
  readonly isSilent?: boolean
  /** Who is here knows it already: kept as read, and nothing of it stands in front of the room. */
  readonly isSeen?: boolean
  /** The page shows it where it happens, and nothing of it stands in front; whether anybody looks at the page is another matter. */
  readonly isCovered?: boolean
}

/** Said at once, over whatever is being said. Not what counts on while it stands there. */
export const isAlert = ({ weight, kind }: Pick<Notice, 'weight' | 'kind'>): boolean => weight === 'urgent' && kind !== 'service'

export interface NoticeFilter {
  readonly kind: NoticeKind | null
  readonly agentId: AgentId | null
  readonly isUnreadOnly: boolean
}

export const EVERY_NOTICE: NoticeFilter = { kind: null, agentId: null, isUnreadOnly: false }

export function filtered(notices: readonly Notice[], { kind, agentId, isUnreadOnly }: NoticeFilter): Notice[] {
  return notices.filter((notice) => (kind === null || notice.kind === kind) && (agentId === null || notice.agentId === agentId) && !(isUnreadOnly && notice.isRead))
}

export interface NoticeGroup {
  /** Null: of the room. */
  readonly agentId: AgentId | null
  readonly notices: readonly Notice[]
  readonly unread: number
}

/** By agent, the one with the newest notice first; within, as they came. */
export function groupedByAgent(notices: readonly Notice[]): NoticeGroup[] {
  return [...Map.groupBy(notices, ({ agentId }) => agentId)].map(([agentId, own]) => ({ agentId, notices: own, unread: own.filter(({ isRead }) => !isRead).length }))
}

/** How many there are of each kind, those that there are. */
export function countsByKind(notices: readonly Notice[]): { readonly kind: NoticeKind; readonly count: number }[] {
  return NOTICE_KINDS.map((kind) => ({ kind, count: notices.filter((notice) => notice.kind === kind).length })).filter(({ count }) => count > 0)
}
