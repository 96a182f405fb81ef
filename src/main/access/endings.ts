/** Tells doors that somebody may no longer be let in, so that what is open already is looked at again. */
export interface Endings {
  /** Resolves when every door has looked. */
  tell(): Promise<void>
  /** Gives what takes the listener away again. */
  listen(listener: () => Promise<void>): () => void
}

export function createEndings(): Endings {
  const listeners = new Set<() => Promise<void>>()
  return {
    async tell() {
      await Promise.all([...listeners].map((listener) => listener()))
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
