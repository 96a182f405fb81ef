import { AppError } from '../../shared/errors.ts'
import { openState, type StateOptions } from './openState.ts'
import { openPostgresState } from './postgres/openPostgresState.ts'
import { addressOfRedis } from './redis/redisConnection.ts'
import type { InstanceId, State } from './repositories.ts'

export const DATABASE_URL = 'DATABASE_URL'
export const REDIS_URL = 'REDIS_URL'

type Variables = Readonly<Record<string, string | undefined>>
type RoomStateOptions = StateOptions & {
  readonly environment: Variables
  /** The room's name among those that share the database, asked for where there is one; left out by who only looks after a closed one. */
  readonly instance?: () => InstanceId
}

/** Where DATABASE_URL names a server, what is durable is there; the folder then keeps only what is this machine's own. With REDIS_URL rooms share it. */
export async function openRoomState({ environment, instance: name, ...options }: RoomStateOptions): Promise<State> {
  const url = addressIn(environment)
  const redis = addressIn(environment, REDIS_URL)
  if (redis !== null) requireShareable(redis, url)
  if (url === null) return openState(options)
  const { dataFolder, clock, log, auditKey } = options
  const instance = name?.()
  const machine = await openState({ dataFolder, clock })
  const isShared = redis !== null && instance !== undefined
  try {
    return await openPostgresState({ url, machine, clock, isShared, ...(instance !== undefined && { instance }), ...(log && { log }), ...(auditKey !== undefined && { auditKey }) })
  } catch (problem) {
    await machine.close()
    throw problem
  }
}

/** Throws where Redis is named alone, or with no address. */
export function requireShareable(redis: string, database: string | null): void {
  addressOfRedis(redis)
  if (database !== null) return
  throw new AppError('INVALID_CONFIGURATION', 'REDIS_URL is set without DATABASE_URL: rooms share a PostgreSQL database, and Redis beside it. Set DATABASE_URL too, or unset REDIS_URL.')
}

/** What nobody may see of it: the whole, and the password as it is written and as it is meant. */
export function secretsOfAddress(environment: Variables, name = DATABASE_URL): string[] {
  const url = environment[name]?.trim() ?? ''
  const password = /^[a-z][a-z+]*:\/\/[^/?#@]*?:([^/?#]*)@/i.exec(url)?.[1] ?? /[?&]password=([^&#]*)/.exec(url)?.[1] ?? ''
  return [...new Set([...(password === '' ? [] : [url]), password, decoded(password)])].filter((secret) => secret !== '')
}

/** Null where nothing is said of a server. */
export function addressIn(environment: Variables, name = DATABASE_URL): string | null {
  return environment[name]?.trim() || null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
