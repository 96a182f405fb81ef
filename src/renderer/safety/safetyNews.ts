import type { Agent } from '../../shared/domain/agent.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { formatCount } from '../../shared/format.ts'
import { KIND_LOOK, typeWord } from './findingLook.ts'

/** What there is to tell of an agent, worst first. */
export type NewsRank = 'halted' | 'refused' | 'redacted'

export interface AgentNews {
  readonly rank: NewsRank
  /** How many of that rank since somebody last put the notice away. */
  readonly count: number
  /** The newest of that rank; null where an agent was halted and no finding says why. */
  readonly record: SafetyRecord | null
  /** Why it was halted, as the room says it. */
  readonly reason: string | null
}

const RANKS: readonly NewsRank[] = ['redacted', 'refused', 'halted']

/** Null for what is no news: what was only noted down, opened or changed. */
export function rankOf({ kind, action }: SafetyRecord): NewsRank | null {
  if (kind === 'opened' || kind === 'policy') return null
  if (action === 'blocked') return 'halted'
  if (action === 'refused') return 'refused'
  return action === 'redacted' ? 'redacted' : null
}

/** What is worse takes the place of what is less bad; the same is counted. */
export function withRecord(news: AgentNews | null, record: SafetyRecord): AgentNews | null {
  const rank = rankOf(record)
  const { times = 1 } = record
  if (rank === null) return news
  if (news === null || RANKS.indexOf(rank) > RANKS.indexOf(news.rank)) return { rank, count: times, record, reason: null }
  if (rank !== news.rank) return news
  return { ...news, count: news.count + times, record }
}

export function withHalt(news: AgentNews | null, reason: string | null): AgentNews {
  return news?.rank === 'halted' ? { ...news, reason } : { rank: 'halted', count: 0, record: null, reason }
}

export function newsTitle({ rank, count }: AgentNews, { plan: { name } }: Pick<Agent, 'plan'>): string {
  if (rank === 'halted') return `${name} is halted`
  if (rank === 'refused') return `${name}: ${formatCount(count, 'action was', 'actions were')} refused`
  return `${name}: ${formatCount(count, 'private thing was', 'private things were')} taken out`
}

/** What was found stands in it redacted, as the audit keeps it. */
export function newsSentence({ record, reason }: AgentNews): string {
  return [reason, record && `${whatWasFound(record)}: ${record.preview}`].filter(Boolean).join(' ') || 'The rules halted it.'
}

function whatWasFound({ kind, type }: SafetyRecord): string {
  return kind === 'private' ? typeWord(type) : `${KIND_LOOK[kind].word}, ${typeWord(type).toLowerCase()}`
}
