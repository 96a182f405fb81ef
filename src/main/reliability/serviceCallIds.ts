import type { Random } from '../ports.ts'

/** `svc-7a3f9c2d00000001`: half drawn once for this room, so that no earlier room's call is taken for one of ours, and half counted. */
export function createServiceCallIds(random: Random): () => string {
  const prefix = `svc-${random.hex(4)}`
  let count = 0
  return () => {
    count = (count + 1) >>> 0
    return `${prefix}${count.toString(16).padStart(8, '0')}`
  }
}
