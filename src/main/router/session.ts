import type { Caller } from '../../shared/domain/roles.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import { ClientMessage, type ServerMessage } from '../../shared/wire.ts'
import type { Router, Subscription } from './router.ts'

/** One client's conversation with the room, over whichever wire. */
export interface Session {
  receive(message: unknown): void
  close(): void
}

/** More than any honest client has open at once. */
const MOST_STREAMS = 256
const MOST_REQUESTS = 1024

export function createSession(router: Router, caller: Caller, send: (message: ServerMessage) => void): Session {
  const subscriptions = new Map<number, Subscription>()
  let requestsUnderWay = 0
  let isClosed = false

  const reply = (message: ServerMessage): void => {
    if (!isClosed) send(message)
  }

  function answer(id: number, name: string, input: unknown): void {
    if (requestsUnderWay >= MOST_REQUESTS) {
      reply({ id, error: new AppError('RATE_LIMITED', `A client may have ${MOST_REQUESTS} requests under way at most.`).toBody() })
      return
    }
    requestsUnderWay++
    router
      .request(name, input, caller)
      .then(
        (output) => reply({ id, output }),
        (error: AppError) => reply({ id, error: error.toBody() }),
      )
      .finally(() => requestsUnderWay--)
  }

  function openStream(id: number, name: string, input: unknown): void {
    if (subscriptions.has(id)) throw new AppError('CONFLICT', `Stream ${id} is open already.`)
    if (subscriptions.size >= MOST_STREAMS) throw new AppError('RATE_LIMITED', `A client may follow ${MOST_STREAMS} streams at most.`)
    let hasEnded = false
    const subscription = router.open(name, input, caller, {
      push: (item) => {
        if (!hasEnded) reply({ id, item: item as JsonValue })
      },
      end: (error) => {
        if (hasEnded) return
        hasEnded = true
        subscriptions.delete(id)
        reply(error ? { id, error: error.toBody() } : { id, ended: true })
      },
    })
    if (hasEnded) subscription.close()
    else subscriptions.set(id, subscription)
  }

  return {
    receive(message) {
      if (isClosed) return
      const result = ClientMessage.safeParse(message)
      if (!result.success) {
        reply({ id: 0, error: new AppError('INVALID_INPUT', 'That message is none that this room understands.').toBody() })
        return
      }
      const parsed = result.data
      if ('request' in parsed) {
        answer(parsed.id, parsed.request, parsed.input)
      } else if ('open' in parsed) {
        try {
          openStream(parsed.id, parsed.open, parsed.input)
        } catch (error) {
          reply({ id: parsed.id, error: (error as AppError).toBody() })
        }
      } else if ('acknowledge' in parsed) {
        subscriptions.get(parsed.id)?.acknowledge?.(parsed.acknowledge)
      } else {
        subscriptions.get(parsed.id)?.close()
        subscriptions.delete(parsed.id)
      }
    },

    close() {
      isClosed = true
      for (const subscription of subscriptions.values()) subscription.close()
      subscriptions.clear()
    },
  }
}
