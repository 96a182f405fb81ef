import { defineStore } from 'pinia'
import { onScopeDispose, readonly, shallowRef } from 'vue'
import { browserTiming } from '@/room/timing.ts'
import { useNoticesStore } from './notices.ts'

export interface Undoable {
  /** What has been done: "lead_gen_agent.py was removed." */
  readonly sentence: string
  readonly undo: () => void | Promise<void>
  /** What was put off until nobody wants it back. */
  readonly settle?: () => void | Promise<void>
}

/** Long enough to read the sentence, find the button and press it with a keyboard. */
export const UNDO_LIFE_MS = 10_000

/** The last thing that somebody did and can take back; one at a time. */
export const useUndoStore = defineStore('undo', () => {
  const notices = useNoticesStore()
  const offered = shallowRef<Undoable | null>(null)
  let callOff: () => void = () => {}

  function take(): Undoable | null {
    callOff()
    const taken = offered.value
    offered.value = null
    return taken
  }

  const attempt = async (action: Undoable['undo'] | undefined): Promise<void> => {
    try {
      await action?.()
    } catch (problem) {
      notices.fail(problem)
    }
  }

  const letGo = (): Promise<void> => attempt(take()?.settle)
  const undo = (): Promise<void> => attempt(take()?.undo)

  function run(): void {
    callOff()
    callOff = browserTiming.after(UNDO_LIFE_MS, () => void letGo())
  }

  function offer(undoable: Undoable): void {
    void letGo()
    offered.value = undoable
    run()
  }

  onScopeDispose(() => callOff())

  return {
    offered: readonly(offered),
    offer,
    undo,
    letGo,
    /** Whoever has it under the hand or the focus on it is not hurried. */
    hold: () => callOff(),
    release: () => {
      if (offered.value) run()
    },
  }
})
