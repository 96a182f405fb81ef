/** A handful of listeners; each gets what takes it off again. */
export interface Listeners<T> {
  add(listener: (value: T) => void): () => void
  tell(value: T): void
}

export function createListeners<T>(): Listeners<T> {
  const listeners = new Set<(value: T) => void>()
  return {
    add(listener) {
      // Its own closure, so that the same function added twice is taken off twice.
      const own = (value: T): void => listener(value)
      listeners.add(own)
      return () => {
        listeners.delete(own)
      }
    },
    tell(value) {
      for (const listener of [...listeners]) listener(value)
    },
  }
}
