import { defineStore } from 'pinia'
import { computed, onScopeDispose, readonly, shallowRef } from 'vue'
import { messageOf } from '../../shared/errors.ts'
import { isAlert, TOAST_LIFE_MS, type News, type Notice } from '@/notices/notice.ts'
import { createToasts } from '@/notices/toasts.ts'
import { browserTiming } from '@/room/timing.ts'
import { createAtMostEvery } from './atMostEvery.ts'

/** Kept for as long as the page is open; the event log has everything. */
export const MOST_NOTICES = 500
/** Whoever has just seen a notice go is not shown the same again at once; what has become worse or better is not the same. */
export const QUIET_MS = 60_000
const SAY_EVERY_MS = 3_000
const MOST_SAID_AT_ONCE = 2

/** What there was to tell, newest first, and what of it stands in front of the room. */
export const useNoticesStore = defineStore('notices', () => {
  const notices = shallowRef<readonly Notice[]>([])
  let lastId = 0

  const goneAt = new Map<number, number>()
  const toasts = createToasts(browserTiming, (id) => goneAt.set(id, browserTiming.now()))
  const shown = computed(() => toasts.shown.value.flatMap((id) => notices.value.find((notice) => notice.id === id) ?? []))
  /** Those in sight and those that wait behind them. */
  const up = computed(() => notices.value.filter(({ id }) => toasts.isUp(id)))
  const unread = computed(() => notices.value.filter(({ isRead }) => !isRead).length)

  /** For whoever hears the room instead of seeing it; what is urgent says itself. */
  const spoken = shallowRef('')
  const unspoken = new Map<number, string>()
  const speaking = createAtMostEvery(SAY_EVERY_MS, browserTiming, () => {
    const sentences = [...unspoken.values()]
    unspoken.clear()
    const rest = sentences.length - MOST_SAID_AT_ONCE
    spoken.value = [...sentences.slice(0, MOST_SAID_AT_ONCE), ...(rest > 0 ? [`And ${rest} more.`] : [])].join(' ')
  })
  onScopeDispose(() => {
    speaking.stop()
    toasts.stop()
  })

  const find = (about: string): Notice | null => notices.value.find((notice) => notice.about === about) ?? null

  /** Whoever hears of what is worth a disturbance, as the operating system's notifications do. */
  const listeners = new Set<(notice: Notice) => void>()

  /** Takes the place of what was told about the same thing before, and stands first again. */
  function tell(news: News): number {
    const before = find(news.about)
    const { isSilent = false, isSeen = false, isCovered = false, times = (before?.times ?? 0) + 1, facts = [], preview = null, lead = null, ...rest } = news
    const notice: Notice = { ...rest, times, facts, preview, lead, id: before?.id ?? ++lastId, isRead: isSeen }
    const wentAt = goneAt.get(notice.id)
    const isSame = before?.weight === news.weight
    const isQuiet = isSilent || isSeen || (news.weight !== 'urgent' && isSame && wentAt !== undefined && browserTiming.now() < wentAt + QUIET_MS)
    const all = [notice, ...notices.value.filter((one) => one !== before)]
    notices.value = all.slice(0, MOST_NOTICES)
    // Of what is no longer kept nothing waits to be shown either.
    if (all.length > MOST_NOTICES) clear(all.slice(MOST_NOTICES).map(({ id }) => id))
    if (isSeen) toasts.take([notice.id])
    if (isQuiet) return notice.id
    for (const listener of listeners) listener(notice)
    if (isCovered) return notice.id
    toasts.show(notice.id, TOAST_LIFE_MS[notice.weight])
    if (!isAlert(notice)) {
      unspoken.set(notice.id, `${notice.title ?? notice.sentence}.`)
      speaking.ask()
    }
    return notice.id
  }

  /** What it says has changed a little; nobody is told anew. */
  function amend(about: string, changes: Partial<Pick<Notice, 'sentence' | 'facts'>>): void {
    notices.value = notices.value.map((notice) => (notice.about === about ? { ...notice, ...changes } : notice))
  }

  /** Of what somebody asked for in this page. Gives the notice's id, for whoever can tell when it no longer matters. */
  function fail(problem: unknown): number {
    const sentence = messageOf(problem)
    return tell({ about: `problem ${sentence}`, kind: 'problem', weight: 'urgent', tone: 'bad', agentId: null, title: null, sentence, at: browserTiming.now() })
  }

  function read(ids: readonly number[]): void {
    if (!notices.value.some((notice) => ids.includes(notice.id) && !notice.isRead)) return
    notices.value = notices.value.map((notice) => (ids.includes(notice.id) && !notice.isRead ? { ...notice, isRead: true } : notice))
  }

  /** Somebody has seen it and wants it out of the way. What was refused here happened to nobody else: it is not kept. */
  function putAway(ids: readonly number[]): void {
    read(ids)
    toasts.take(ids)
    clear(notices.value.filter(({ id, kind }) => kind === 'problem' && ids.includes(id)).map(({ id }) => id))
  }

  /** Nothing of it is left. */
  function close(id: number): void {
    clear([id])
  }

  function clear(ids: readonly number[]): void {
    toasts.take(ids)
    notices.value = notices.value.filter((notice) => !ids.includes(notice.id))
    for (const id of ids) goneAt.delete(id)
  }

  /** What somebody cleared away and wants back; what came meanwhile about the same thing stays. */
  function putBack(cleared: readonly Notice[]): void {
    const back = cleared.filter(({ about }) => find(about) === null).map((notice) => ({ ...notice, isRead: true }))
    notices.value = [...notices.value, ...back].toSorted((a, b) => b.at - a.at)
  }

  return {
    notices: readonly(notices),
    shown,
    up,
    waiting: toasts.waiting,
    unread,
    spoken: readonly(spoken),
    tell,
    amend,
    fail,
    find,
    read,
    readAll: () => read(notices.value.map(({ id }) => id)),
    putAway,
    /** Out of the way, though nobody may have seen it. */
    withdraw: toasts.take,
    close,
    clear,
    putBack,
    hold: toasts.hold,
    release: toasts.release,
    /** Gives back what takes the listener off again. */
    onNews: (listener: (notice: Notice) => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
})
