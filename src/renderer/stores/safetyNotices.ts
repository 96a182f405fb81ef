import { defineStore } from 'pinia'
import { markRaw, watch } from 'vue'
import type { AgentId, AgentStatus } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { NoticeWeight } from '@/notices/notice.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { newsSentence, newsTitle, rankOf, withHalt, withRecord, type AgentNews, type NewsRank } from '@/safety/safetyNews.ts'
import { useAgentsStore } from './agents.ts'
import { recordsIn } from './findings.ts'
import { useNoticesStore } from './notices.ts'
import { useNoticeSightStore } from './noticeSight.ts'

const WEIGHT: Readonly<Record<NewsRank, NoticeWeight>> = { halted: 'urgent', refused: 'notable', redacted: 'passing' }

const aboutOf = (agentId: AgentId, rank: NewsRank): string => `${rank} ${agentId}`

/** Of each agent one notice for what was taken out, one for what was refused, and one for its being halted. */
export const useSafetyNoticesStore = defineStore('safetyNotices', () => {
  const agents = useAgentsStore()
  const notices = useNoticesStore()
  const sight = useNoticeSightStore()

  const news = new Map<string, AgentNews>()
  const statuses = new Map<AgentId, AgentStatus>()

  /** What somebody has cleared away is not counted again. */
  function newsOf(agentId: AgentId, rank: NewsRank): AgentNews | null {
    const about = aboutOf(agentId, rank)
    return notices.find(about) ? (news.get(about) ?? null) : null
  }

  function tell(agentId: AgentId, told: AgentNews): void {
    const agent = agents.agents.find(({ id }) => id === agentId)
    if (!agent) return
    const about = aboutOf(agentId, told.rank)
    news.set(about, told)
    sight.tell({
      about,
      kind: 'safety',
      weight: WEIGHT[told.rank],
      tone: told.rank === 'halted' ? 'bad' : 'caution',
      agentId,
      title: newsTitle(told, agent),
      sentence: newsSentence(told),
      preview: told.record?.preview ?? null,
      lead: { word: told.record ? 'Show the finding' : 'Show the agent', panel: 'protection', record: told.record },
      at: told.record?.at ?? browserTiming.now(),
      times: told.count,
    })
  }

  function receive(events: readonly Event[]): void {
    const records = recordsIn(events).flatMap((record) => {
      const rank = rankOf(record)
      return rank === null || record.agentId === null ? [] : [{ rank, record, agentId: record.agentId, about: aboutOf(record.agentId, rank) }]
    })
    for (const own of Map.groupBy(records, ({ about }) => about).values()) {
      const [first] = own
      if (!first) continue
      const after = own.reduce<AgentNews | null>((before, { rank, record }) => withRecord(before, rank, record), newsOf(first.agentId, first.rank))
      if (after) tell(first.agentId, after)
    }
  }

  watch(
    () => agents.agents,
    (now) => {
      for (const { id, status, reason } of now) {
        const before = statuses.get(id)
        // Those that were halted before anybody looked are no news.
        if (before !== undefined && before !== 'blocked' && status === 'blocked') tell(id, withHalt(newsOf(id, 'halted'), reason))
        statuses.set(id, status)
      }
    },
    { immediate: true },
  )

  return { view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load: async () => {}, receive }) }
})
