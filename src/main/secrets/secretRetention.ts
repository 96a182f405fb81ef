import type { Clock, Timer } from '../ports.ts'
import type { SecretStore } from './secretStore.ts'

const LOOK_EVERY_MS = 6 * 60 * 60 * 1000

/** Purges what was deleted long ago, now and every few hours. */
export function keepSecretRetention(store: Pick<SecretStore, 'purgeOld'>, clock: Clock, onDefect: (defect: unknown, where: string) => unknown): { stop(): void } {
  let timer: Timer | null = null
  let isStopped = false
  const look = (): void => {
    store
      .purgeOld()
      .catch((defect: unknown) => {
        // The database was closed between two steps: the next start goes on.
        if (!isStopped) onDefect(defect, 'secret retention')
      })
      .finally(() => {
        if (!isStopped) timer = clock.after(LOOK_EVERY_MS, look)
      })
  }
  look()
  return {
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}
