import { readonly, shallowRef, type ShallowRef } from 'vue'
import { messageOf } from '../../shared/errors.ts'

export interface Attempt {
  readonly isUnderWay: Readonly<ShallowRef<boolean>>
  /** The room's own sentence, where it has said no. */
  readonly refusal: Readonly<ShallowRef<string | null>>
  /** Says whether it was done; one at a time. */
  run(action: () => Promise<unknown>): Promise<boolean>
  /** What was refused is asked otherwise now. */
  forget(): void
}

/** Asking the room for something from a form that stays open while it says no. */
export function useAttempt(): Attempt {
  const isUnderWay = shallowRef(false)
  const refusal = shallowRef<string | null>(null)

  async function run(action: () => Promise<unknown>): Promise<boolean> {
    if (isUnderWay.value) return false
    isUnderWay.value = true
    refusal.value = null
    try {
      await action()
      return true
    } catch (problem) {
      refusal.value = messageOf(problem)
      return false
    } finally {
      isUnderWay.value = false
    }
  }

  return {
    isUnderWay: readonly(isUnderWay),
    refusal: readonly(refusal),
    run,
    forget: () => {
      refusal.value = null
    },
  }
}
