import { systemClock } from '../../systemPorts.ts'
import { addressOfRedis, connectRedis } from './redisConnection.ts'

/** Somebody looks on. */
const PATIENCE_MS = 3_000

/** Says what is wrong with the server, as a room would that shares its state over it; gives where it is. */
export async function examineRedis(url: string): Promise<string> {
  const where = addressOfRedis(url)
  const connection = await connectRedis(url, systemClock, PATIENCE_MS)
  connection.close()
  return where
}
