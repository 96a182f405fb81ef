import type { Provider } from '../../../shared/domain/provider.ts'
import type { SimulatedFailure } from '../../../shared/domain/simulatedFailure.ts'

export interface FailureQueue {
  add(failures: readonly SimulatedFailure[]): void
  /** What befalls this attempt; each failure begins at its attempt, or as soon after it as those before it are done. */
  take(attempt: number, provider: Provider): SimulatedFailure | null
  readonly size: number
}

export function createFailureQueue(failures: readonly SimulatedFailure[] = []): FailureQueue {
  let waiting: { readonly failure: SimulatedFailure; left: number }[] = []
  const add = (more: readonly SimulatedFailure[]): void => void waiting.push(...more.map((failure) => ({ failure, left: failure.times })))
  add(failures)

  return {
    add,
    take(attempt, provider) {
      const due = waiting.find(({ failure }) => (failure.at ?? 1) <= attempt && (failure.provider ?? provider) === provider)
      if (!due) return null
      if (--due.left === 0) waiting = waiting.filter((entry) => entry !== due)
      return due.failure
    },
    get size() {
      return waiting.length
    },
  }
}
