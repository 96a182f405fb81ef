/** Runs one action after the other, in the order in which they were asked for. */
export function createTurn(): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (action) => {
    const result = last.then(action)
    last = result.catch(() => undefined)
    return result
  }
}

/** Runs what concerns the same thing one after the other, in the order in which it was asked for. */
export function createTurns<K>(): <T>(key: K, action: () => Promise<T>) => Promise<T> {
  const last = new Map<K, Promise<unknown>>()
  return (key, action) => {
    const result = (last.get(key) ?? Promise.resolve()).then(action)
    const settled = result.catch(() => undefined).finally(() => {
      if (last.get(key) === settled) last.delete(key)
    })
    last.set(key, settled)
    return result
  }
}
