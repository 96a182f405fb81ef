import { randomBytes } from 'node:crypto'
import type { KeyStatus } from '../../shared/contract/keys.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import { AppError } from '../../shared/errors.ts'
import { createSignInLimits } from '../access/signInLimits.ts'
import type { Clock } from '../ports.ts'
import type { KeyGenerations } from '../state/keptSecrets.ts'
import { createTurns } from '../turns.ts'
import type { KeyFile } from './keyFile.ts'
import type { Keychain } from './keychain.ts'
import { KEYCHAIN_SAYS, NO_MASTER, openMasterKey, type KeysOptions, type MasterKeyAnswer } from './openKeys.ts'
import { closed, NO_KEY, openRoomKeys, type RoomKeys } from './roomKeys.ts'

/** The key of a room, found at its start or given while it runs. */
export interface KeyDesk {
  /** As they are at each moment: whoever asks them anew is given what is there by then. */
  readonly keys: RoomKeys
  /** Opens with what was found, once it is known what is kept here. Where nothing is, a keychain that is open is given a key. */
  settle(generations: KeyGenerations): Promise<void>
  status(): Promise<KeyStatus>
  /** Makes a key where there is none; with `keychain`, takes the one that lies there by now. */
  create(request: { readonly way: 'keychain' } | { readonly way: 'passphrase'; readonly passphrase: string }): Promise<void>
  unlock(passphrase: string): Promise<void>
}

export interface KeyDeskOptions extends Pick<KeysOptions, 'environment' | 'askPassphrase'> {
  readonly keychain: Keychain | null
  readonly keyFile: KeyFile
  readonly clock: Clock
  /** Whoever has something sealed goes on with the key that is there now. */
  readonly onOpened: (keys: RoomKeys) => Promise<unknown>
  readonly announce: (announcement: Announcement<'keys.changed'>) => Promise<unknown>
}

/** Looks where a master key may be; makes none. Throws where the environment brings something else. */
export async function createKeyDesk({ environment, keychain, keyFile, askPassphrase, clock, onOpened, announce }: KeyDeskOptions): Promise<KeyDesk> {
  let found: MasterKeyAnswer = await openMasterKey({ environment, keychain, keyFile, ...(askPassphrase && { askPassphrase }) })
  let current = closed('missing', NO_KEY)
  let generations: KeyGenerations | null = null
  const limits = createSignInLimits(clock, 'attempts to open the key file')
  const inTurn = createTurns<'key'>()

  const keys: RoomKeys = {
    get source() {
      return current.source
    },
    get state() {
      return current.state
    },
    get problem() {
      return current.problem
    },
    get generation() {
      return current.generation
    },
    get isChanging() {
      return current.isChanging
    },
    derive: (purpose) => current.derive(purpose),
    masterOf: (generation) => current.masterOf(generation),
  }

  async function isSealed(): Promise<boolean> {
    const kept = known()
    return (await kept.all()).length > 0 || kept.hasOlderSeals()
  }

  function known(): KeyGenerations {
    if (generations === null) throw new Error('The keys of a room were asked for before its database was open.')
    return generations
  }

  async function goOnWith(answer: MasterKeyAnswer): Promise<void> {
    found = answer
    current = await openRoomKeys(answer, known(), clock)
    if (current.state === 'open') await onOpened(keys)
    const { state, source } = statusOf()
    const message = state === 'open' ? `The master key is there now: secrets can be opened.` : (current.problem ?? '')
    await announce({ name: 'keys.changed', agentId: null, severity: state === 'open' ? 'INFO' : 'WARN', message, payload: { state, source } })
  }

  function statusOf(): Pick<KeyStatus, 'state' | 'source' | 'sentence'> {
    return { state: current.state, source: found.master?.source ?? null, sentence: current.problem }
  }

  function requireClosed(): void {
    if (current.state === 'open') throw new AppError('CONFLICT', 'The master key is there already, and opens what is kept here. Use "iron_cage secrets rekey" to change it.')
  }

  async function takeFromKeychain(): Promise<void> {
    // One that is made beside a key file, or beside what another one has sealed, would be the wrong one.
    const answer = (await keychain?.masterKey(!keyFile.isThere() && !(await isSealed()))) ?? { without: 'absent' as const }
    if ('key' in answer) return goOnWith({ master: { source: 'keychain', bytes: Buffer.from(answer.key, 'hex') }, problem: null, state: 'open', silence: null })
    throw new AppError('UNAVAILABLE', KEYCHAIN_SAYS[answer.without], { problem: 'masterKey' })
  }

  async function makeFile(passphrase: string): Promise<void> {
    if (current.state === 'other-key' || current.state === 'damaged' || (await isSealed())) {
      throw new AppError('CONFLICT', `${current.problem ?? ''} A new key would open nothing of it.`.trim())
    }
    const master = randomBytes(32)
    await keyFile.create(passphrase, master)
    await goOnWith({ master: { source: 'file', bytes: master }, problem: null, state: 'open', silence: null })
  }

  return {
    keys,

    async settle(opened) {
      generations = opened
      if (found.state === 'missing' && found.silence === 'empty' && !(await isSealed())) {
        const made = await keychain?.masterKey(true)
        if (made && 'key' in made) found = { master: { source: 'keychain', bytes: Buffer.from(made.key, 'hex') }, problem: null, state: 'open', silence: null }
        else if (made) found = { ...NO_MASTER, state: 'locked', problem: KEYCHAIN_SAYS[made.without], silence: made.without }
      }
      current = await openRoomKeys(found, opened, clock)
      // Made while the keychain was locked, and could not be asked.
      if (current.state === 'other-key' && found.master?.source === 'keychain' && keyFile.isThere()) {
        found = await openMasterKey({ environment, keychain: null, keyFile, ...(askPassphrase && { askPassphrase }) })
        current = await openRoomKeys(found, opened, clock)
      }
    },

    async status() {
      const { state } = current
      const canChange = state === 'missing' || state === 'locked'
      return {
        ...statusOf(),
        ways: {
          keychain: canChange && keychain !== null && found.silence !== 'absent',
          passphrase: canChange && !keyFile.isThere() && !(await isSealed()),
        },
      }
    },

    create: (request) =>
      inTurn('key', async () => {
        requireClosed()
        if (request.way === 'keychain') await takeFromKeychain()
        else await makeFile(request.passphrase)
      }),

    unlock: (passphrase) =>
      inTurn('key', async () => {
        requireClosed()
        if (!keyFile.isThere()) throw new AppError('CONFLICT', `There is no key file to unlock: ${keyFile.path} is not there.`)
        const attempt = limits.begin('file', null)
        const opened = await keyFile.open(passphrase)
        if ('problem' in opened) throw new AppError(opened.state === 'damaged' ? 'UNAVAILABLE' : 'FORBIDDEN', opened.problem, { problem: 'masterKey' })
        attempt.succeed()
        await goOnWith({ master: { source: 'file', bytes: opened.master }, problem: null, state: 'open', silence: null })
      }),
  }
}
