import { defineStore } from 'pinia'
import { readonly, shallowRef } from 'vue'

export interface NoticeAction {
  readonly word: string
  readonly act: () => void
}

export interface Notice {
  readonly id: number
  readonly sentence: string
  /** Something went wrong; an agent was halted; or something was kept out. */
  readonly kind: 'problem' | 'halted' | 'kept-out'
  readonly title: string | null
  readonly action: NoticeAction | null
  /** What it is about, where news of that takes its place. */
  readonly about: string | null
}

export type News = Pick<Notice, 'sentence' | 'title' | 'action'> & { readonly about: string; readonly kind: 'halted' | 'kept-out' }

/** More than three at once hide the room. */
const MOST = 3

/** What went wrong with something that was asked for, and what must not be missed; it stays until it is closed. */
export const useNoticesStore = defineStore('notices', () => {
  const notices = shallowRef<readonly Notice[]>([])
  let lastId = 0

  /** Gives the notice's id, for whoever can tell when it no longer matters. */
  function fail(problem: unknown): number {
    const sentence = problem instanceof Error ? problem.message : String(problem)
    const others = notices.value.filter((notice) => notice.kind !== 'problem' || notice.sentence !== sentence)
    notices.value = [...others, { id: ++lastId, sentence, kind: 'problem' as const, title: null, action: null, about: null }].slice(-MOST)
    return lastId
  }

  /** Takes the place of what was told about the same thing before. */
  function tell(news: News): void {
    const before = notices.value.find(({ about }) => about === news.about)
    const notice: Notice = { ...news, id: before?.id ?? ++lastId }
    notices.value = before ? notices.value.map((one) => (one === before ? notice : one)) : [...notices.value, notice].slice(-MOST)
  }

  const find = (about: string): Notice | null => notices.value.find((notice) => notice.about === about) ?? null

  function close(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  return { notices: readonly(notices), fail, tell, find, close }
})
