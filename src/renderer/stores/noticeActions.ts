import { defineStore } from 'pinia'
import { nextTick } from 'vue'
import { formatCount, formatIncrease } from '../../shared/format.ts'
import { budgetNotice } from '@/cost/budgetNotice.ts'
import { suggestedReason } from '@/cost/increaseDraft.ts'
import type { Notice } from '@/notices/notice.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore, type Decision } from './budgets.ts'
import { useFindingsStore } from './findings.ts'
import { useNoticesStore } from './notices.ts'
import { usePanelsStore } from './panels.ts'
import { useRoomStore } from './room.ts'
import { useRoomPlaceStore } from './roomPlace.ts'
import { useUndoStore } from './undo.ts'

export interface NoticeAction {
  readonly key: 'approve' | 'other' | 'decline' | 'show'
  readonly word: string
  readonly isHeld: boolean
  readonly act: () => void
}

/** What can be done about a notice at this moment, whatever it was when it came. */
export const useNoticeActionsStore = defineStore('noticeActions', () => {
  const agents = useAgentsStore()
  const budgets = useBudgetsStore()
  const findings = useFindingsStore()
  const notices = useNoticesStore()
  const panels = usePanelsStore()
  const room = useRoomStore()
  const roomPlace = useRoomPlaceStore()
  const undo = useUndoStore()

  function goTo(agentId: string | null): void {
    if (agentId !== null) agents.select(agentId)
    roomPlace.place = 'agents'
  }

  function show({ id, agentId, lead }: Notice): void {
    notices.putAway([id])
    if (lead === null) return
    goTo(agentId)
    if (lead.panel === 'secrets' && agents.selected === null) roomPlace.place = 'secrets'
    // All of the agent is more than its live figures alone.
    if (lead.panel === 'live') panels.shrink()
    else panels.enlarge(lead.panel)
    if (lead.record) findings.look(lead.record)
  }

  /** In the dialog, with another sum or with a reason. */
  async function ask(agentId: string, decision: Decision): Promise<void> {
    goTo(agentId)
    // Turning to another agent takes what was asked about the last one off first.
    await nextTick()
    budgets.ask(decision)
  }

  function budgetActions(agentId: string): NoticeAction[] {
    const agent = agents.agents.find(({ id }) => id === agentId)
    const budget = budgets.budgets.get(agentId)
    if (!agent || !budget || !room.isAdmin || budgetNotice(budget, agent.status) === null) return []
    const isHeld = !room.isOpen || budgets.underWay.has(agentId)
    const approve = (): void => void budgets.raise(agentId, budget.recommendedIncrease, suggestedReason(budget))
    return [
      { key: 'approve', word: budgets.underWay.get(agentId) === 'raise' ? 'Approving…' : formatIncrease(budget.recommendedIncrease), isHeld, act: approve },
      { key: 'other', word: 'Other amount…', isHeld, act: () => void ask(agentId, 'raise') },
      ...(budget.parked.length === 0 ? [] : [{ key: 'decline', word: 'Decline…', isHeld, act: () => void ask(agentId, 'decline') } as const]),
    ]
  }

  function actionsOf(notice: Notice): readonly NoticeAction[] {
    const { kind, agentId, lead } = notice
    const decisions = kind === 'budget' && agentId !== null ? budgetActions(agentId) : []
    const isThere = agentId === null || agents.agents.some(({ id }) => id === agentId)
    return lead === null || !isThere ? decisions : [...decisions, { key: 'show', word: lead.word, isHeld: false, act: () => show(notice) }]
  }

  /** In the panel where there is one, and out of the way where there is none. */
  function showAll(): void {
    if (agents.selected === null) return notices.withdraw(notices.up.map(({ id }) => id))
    roomPlace.place = 'agents'
    panels.enlarge('notices')
  }

  function clear(ids: readonly number[]): void {
    const cleared = notices.notices.filter(({ id }) => ids.includes(id))
    if (cleared.length === 0) return
    notices.clear(ids)
    undo.offer({ sentence: `${formatCount(cleared.length, 'notification')} cleared.`, undo: () => notices.putBack(cleared) })
  }

  return { actionsOf, show, showAll, clear }
})
