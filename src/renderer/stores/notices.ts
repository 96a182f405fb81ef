import { defineStore } from 'pinia'
import { readonly, shallowRef } from 'vue'

export interface Notice {
  readonly id: number
  readonly sentence: string
}

/** More than three at once hide the room. */
const MOST = 3

/** What went wrong with something that was asked for; it stays until it is closed. */
export const useNoticesStore = defineStore('notices', () => {
  const notices = shallowRef<readonly Notice[]>([])
  let lastId = 0

  /** Gives the notice's id, for whoever can tell when it no longer matters. */
  function fail(problem: unknown): number {
    const sentence = problem instanceof Error ? problem.message : String(problem)
    const others = notices.value.filter((notice) => notice.sentence !== sentence)
    notices.value = [...others, { id: ++lastId, sentence }].slice(-MOST)
    return lastId
  }

  function close(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  return { notices: readonly(notices), fail, close }
})
