import { randomBytes } from 'node:crypto'

/** What we use of keytar. */
export interface PasswordStore {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
}

export const SERVICE = 'iron-cage-control-room'
export const ACCOUNT = 'master-key'

/** Makes it where there is none and it may, and trusts only what can be read back. */
export async function keptMasterKey(store: PasswordStore, isMade = true): Promise<string | null> {
  const kept = await store.getPassword(SERVICE, ACCOUNT)
  if (kept !== null || !isMade) return kept
  await store.setPassword(SERVICE, ACCOUNT, randomBytes(32).toString('hex'))
  return store.getPassword(SERVICE, ACCOUNT)
}

export async function replaceMasterKey(store: PasswordStore, key: string): Promise<boolean> {
  await store.setPassword(SERVICE, ACCOUNT, key)
  return (await store.getPassword(SERVICE, ACCOUNT)) === key
}
