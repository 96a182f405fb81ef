import { createSecretKey, type KeyObject } from 'node:crypto'

const prepared = new WeakMap<Buffer, KeyObject>()

/** Node takes longer to find out that some bytes are a key than to use it: so it is told once. */
export function preparedKey(key: Buffer): KeyObject {
  const known = prepared.get(key)
  if (known) return known
  const made = createSecretKey(key)
  prepared.set(key, made)
  return made
}
