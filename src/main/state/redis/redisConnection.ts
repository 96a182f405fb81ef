import { createHash } from 'node:crypto'
import { createClient, type RedisClientOptions } from '@redis/client'
import { AppError } from '../../../shared/errors.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'
import { SCRIPTS, type ScriptName } from './budgetScripts.ts'

/** One connection to one run of a server. It never comes back by itself: after it there is another one, perhaps to a server that has forgotten something. */
export interface RedisConnection {
  /** Changes with each start of the server, and is another for each server. */
  readonly run: string
  script(name: ScriptName, prefix: string, ...values: readonly (string | number)[]): Promise<unknown>
  /** Resolves when it is gone. */
  readonly ended: Promise<void>
  close(): void
}

export function redisError(where: string, detail = ''): AppError {
  const because = detail === '' ? '' : ` (${detail})`
  return new AppError('UNAVAILABLE', `The Redis server ${where} cannot be reached${because}: start it, or mend REDIS_URL; until then no call that costs money is let through.`, { problem: 'redis', server: where })
}

/** It is there, and says by a word of its own why not: OOM, MISCONF, READONLY, LOADING, NOPERM. */
function refusedError(where: string, word: string): AppError {
  return new AppError('UNAVAILABLE', `The Redis server ${where} refuses what it is asked (${word}): see its log, and mend it; until then no call that costs money is let through.`, { problem: 'redis', server: where })
}

export function addressOfRedis(url: string): string {
  try {
    const { protocol, hostname, port } = new URL(url)
    if (protocol === 'redis:' || protocol === 'rediss:') return `${hostname}:${port || 6379}`
  } catch {
    // What was caught has the password in it.
  }
  throw new AppError('UNAVAILABLE', 'REDIS_URL is no address of a Redis server; expected redis://:PASSWORD@HOST:PORT.', { problem: 'redis' })
}

const optionsOf = (url: string, patienceMs: Millis): RedisClientOptions => ({
  url,
  disableOfflineQueue: true,
  socket: { reconnectStrategy: false, connectTimeout: patienceMs },
})

export async function connectRedis(url: string, clock: Clock, patienceMs: Millis): Promise<RedisConnection> {
  const where = addressOfRedis(url)
  const client = createClient(optionsOf(url, patienceMs))
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const close = (): void => {
    end()
    if (client.isOpen) client.destroy()
  }
  client.on('error', close)
  client.on('end', end)
  const ask = async (words: string[]): Promise<unknown> => {
    // One that is silent is as good as gone.
    const silence = clock.after(patienceMs, close)
    try {
      return await client.sendCommand(words)
    } catch (problem) {
      if (isOfServer(problem)) throw problem
      // Whether it was heard is not known: nothing more is said on this line.
      close()
      throw redisError(where)
    } finally {
      silence.cancel()
    }
  }
  // Also one that takes the connection and then says nothing.
  const silence = clock.after(patienceMs, close)
  try {
    await client.connect()
    const run = /^run_id:(\w+)/m.exec(String(await ask(['INFO', 'server'])))?.[1]
    if (run === undefined) throw redisError(where, 'it does not say who it is')
    return {
      run,
      ended,
      close,
      async script(name, prefix, ...values) {
        const words = ['1', prefix, ...values.map(String)]
        try {
          return await ask(['EVALSHA', DIGESTS[name], ...words]).catch((problem: unknown) => {
            if (!isOfServer(problem) || codeOf(problem) !== 'NOSCRIPT') throw problem
            return ask(['EVAL', SCRIPTS[name], ...words])
          })
        } catch (problem) {
          // ERR is what it says of a script that is wrong.
          throw isOfServer(problem) && codeOf(problem) !== 'ERR' ? refusedError(where, codeOf(problem)) : problem
        }
      },
    }
  } catch (problem) {
    close()
    if (problem instanceof AppError) throw problem
    throw redisError(where, codeOf(problem))
  } finally {
    silence.cancel()
  }
}

export interface RedisListener {
  /** Tells all who listen, us too; how many that were. */
  say(channel: string, message: string): Promise<number>
  readonly ended: Promise<void>
  close(): void
}

/** A line to one run of a server, for what need not be kept: two connections, as one that listens cannot speak. */
export async function listenRedis(url: string, clock: Clock, patienceMs: Millis, channel: string, heard: (message: string) => void): Promise<RedisListener> {
  const where = addressOfRedis(url)
  const clients = ['speaks', 'listens'].map(() => createClient(optionsOf(url, patienceMs)))
  const [speaker, listener] = clients as [(typeof clients)[0], (typeof clients)[0]]
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const close = (): void => {
    end()
    for (const client of clients) if (client.isOpen) client.destroy()
  }
  for (const client of clients) client.on('error', close).on('end', close)
  const silence = clock.after(patienceMs * 2, close)
  try {
    await speaker.connect()
    await listener.connect()
    await listener.subscribe(channel, heard)
    return {
      ended,
      close,
      async say(to, message) {
        // One that is silent is as good as gone.
        const unheard = clock.after(patienceMs, close)
        try {
          return await speaker.publish(to, message)
        } catch {
          close()
          throw redisError(where)
        } finally {
          unheard.cancel()
        }
      },
    }
  } catch (problem) {
    close()
    throw redisError(where, codeOf(problem))
  } finally {
    silence.cancel()
  }
}

/** Its errors begin with a word in capitals, such as WRONGPASS. */
function isOfServer(problem: unknown): problem is Error {
  return problem instanceof Error && /^[A-Z]{3,} /.test(problem.message)
}

function codeOf(problem: unknown): string {
  if (isOfServer(problem)) return problem.message.split(' ', 1)[0] ?? ''
  const code = (problem as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

const DIGESTS = Object.fromEntries(Object.entries(SCRIPTS).map(([name, text]) => [name, createHash('sha1').update(text).digest('hex')])) as Record<ScriptName, string>
