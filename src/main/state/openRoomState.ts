import { AppError } from '../../shared/errors.ts'
import { openState, type StateOptions } from './openState.ts'
import { openPostgresState } from './postgres/openPostgresState.ts'
import type { State } from './repositories.ts'

export const DATABASE_URL = 'DATABASE_URL'

type Variables = Readonly<Record<string, string | undefined>>
type RoomStateOptions = StateOptions & { readonly environment: Variables }

/** Where DATABASE_URL names a server, what is durable is there; the folder then keeps only what is this machine's own. */
export async function openRoomState({ environment, ...options }: RoomStateOptions): Promise<State> {
  requireNoRedis(environment)
  const url = addressIn(environment)
  if (url === null) return openState(options)
  const { dataFolder, clock, log, auditKey } = options
  const machine = await openState({ dataFolder, clock })
  try {
    return await openPostgresState({ url, machine, clock, ...(log && { log }), ...(auditKey !== undefined && { auditKey }) })
  } catch (problem) {
    await machine.close()
    throw problem
  }
}

/** What is there so far shares budgets and is asked by no room yet: better none than half of it. */
function requireNoRedis({ REDIS_URL }: Variables): void {
  if (!REDIS_URL?.trim()) return
  throw new AppError('INVALID_CONFIGURATION', 'REDIS_URL is set, and a room that shares its budgets and events with others is not there yet: unset it for the control room.')
}

/** What nobody may see of it: the whole, and the password as it is written and as it is meant. */
export function secretsOfAddress(environment: Variables, name = DATABASE_URL): string[] {
  const url = environment[name]?.trim() ?? ''
  const password = /^[a-z][a-z+]*:\/\/[^/?#@]*?:([^/?#]*)@/i.exec(url)?.[1] ?? ''
  return [...new Set([...(password === '' ? [] : [url]), password, decoded(password)])].filter((secret) => secret !== '')
}

/** Null where nothing is said of a server. */
export function addressIn(environment: Variables): string | null {
  return environment[DATABASE_URL]?.trim() || null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
