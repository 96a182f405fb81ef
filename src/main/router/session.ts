import type { Caller } from '../../shared/domain/roles.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import { ClientMessage, type ServerMessage } from '../../shared/wire.ts'
import type { Router, Subscription } from './router.ts'

/** One client's conversation with the room, over whichever wire. */
export interface Session {
  receive(message: unknown): void
  close(): void
}

interface OpenStream {
  subscription: Subscription | null
  /** Whichever side ended it: nothing is pushed after, even if the id is in use again. */
  hasEnded: boolean
}

/** More than any honest client has open at once. */
const MOST_STREAMS = 256
const MOST_REQUESTS = 1024

const TOO_LARGE = new AppError('TOO_LARGE', 'The answer is too large for one message; ask for less at once.')

export function createSession(router: Router, caller: Caller, send: (message: ServerMessage) => void): Session {
  const streams = new Map<number, OpenStream>()
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
      // What does not fit into one message is told, as it would be over any other door.
      .catch(() => reply({ id, error: TOO_LARGE.toBody() }))
      // Nobody is at the end of a wire that does not take that either.
      .catch(() => {})
      .finally(() => requestsUnderWay--)
  }

  function openStream(id: number, name: string, input: unknown): void {
    if (streams.has(id)) throw new AppError('CONFLICT', `Stream ${id} is open already.`)
    if (streams.size >= MOST_STREAMS) throw new AppError('RATE_LIMITED', `A client may follow ${MOST_STREAMS} streams at most.`)
    const stream: OpenStream = { subscription: null, hasEnded: false }
    streams.set(id, stream)
    try {
      stream.subscription = router.open(name, input, caller, {
        push: (item) => {
          if (!stream.hasEnded) reply({ id, item: item as JsonValue })
        },
        end: (error) => {
          if (stream.hasEnded) return
          stream.hasEnded = true
          streams.delete(id)
          reply(error ? { id, error: error.toBody() } : { id, ended: true })
        },
      })
    } catch (error) {
      letGo(id, stream)
      throw error
    }
    // It may be over before its handler has returned.
    if (stream.hasEnded) stream.subscription.close()
  }

  function letGo(id: number, stream: OpenStream): void {
    stream.hasEnded = true
    streams.delete(id)
    stream.subscription?.close()
  }

  return {
    receive(message) {
      if (isClosed) return
      const parsed = read(message)
      if (!parsed) {
        reply({ id: idOf(message), error: new AppError('INVALID_INPUT', 'That message is none that this room understands.').toBody() })
        return
      }
      if ('request' in parsed) {
        answer(parsed.id, parsed.request, parsed.input)
      } else if ('open' in parsed) {
        try {
          openStream(parsed.id, parsed.open, parsed.input)
        } catch (error) {
          reply({ id: parsed.id, error: (error as AppError).toBody() })
        }
      } else if ('acknowledge' in parsed) {
        streams.get(parsed.id)?.subscription?.acknowledge?.(parsed.acknowledge)
      } else {
        const stream = streams.get(parsed.id)
        if (stream) letGo(parsed.id, stream)
      }
    },

    close() {
      isClosed = true
      for (const [id, stream] of streams) letGo(id, stream)
    },
  }
}

/** Whoever asked is told, as long as it said under which id it waits. */
function idOf(message: unknown): number {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : 0
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : 0
}

function read(message: unknown): ClientMessage | null {
  try {
    return ClientMessage.safeParse(message).data ?? null
  } catch (error) {
    // Nested so deeply that the check ran out of stack.
    if (error instanceof RangeError) return null
    throw error
  }
}
