import { createTestClock, type TestClock } from '../access/testClock.ts'
import type { SecretOperation } from '../../shared/domain/secret.ts'
import type { KeyGenerations, StoredSecret } from '../state/keptSecrets.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import type { Place } from '../state/testStores.ts'
import { systemRandom } from '../systemPorts.ts'
import { openMasterKey } from './openKeys.ts'
import type { Requester } from './requester.ts'
import { openRoomKeys, type RoomKeys } from './roomKeys.ts'
import { createSecretStore, type SecretStore } from './secretStore.ts'

export const MASTER_KEY = '0123456789abcdef'.repeat(4)
export const OTHER_MASTER_KEY = 'fedcba9876543210'.repeat(4)

export const ADMIN: Requester = { role: 'admin', id: 'ada', agentId: null, run: null }
export const VIEWER: Requester = { role: 'viewer', id: 'vera', agentId: null, run: null }

export function agentIn(environment: 'development' | 'staging' | 'production', names: readonly string[] | null = null): Requester & { run: NonNullable<Requester['run']> } {
  return { role: 'agent', id: 'lg-7a3f9c2d', agentId: 'lg-7a3f9c2d', run: { environment, names, isSealed: false } }
}

export interface TestStore {
  readonly store: SecretStore
  /** Locked by whoever sets it. */
  readonly stage: { isLocked: boolean }
  readonly state: State
  readonly keys: RoomKeys
  readonly clock: TestClock
  /** What was told, oldest first. */
  readonly changes: { secret: StoredSecret; operation: SecretOperation }[]
  readonly values: string[]
  /** Operations in the audit, oldest first, as `READ OPENAI_API_KEY admin` with an exclamation mark where it failed. */
  audited(): Promise<string[]>
  close(): Promise<void>
}

/** A store on a real database: in a folder, or wherever a place is. For specs only. */
export async function openTestStore(place: string | Pick<Place, 'open'>, masterKey: string | null = MASTER_KEY, clock: TestClock = createTestClock()): Promise<TestStore> {
  const master = await openMasterKey({ environment: masterKey === null ? {} : { IRON_SECRETS_MASTER_KEY: masterKey }, keychain: null })
  const opened: RoomKeys[] = []
  const auditKey = async (generations: KeyGenerations): Promise<Buffer | null> => {
    const keys = await openRoomKeys(master, generations, clock)
    opened.push(keys)
    return keys.derive('audit')
  }
  const state = typeof place === 'string' ? await openState({ dataFolder: place, clock, auditKey }) : await place.open({ clock, auditKey })
  const keys = opened[0] as RoomKeys
  const changes: TestStore['changes'] = []
  const values: string[] = []
  const stage = { isLocked: false }
  const store = createSecretStore({
    secrets: state.secrets,
    keys,
    isLocked: () => stage.isLocked,
    clock,
    random: systemRandom,
    know: (value) => values.push(value),
    onChange: async (secret, operation) => changes.push({ secret, operation }),
    onDefect: (defect) => {
      throw defect
    },
  })
  return {
    store,
    stage,
    state,
    keys,
    clock,
    changes,
    values,
    async audited() {
      const { entries } = await state.secrets.audit({ limit: 500 })
      return entries.reverse().map(({ operation, secret_name, requester_role, success }) => `${operation} ${secret_name} ${requester_role}${success ? '' : ' !'}`)
    },
    async close() {
      await store.close()
      await state.close()
    },
  }
}

export const bytes = (text: string): Buffer => Buffer.from(text, 'utf8')
