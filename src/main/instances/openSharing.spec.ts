import { expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { Instances, Ledger } from '../state/repositories.ts'
import { hasRedis, startRedis } from '../state/redis/testRedis.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { openPool } from './openSharing.ts'

const isHere = hasRedis()

it.skipIf(!isHere)(`a shared budget that cannot be opened leaves no connection behind${isHere ? '' : ' (not installed here: redis-server)'}`, async () => {
  const server = await startRedis()
  try {
    const away = new AppError('UNAVAILABLE', 'The database is away.')
    const instances = { own: 'invented', group: 'invented', living: () => Promise.reject(away) } as unknown as Instances
    const ledger = { totals: async () => [] } as unknown as Ledger
    const log = { write: () => {}, flush: async () => {} }
    await expect(openPool({ limit: 100, url: server.url, state: { ledger, instances }, clock: systemClock, random: systemRandom, log })).rejects.toBe(away)
    expect(await server.connections()).toBe(0)
  } finally {
    await server.stop()
  }
})
