import { defineStore } from 'pinia'
import { markRaw, onScopeDispose, readonly, shallowRef, watch } from 'vue'
import type { AgentId, AgentStatus } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { newsSentence, newsTitle, rankOf, withHalt, withRecord, type AgentNews } from '@/safety/safetyNews.ts'
import { useAgentsStore } from './agents.ts'
import { createAtMostEvery } from './atMostEvery.ts'
import { recordsIn, useFindingsStore } from './findings.ts'
import { useNoticesStore } from './notices.ts'
import { useRoomPlaceStore } from './roomPlace.ts'
import { usePanelsStore } from './panels.ts'

/** Whoever has put a notice away has seen that things are taken out; of a block there is always news. */
const QUIET_MS = 60_000
const SAY_EVERY_MS = 3_000

const aboutOf = (agentId: AgentId): string => `safety ${agentId}`

/** One notice for each agent of which something was kept out, or that was halted. */
export const useSafetyNoticesStore = defineStore('safetyNotices', () => {
  const agents = useAgentsStore()
  const findings = useFindingsStore()
  const notices = useNoticesStore()
  const panels = usePanelsStore()
  const room = useRoomPlaceStore()

  const news = new Map<AgentId, AgentNews>()
  const quietUntil = new Map<AgentId, number>()
  const statuses = new Map<AgentId, AgentStatus>()
  /** For whoever hears the room instead of seeing it. */
  const spoken = shallowRef('')
  let unspoken = ''
  const speaking = createAtMostEvery(SAY_EVERY_MS, browserTiming, () => (spoken.value = unspoken))
  onScopeDispose(speaking.stop)

  /** What somebody has put away is not counted again. */
  function newsOf(agentId: AgentId): AgentNews | null {
    const known = news.get(agentId) ?? null
    if (known === null || notices.find(aboutOf(agentId))) return known
    news.delete(agentId)
    quietUntil.set(agentId, browserTiming.now() + QUIET_MS)
    return null
  }

  const isLookingAt = (agentId: AgentId): boolean => room.place === 'agents' && panels.large === 'protection' && agents.selected?.id === agentId

  function show(agentId: AgentId, record: SafetyRecord | null): void {
    agents.select(agentId)
    panels.enlarge('protection')
    room.place = 'agents'
    if (record) findings.look(record)
    const notice = notices.find(aboutOf(agentId))
    if (notice) notices.close(notice.id)
  }

  function tell(agentId: AgentId, told: AgentNews): void {
    const agent = agents.agents.find(({ id }) => id === agentId)
    if (!agent) return
    news.set(agentId, told)
    const title = newsTitle(told, agent)
    notices.tell({
      about: aboutOf(agentId),
      kind: told.rank === 'halted' ? 'halted' : 'kept-out',
      title,
      sentence: newsSentence(told),
      action: { word: told.record ? 'Show the finding' : 'Show the agent', act: () => show(agentId, told.record) },
    })
    if (told.rank === 'halted') return
    unspoken = `${title}.`
    speaking.ask()
  }

  function take(agentId: AgentId, records: readonly SafetyRecord[]): void {
    const before = newsOf(agentId)
    const after = records.reduce(withRecord, before)
    if (after === null || after === before) return
    const isNoNews = isLookingAt(agentId) || browserTiming.now() < (quietUntil.get(agentId) ?? 0)
    if (after.rank === 'redacted' && isNoNews) return
    tell(agentId, after)
  }

  function receive(events: readonly Event[]): void {
    const records = recordsIn(events).filter((record) => rankOf(record) !== null)
    for (const [agentId, own] of Map.groupBy(records, (record) => record.agentId)) {
      if (agentId !== null) take(agentId, own)
    }
  }

  watch(
    () => agents.agents,
    (now) => {
      for (const { id, status, reason } of now) {
        const before = statuses.get(id)
        // Those that were halted before anybody looked are no news.
        if (before !== undefined && before !== 'blocked' && status === 'blocked') tell(id, withHalt(newsOf(id), reason))
        statuses.set(id, status)
      }
    },
    { immediate: true },
  )

  // Whoever turns to the list needs no notice in front of it.
  watch([() => panels.large, () => room.place, () => agents.selected?.id], () => {
    const agentId = agents.selected?.id
    if (agentId === undefined || !isLookingAt(agentId)) return
    const notice = notices.find(aboutOf(agentId))
    if (notice?.kind !== 'kept-out') return
    notices.close(notice.id)
    news.delete(agentId)
  })

  return {
    view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load: async () => {}, receive }),
    spoken: readonly(spoken),
  }
})
