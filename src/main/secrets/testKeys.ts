import type { Keys } from './keys.ts'
import { extracted, keysFrom, openMasterKey, type KeysOptions } from './openKeys.ts'

/** Keys that are derived from the master key itself, without a room that has one of its own. */
export async function keysOfMaster(options: KeysOptions): Promise<Keys> {
  const { master } = await openMasterKey(options)
  return master === null ? { source: null, derive: () => null } : keysFrom(master.source, extracted(master.bytes))
}
