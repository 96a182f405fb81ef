import type { Agent } from '../../shared/domain/agent.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { formatCount } from '../../shared/format.ts'
import { KIND_LOOK, typeWord } from './findingLook.ts'

/** What there is to tell of an agent, worst first; each has a notice of its own. */
export type NewsRank = 'halted' | 'refused' | 'redacted'

export interface AgentNews {
  readonly rank: NewsRank
  /** How many of that rank since somebody last cleared them away. */
  readonly count: number
  /** The newest of that rank; null where an agent was halted and no finding says why. */
  readonly record: SafetyRecord | null
  /** Why it was halted, as the room says it. */
  readonly reason: string | null
}

/** Null for what is no news: what was only noted down, opened or changed. */
export function rankOf({ kind, action }: SafetyRecord): NewsRank | null {
  if (kind === 'opened' || kind === 'policy') return null
  if (action === 'blocked') return 'halted'
  if (action === 'refused') return 'refused'
  return action === 'redacted' ? 'redacted' : null
}

/** Counted on; the newest is what is shown. */
export function withRecord(news: AgentNews | null, rank: NewsRank, record: SafetyRecord): AgentNews {
  return { rank, count: (news?.count ?? 0) + (record.times ?? 1), record, reason: null }
}

/** The finding that did it is told just before, and stays where it is the last one. */
export function withHalt(news: AgentNews | null, reason: string | null): AgentNews {
  return { rank: 'halted', count: Math.max(1, news?.count ?? 0), record: news?.record ?? null, reason }
}

export function newsTitle({ rank, count }: AgentNews, { plan: { name } }: Pick<Agent, 'plan'>): string {
  if (rank === 'halted') return `${name} is halted`
  if (rank === 'refused') return `${name}: ${formatCount(count, 'action was', 'actions were')} refused`
  return `${name}: ${formatCount(count, 'private thing was', 'private things were')} taken out`
}

/** What was found stands beside it, redacted, as the audit keeps it. */
export function newsSentence({ record, reason }: AgentNews): string {
  return reason ?? (record ? `${whatWasFound(record)}.` : 'The rules halted it.')
}

function whatWasFound({ kind, type }: SafetyRecord): string {
  return kind === 'private' ? typeWord(type) : `${KIND_LOOK[kind].word}, ${typeWord(type).toLowerCase()}`
}
