import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'
import type { InstanceId } from '../repositories.ts'
import { listenRedis, redisError, addressOfRedis, type RedisListener } from './redisConnection.ts'

/** Carries messages between instances while both are there; what is not heard is lost. */
export interface InstanceLine {
  /** False where nobody of that name listens; rejects with UNAVAILABLE where the server is away. */
  send(to: InstanceId, message: string): Promise<boolean>
  close(): Promise<void>
}

export interface InstanceLineOptions {
  readonly url: string
  readonly group: string
  readonly own: InstanceId
  readonly clock: Clock
  readonly hear: (message: string) => void
  readonly lookEveryMs?: Millis
  readonly patienceMs?: Millis
}

export async function createInstanceLine({ url, group, own, clock, hear, lookEveryMs = 1_000, patienceMs = 2_000 }: InstanceLineOptions): Promise<InstanceLine> {
  const channelOf = (instance: InstanceId): string => `iron_cage:${group}:to:${instance}`
  let line: RedisListener | null = null
  let connecting: Promise<void> | null = null
  let isClosed = false

  function connect(): Promise<void> {
    return (connecting ??= openLine().finally(() => {
      connecting = null
    }))
  }

  async function openLine(): Promise<void> {
    const opened = await listenRedis(url, clock, patienceMs, channelOf(own), hear)
    if (isClosed) return opened.close()
    line = opened
    void opened.ended.then(() => {
      line = null
      if (!isClosed) comeBack()
    })
  }

  function comeBack(): void {
    clock.after(lookEveryMs, () => {
      if (!isClosed) connect().catch(comeBack)
    })
  }

  await connect()
  return {
    async send(to, message) {
      if (line === null) throw redisError(addressOfRedis(url))
      return (await line.say(channelOf(to), message)) > 0
    },
    async close() {
      isClosed = true
      await connecting?.catch(() => {})
      line?.close()
    },
  }
}
