import { join } from 'node:path'
import type { KeySource } from '../../../shared/domain/keys.ts'
import { AppError } from '../../../shared/errors.ts'
import { createKeyFile } from '../../secrets/keyFile.ts'
import type { Keychain } from '../../secrets/keychain.ts'
import { masterKeyProblem, openMasterKey } from '../../secrets/openKeys.ts'
import { readRoomKeys, type RoomKeys } from '../../secrets/roomKeys.ts'
import { systemKeychain } from '../../secrets/systemKeychain.ts'
import { generationsIn } from '../../state/keyGenerations.ts'
import { DATABASE_FILE } from '../../state/openDatabase.ts'
import { addressIn } from '../../state/openRoomState.ts'
import { generationsInPostgres } from '../../state/postgres/examinePostgres.ts'
import type { Check, Finding, Patient } from './finding.ts'

export const checkMasterKey: Check = ({ environment, platform, applicationFolder, ...patient }) =>
  examineMasterKey({ environment, ...patient }, systemKeychain({ environment, platform, applicationFolder, inProcess: false }))

/** Whether the key that a room would find here opens what this data folder keeps; nobody is asked for a passphrase. */
export async function examineMasterKey({ environment, dataFolder }: Pick<Patient, 'environment' | 'dataFolder'>, keychain: Keychain | null): Promise<Finding> {
  const problem = masterKeyProblem(environment)
  if (problem !== null) return finding('problem', problem, 'No control room opens until that is mended.')
  const url = addressIn(environment)
  const generations = url === null ? generationsIn(join(dataFolder, DATABASE_FILE)) : await generationsInPostgres(url).catch(unreached)
  if (generations === null) return finding('warning', 'what it opens cannot be said without the database', null)
  const found = await openMasterKey({ environment, keychain, keyFile: createKeyFile(dataFolder) })
  const keys = await readRoomKeys(found, { all: async () => generations })
  return judge(keys, generations.length > 0)
}

/** What is wrong with the database, its own check says. */
function unreached(problem: unknown): null {
  if (problem instanceof AppError) return null
  throw problem
}

const PLACES: Readonly<Record<KeySource, string>> = { environment: 'IRON_SECRETS_MASTER_KEY', keychain: 'the keychain', file: 'the key file' }

function judge({ state, source, problem, isChanging }: RoomKeys, isSealed: boolean): Finding {
  if (state === 'missing') return finding('warning', 'none; secrets cannot be kept without one', 'A control room offers to make one, under Secrets; so does "iron_cage secrets init".')
  if (state === 'locked') return finding('warning', problem ?? 'it is locked', null)
  if (state !== 'open' || source === null) return finding('problem', problem ?? 'it cannot be used', null)
  const place = PLACES[source]
  if (isChanging) return finding('warning', `a change of it was begun and not finished; the one from ${place} opens both`, 'Finish it with "iron_cage secrets rekey".')
  return finding('ok', isSealed ? `the one from ${place} opens what is kept here` : `from ${place}; nothing was sealed with it yet`, null)
}

function finding(state: Finding['state'], message: string, advice: string | null): Finding {
  return { name: 'Master key', state, message, advice }
}
