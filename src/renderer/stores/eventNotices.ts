import { defineStore } from 'pinia'
import { markRaw, watch } from 'vue'
import type { AgentId, AgentStatus } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import { budgetNotice } from '@/cost/budgetNotice.ts'
import { agentNews } from '@/notices/agentNews.ts'
import { aboutBudget, budgetNews, budgetStep } from '@/notices/budgetNews.ts'
import { eventNews } from '@/notices/eventNews.ts'
import { aboutService, serviceFacts } from '@/notices/serviceNews.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore } from './budgets.ts'
import { useNoticesStore } from './notices.ts'
import { useNoticeSightStore } from './noticeSight.ts'

/** What happens in the room, as notices. How agents and budgets stand is told by their own state: no event of theirs can be missed. */
export const useEventNoticesStore = defineStore('eventNotices', () => {
  const agents = useAgentsStore()
  const budgets = useBudgetsStore()
  const notices = useNoticesStore()
  const sight = useNoticeSightStore()

  let lastSeq = 0
  const statuses = new Map<AgentId, AgentStatus>()
  const steps = new Map<AgentId, string>()

  const nameOf = (agentId: AgentId | null): string | null => agents.agents.find(({ id }) => id === agentId)?.plan.name ?? null

  function take(event: Event): void {
    if (event.name === 'service.changed') {
      const { service } = event.payload
      const about = aboutService(service)
      // While it is open the figures are what one wants to see; how it recovers is told with the last of them.
      if (service.state !== 'closed' && notices.find(about)) notices.amend(about, { facts: serviceFacts(service) })
      return
    }
    const news = eventNews(event, nameOf)
    if (news === null) return
    // A probe that failed opens it again: nothing new to somebody who has been told.
    const isAgain = event.name === 'service.opened' && notices.find(news.about)?.weight === 'urgent'
    sight.tell(isAgain ? { ...news, isSilent: true } : news)
  }

  function receive(events: readonly Event[]): void {
    for (const event of events) {
      if (event.seq <= lastSeq) continue
      lastSeq = event.seq
      take(event)
    }
  }

  watch(
    () => agents.agents,
    (now) => {
      for (const agent of now) {
        const before = statuses.get(agent.id)
        const news = before === undefined || before === agent.status ? null : agentNews(agent, before, browserTiming.now())
        statuses.set(agent.id, agent.status)
        if (news) sight.tell(news)
      }
    },
    { immediate: true },
  )

  watch(
    [() => budgets.budgets, () => agents.agents],
    () => {
      const known = new Map(agents.agents.map((agent) => [agent.id, agent]))
      for (const budget of budgets.budgets.values()) {
        const agent = known.get(budget.agentId)
        if (agent) followBudget(budget.agentId, budgetNotice(budget, agent.status), () => budgetNews(budget, agent, browserTiming.now()))
      }
    },
    { immediate: true },
  )

  function followBudget(agentId: AgentId, notice: ReturnType<typeof budgetNotice>, newsNow: () => ReturnType<typeof budgetNews>): void {
    const budget = budgets.budgets.get(agentId)
    const step = notice === null || budget === undefined ? null : budgetStep(budget, notice)
    const before = steps.get(agentId) ?? null
    const about = aboutBudget(agentId)
    if (step === null) {
      steps.delete(agentId)
      const decided = before === null ? null : notices.find(about)
      if (decided) notices.putAway([decided.id])
      return
    }
    const news = newsNow()
    if (news === null) return
    steps.set(agentId, step)
    if (step === before) notices.amend(about, { sentence: news.sentence, ...(news.facts ? { facts: news.facts } : {}) })
    else sight.tell(news)
  }

  return { view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load: async () => {}, receive }) }
})
