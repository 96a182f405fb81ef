import { randomBytes } from 'node:crypto'
import { AppError } from '../../shared/errors.ts'
import type { Clock } from '../ports.ts'
import { openRoomState } from '../state/openRoomState.ts'
import { claimDataFolder } from '../state/ownership.ts'
import type { KeyFile } from './keyFile.ts'
import type { Keychain } from './keychain.ts'
import type { KeySource } from '../../shared/domain/keys.ts'
import { masterKeyProblem, openMasterKey, PASSPHRASE_VARIABLE } from './openKeys.ts'
import { rekey, type Rekeyed, type RekeyStep } from './rekey.ts'
import type { Requester } from './requester.ts'
import { NO_KEY, openRoomKeys } from './roomKeys.ts'

const NEW_MASTER_KEY_VARIABLE = 'IRON_SECRETS_NEW_MASTER_KEY'

export interface RekeyRoomOptions {
  readonly dataFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly keychain: Keychain | null
  readonly keyFile: KeyFile
  readonly askPassphrase: (() => Promise<string | null>) | null
  readonly by: Requester
  readonly clock: Clock
  readonly onStep?: (step: RekeyStep) => void
}

/** Changes the master key of a room that is closed, where that key is kept: in the environment, the keychain or the key file. */
export async function rekeyRoom(options: RekeyRoomOptions): Promise<Rekeyed & { readonly source: KeySource }> {
  const { dataFolder, environment, keychain, keyFile, by, clock, onStep } = options
  const newProblem = masterKeyProblem(environment, NEW_MASTER_KEY_VARIABLE)
  if (newProblem !== null) throw new AppError('INVALID_CONFIGURATION', newProblem)
  let passphrase = environment[PASSPHRASE_VARIABLE] ?? null
  const askPassphrase = async (): Promise<string | null> => (passphrase ??= (await options.askPassphrase?.()) ?? null)
  const { master, problem } = await openMasterKey({ environment, keychain, keyFile, askPassphrase })
  if (master === null) throw new AppError('UNAVAILABLE', problem ?? NO_KEY, { problem: 'masterKey' })
  const { source } = master

  const ownership = claimDataFolder(dataFolder)
  try {
    const state = await openRoomState({ dataFolder, environment, clock, auditKey: async (generations) => (await openRoomKeys({ master, problem: null, state: 'open' }, generations, clock)).derive('audit') })
    try {
      const done = await rekey({ secrets: state.secrets, generations: state.keyGenerations, master, newMaster, install, by, clock, ...(onStep && { onStep }) })
      return { ...done, source }
    } finally {
      await state.close()
    }
  } finally {
    ownership.release()
  }

  async function newMaster(begun: Buffer | null): Promise<Buffer> {
    const given = environment[NEW_MASTER_KEY_VARIABLE]
    if (given !== undefined && source === 'environment') return Buffer.from(given, 'hex')
    if (begun !== null) return Buffer.from(begun)
    if (source !== 'environment') return randomBytes(32)
    throw new AppError('INVALID_INPUT', `The master key comes from the environment: give the new one in ${NEW_MASTER_KEY_VARIABLE}, as \`openssl rand -hex 32\` prints it.`)
  }

  async function install(next: Buffer): Promise<void> {
    if (source === 'file') await keyFile.replace(passphrase ?? '', next)
    if (source === 'keychain' && !(await keychain?.replace(next.toString('hex')))) {
      throw new AppError('UNAVAILABLE', 'The keychain did not take the new master key. The old one still opens everything; unlock the keychain, and run "iron_cage secrets rekey" again.')
    }
  }
}
