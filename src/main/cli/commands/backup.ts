import { isAbsolute, relative, resolve } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { KEY_FILE } from '../../secrets/keyFile.ts'
import { addressIn } from '../../state/openRoomState.ts'
import { copyRoom } from '../../state/roomCopy.ts'
import type { Command } from '../context.ts'
import { exitCode } from '../exitCodes.ts'

/** What people have made, and what cannot be made again. */
const BESIDE = ['settings.yaml', 'terminals']

/** Copies the database, whether a room has it open or not, and what belongs to it. */
export const backup: Command = async ({ line, environment, callerFolder, dataFolder, settings, screen }) => {
  if (addressIn(environment) !== null) throw keptByServer(dataFolder)
  const folder = resolve(callerFolder, line.operands[0]!)
  const prices = pricesWithin(dataFolder, settings.values.prices)
  const { names, hasEvents, needsKey } = copyRoom({ dataFolder, folder, keyFile: KEY_FILE, beside: prices === null ? BESIDE : [...BESIDE, prices] })
  await screen.out(`Copied to ${folder}: ${names.join(', ')}\n`)
  if (needsKey && !names.includes(KEY_FILE)) screen.note('The master key is not in it: what is encrypted opens only with the one of your keychain or of IRON_SECRETS_MASTER_KEY, so keep that too.')
  if (settings.values.prices !== null && prices === null) screen.note(`The prices in ${settings.values.prices} are not in it: they lie outside of the data folder.`)
  if (!hasEvents) screen.note('The database holds no event: if this room runs with DATABASE_URL, copy that database with pg_dump.')
  return exitCode('done')
}

function keptByServer(dataFolder: string): AppError {
  return new AppError(
    'INVALID_CONFIGURATION',
    `DATABASE_URL is set, and what this room must not lose is in PostgreSQL: copy it with pg_dump "$DATABASE_URL" --schema=iron_cage --no-owner --file=iron_cage.sql, and settings.yaml and ${KEY_FILE} of ${dataFolder} with it.`,
  )
}

/** From the data folder; null where there are none of one's own, or elsewhere. */
function pricesWithin(dataFolder: string, prices: string | null): string | null {
  if (prices === null) return null
  const name = relative(dataFolder, prices)
  return name.startsWith('..') || isAbsolute(name) ? null : name
}
