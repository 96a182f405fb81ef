import { randomBytes } from 'node:crypto'
import { AppError } from '../../../shared/errors.ts'
import { formatCount } from '../../../shared/format.ts'
import { findApplication } from '../../application.ts'
import { createKeyFile } from '../../secrets/keyFile.ts'
import type { Keychain } from '../../secrets/keychain.ts'
import { MASTER_KEY_VARIABLE } from '../../secrets/openKeys.ts'
import { rekeyRoom } from '../../secrets/rekeyRoom.ts'
import { systemKeychain } from '../../secrets/systemKeychain.ts'
import { openState } from '../../state/openState.ts'
import { claimDataFolder, findInstance } from '../../state/ownership.ts'
import { systemClock } from '../../systemPorts.ts'
import type { Command, CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { INTERRUPTED } from '../readPassword.ts'
import { passphraseAsker, readNewPassphrase } from '../readSecret.ts'

/** Makes a master key of chance, in a file that a passphrase opens. */
export const initKey: Command = async (context) => {
  const { dataFolder, environment, screen } = context
  requireClosed(context, 'make its master key in its window, under Secrets, or close it first.')
  const refuse = (why: string): never => {
    throw new AppError('CONFLICT', `There is a master key already: ${why}. Use "iron_cage secrets rekey" to change it.`)
  }
  if (environment[MASTER_KEY_VARIABLE] !== undefined) refuse(`${MASTER_KEY_VARIABLE} is set`)
  const keyFile = createKeyFile(dataFolder)
  if (keyFile.isThere()) refuse(`it lies in ${keyFile.path}`)
  const kept = await keychainOf(context)?.masterKey(false)
  if (kept && 'key' in kept) refuse('the keychain of this machine holds it')
  await requireNoOtherKey(dataFolder)
  const passphrase = await readNewPassphrase(context)
  if (passphrase === INTERRUPTED) return exitCode('interrupted')
  const master = randomBytes(32)
  await keyFile.create(passphrase, master).finally(() => master.fill(0))
  await screen.out(`The master key lies in ${keyFile.path}, sealed with the passphrase.\n`)
  screen.note('Keep a copy of that file, and the passphrase elsewhere: without both, nobody can open the secrets again.')
  return exitCode('done')
}

/** A new key would open nothing of what another one has sealed. */
async function requireNoOtherKey(dataFolder: string): Promise<void> {
  const ownership = claimDataFolder(dataFolder)
  try {
    const state = await openState({ dataFolder, clock: systemClock })
    const isThere = (await state.keyGenerations.all()).length > 0 || (await state.keyGenerations.hasOlderSeals())
    await state.close()
    if (isThere) throw new AppError('CONFLICT', 'This data folder holds something that was encrypted with another master key: start with that one, in the environment or the keychain.')
  } finally {
    ownership.release()
  }
}

export const rekeySecrets: Command = async (context) => {
  const { dataFolder, environment, screen } = context
  requireClosed(context, 'close it first: its master key cannot change under it.')
  const { resealed, damaged, source } = await rekeyRoom({
    dataFolder,
    environment,
    keychain: keychainOf(context),
    keyFile: createKeyFile(dataFolder),
    askPassphrase: passphraseAsker(context),
    by: { role: 'admin', id: 'owner', agentId: null, run: null },
    clock: systemClock,
  })
  await screen.out(`The master key is changed; ${formatCount(resealed, 'value')} sealed anew. The old key opens nothing any more.\n`)
  if (source === 'environment') screen.note(`Set ${MASTER_KEY_VARIABLE} to the new key from now on.`)
  for (const sentence of damaged) screen.note(sentence)
  return exitCode(damaged.length > 0 ? 'problems' : 'done')
}

function requireClosed({ dataFolder }: CommandContext, instead: string): void {
  if (findInstance(dataFolder) === null) return
  throw new AppError('CONFLICT', `A control room is open here: ${instead}`)
}

function keychainOf({ environment, platform }: CommandContext): Keychain | null {
  return systemKeychain({ environment, platform, applicationFolder: findApplication().folder, inProcess: false })
}
