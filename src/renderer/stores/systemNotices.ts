import { defineStore } from 'pinia'
import { computed, inject, onScopeDispose, shallowRef, watch } from 'vue'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { formatIncrease } from '../../shared/format.ts'
import { suggestedReason } from '@/cost/increaseDraft.ts'
import { keep, readKept } from '@/lib/keptHere.ts'
import { browserSystemPort } from '@/notices/browserSystemPort.ts'
import { desktopSystemPort } from '@/notices/desktopSystemPort.ts'
import type { Notice } from '@/notices/notice.ts'
import { systemPortKey, type SystemAction } from '@/notices/systemPort.ts'
import { useBudgetsStore } from './budgets.ts'
import { useNoticeActionsStore } from './noticeActions.ts'
import { useNoticesStore } from './notices.ts'
import { useStageStore } from './stage.ts'
import { useStageModeStore } from './stageMode.ts'

const KEPT_AT = 'iron-cage.system-notices'
const DECLINED = 'Declined from a notification'

/** `denied`: the browser or the system says no, and only there that can be changed. */
export type SystemNoticeState = 'absent' | 'off' | 'on' | 'denied'

/** What matters, said by the operating system while somebody looks elsewhere. */
export const useSystemNoticesStore = defineStore('systemNotices', () => {
  const port = inject(systemPortKey, () => (window.controlRoom ? desktopSystemPort(window.controlRoom.desktop, document) : browserSystemPort(window)), true)
  const notices = useNoticesStore()
  const budgets = useBudgetsStore()
  const actions = useNoticeActionsStore()
  const stage = useStageStore()
  const stageMode = useStageModeStore()

  const permission = shallowRef(port.permission())
  const isWanted = shallowRef(readKept(KEPT_AT) === 'on')
  const state = computed((): SystemNoticeState => {
    if (!port.isThere) return 'absent'
    if (permission.value === 'denied') return 'denied'
    return isWanted.value && permission.value === 'granted' ? 'on' : 'off'
  })
  /** An audience sees the whole screen. */
  const isHeldBack = computed(() => stage.isLocked || stageMode.isOn)
  /** Those that the system may still be showing. */
  const outside = new Set<number>()

  function want(isNow: boolean): void {
    isWanted.value = isNow
    keep(KEPT_AT, isNow ? 'on' : 'off')
  }

  async function turnOn(): Promise<void> {
    permission.value = await port.ask()
    want(permission.value === 'granted')
  }

  const tagOf = (id: number): string => `iron-cage ${id}`
  const find = (id: number): Notice | null => notices.notices.find((notice) => notice.id === id) ?? null

  const budgetOf = ({ agentId }: Notice): Budget | null => (agentId === null ? null : (budgets.budgets.get(agentId) ?? null))

  /** A system has room for two. */
  function decisionsOf(notice: Notice): SystemAction[] {
    const offered = actions.actionsOf(notice)
    const budget = budgetOf(notice)
    if (budget === null || !offered.some(({ key }) => key === 'approve')) return []
    const approve = { action: 'approve', title: formatIncrease(budget.recommendedIncrease) }
    return budget.parked.length === 0 ? [approve] : [approve, { action: 'decline', title: 'Decline' }]
  }

  /** `shownIncrease` is the sum that stands on its button, whatever would be recommended by now. */
  function answer(id: number, action: string | null, shownIncrease: Nanodollars | null): void {
    outside.delete(id)
    const notice = find(id)
    if (!notice) return
    const offered = actions.actionsOf(notice)
    // What it was about may have been decided meanwhile: then there is nothing to act upon.
    if (action === 'approve') {
      const budget = budgetOf(notice)
      if (budget && shownIncrease !== null && offered.some(({ key }) => key === 'approve')) void budgets.raise(budget.agentId, shownIncrease, suggestedReason(budget))
      return
    }
    if (action === 'decline') {
      if (notice.agentId !== null && offered.some(({ key }) => key === 'decline')) void budgets.decline(notice.agentId, null, DECLINED)
      return
    }
    port.comeForward()
    const dialog = offered.find(({ key }) => key === 'other')
    if (dialog) dialog.act()
    else actions.show(notice)
  }

  function onNews(notice: Notice): void {
    if (state.value !== 'on' || isHeldBack.value || notice.weight === 'passing' || port.isLookedAt()) return
    outside.add(notice.id)
    const increase = budgetOf(notice)?.recommendedIncrease ?? null
    const body = [notice.sentence, notice.preview].filter(Boolean).join('\n')
    port.show({ tag: tagOf(notice.id), title: notice.title ?? 'Iron Cage', body, actions: decisionsOf(notice), isUrgent: notice.weight === 'urgent' }, (action) => answer(notice.id, action, increase))
  }

  function withdraw(isOver: (id: number) => boolean): void {
    for (const id of [...outside].filter(isOver)) {
      outside.delete(id)
      port.withdraw(tagOf(id))
    }
  }

  onScopeDispose(notices.onNews(onNews))
  watch(
    () => notices.notices,
    () => withdraw((id) => find(id)?.isRead ?? true),
  )
  watch([isHeldBack, state], () => {
    if (isHeldBack.value || state.value !== 'on') withdraw(() => true)
  })

  return { state, isHeldBack, turnOn, turnOff: () => want(false) }
})
