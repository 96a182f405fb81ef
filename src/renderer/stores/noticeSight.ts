import { defineStore } from 'pinia'
import { onScopeDispose, watch } from 'vue'
import { NOTICE_LOOK } from '@/notices/noticeLook.ts'
import type { News, Notice } from '@/notices/notice.ts'
import { isLookedAt } from '@/room/attention.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore } from './budgets.ts'
import { useNoticesStore } from './notices.ts'
import { usePanelsStore } from './panels.ts'
import { useRoomPlaceStore } from './roomPlace.ts'

/** What somebody has before the eyes anyway is not put in front of it once more. */
export const useNoticeSightStore = defineStore('noticeSight', () => {
  const agents = useAgentsStore()
  const budgets = useBudgetsStore()
  const notices = useNoticesStore()
  const panels = usePanelsStore()
  const room = useRoomPlaceStore()

  function isInSight({ kind, agentId }: Pick<Notice, 'kind' | 'agentId'>): boolean {
    if (kind === 'secrets' && room.place === 'secrets') return true
    if (room.place !== 'agents' || (agentId !== null && agents.selected?.id !== agentId)) return false
    // A call that waits stands above the panels, with its buttons.
    if (kind === 'budget' && (budgets.selected?.parked.length ?? 0) > 0) return true
    const { panel } = NOTICE_LOOK[kind]
    return panel !== null && panels.large === panel
  }

  const isListInSight = (): boolean => room.place === 'agents' && panels.large === 'notices'

  /** What stands before nobody's eyes is still to be told outside of the page. */
  function tell(news: News): void {
    const isThere = isInSight(news)
    const isListed = isListInSight() && news.kind !== 'problem'
    const isLooked = isLookedAt(document)
    notices.tell({
      ...news,
      isSeen: news.isSeen === true || (isThere && isLooked),
      isSilent: news.isSilent === true || (isListed && isLooked),
      isCovered: isThere || isListed,
    })
  }

  /** Somebody comes back to the page. */
  const look = (): void => notices.putAway(notices.notices.filter((notice) => !notice.isRead && isInSight(notice)).map(({ id }) => id))
  window.addEventListener('focus', look)
  onScopeDispose(() => window.removeEventListener('focus', look))

  watch([() => panels.large, () => room.place, () => agents.selected?.id, () => budgets.selected?.parked.length], () => {
    notices.putAway(notices.up.filter(isInSight).map(({ id }) => id))
    if (isListInSight()) notices.withdraw(notices.up.filter(({ kind }) => kind !== 'problem').map(({ id }) => id))
  })
  // Whoever turns away from the list has seen what stood in it.
  watch(isListInSight, (isNow) => {
    if (!isNow) notices.readAll()
  })

  return { tell }
})
