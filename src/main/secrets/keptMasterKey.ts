import { randomBytes } from 'node:crypto'
import { messageOf } from '../../shared/errors.ts'
import { MASTER_KEY } from './masterKey.ts'
import type { KeychainAnswer } from './keychain.ts'

/** What we use of keytar. */
export interface PasswordStore {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
}

const SERVICE = 'iron-cage-control-room'
const ACCOUNT = 'master-key'

/** Makes it where there is none and it may, and trusts only what can be read back. Never rejects. */
export async function keptMasterKey(store: PasswordStore, isMade: boolean): Promise<KeychainAnswer> {
  try {
    const kept = await store.getPassword(SERVICE, ACCOUNT)
    if (kept !== null) return MASTER_KEY.test(kept) ? { key: kept } : { without: 'foreign' }
    if (!isMade) return { without: 'empty' }
    const made = randomBytes(32).toString('hex')
    await store.setPassword(SERVICE, ACCOUNT, made)
    const back = await store.getPassword(SERVICE, ACCOUNT)
    // Another room may have made one in the same moment: what lies there now holds for both.
    return back !== null && MASTER_KEY.test(back) ? { key: back } : { without: 'refused' }
  } catch (problem) {
    return { without: silenceOf(problem) }
  }
}

export async function replaceMasterKey(store: PasswordStore, key: string): Promise<boolean> {
  await store.setPassword(SERVICE, ACCOUNT, key)
  return (await store.getPassword(SERVICE, ACCOUNT)) === key
}

/** keytar gives nothing but the library's own sentence. */
const SENTENCES: readonly (readonly [RegExp, 'absent' | 'locked'])[] = [
  [/org\.freedesktop\.secrets|ServiceUnknown|was not provided by any \.service|Cannot autolaunch|Could not connect|Cannot spawn a message bus|not installed/i, 'absent'],
  [/locked|interaction is not allowed|dismissed|prompt/i, 'locked'],
]

export function silenceOf(problem: unknown): 'absent' | 'locked' | 'refused' {
  const message = messageOf(problem)
  return SENTENCES.find(([words]) => words.test(message))?.[1] ?? 'refused'
}
