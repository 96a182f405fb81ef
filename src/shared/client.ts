import type { CommandInput, CommandName, CommandOutput, StreamInput, StreamItem, StreamName } from './contract/contract.ts'
import { AppError } from './errors.ts'
import type { ClientMessage, ServerMessage } from './wire.ts'

/** The room as seen from a renderer or a command line. Contract types only: no schema travels with it. */
export interface ControlRoomClient {
  request<N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>>
  follow<N extends StreamName>(name: N, input: StreamInput<N>, listener: StreamListener<StreamItem<N>>): Following
}

export interface StreamListener<T> {
  onItem(item: T): void
  /** The other side ended it; with an error when it was not meant to end. */
  onEnd?(error: AppError | null): void
}

export interface Following {
  /** So much has been dealt with: the sender may go on. */
  acknowledge(count: number): void
  close(): void
}

/** A client over one wire. The wire's owner feeds it messages and tells it when the wire is gone. */
export interface WireClient extends ControlRoomClient {
  receive(message: ServerMessage): void
  /** Fails what waits and ends what is followed. */
  disconnected(reason: string): void
}

interface Waiting {
  resolve(output: unknown): void
  reject(error: AppError): void
}

export function createWireClient(post: (message: ClientMessage) => void): WireClient {
  let lastId = 0
  const requests = new Map<number, Waiting>()
  const followings = new Map<number, StreamListener<unknown>>()

  return {
    request(name, input) {
      const id = ++lastId
      return new Promise((resolve, reject) => {
        requests.set(id, { resolve: resolve as Waiting['resolve'], reject })
        post({ id, request: name, input: input as never })
      })
    },

    follow(name, input, listener) {
      const id = ++lastId
      followings.set(id, listener as StreamListener<unknown>)
      post({ id, open: name, input: input as never })
      return {
        acknowledge: (count) => {
          if (followings.has(id)) post({ id, acknowledge: count })
        },
        close: () => {
          if (followings.delete(id)) post({ id, close: true })
        },
      }
    },

    receive(message) {
      if ('item' in message) {
        followings.get(message.id)?.onItem(message.item)
        return
      }
      const waiting = requests.get(message.id)
      if (waiting) {
        requests.delete(message.id)
        if ('output' in message) waiting.resolve(message.output)
        else if ('error' in message) waiting.reject(AppError.fromBody(message.error))
        return
      }
      const listener = followings.get(message.id)
      followings.delete(message.id)
      listener?.onEnd?.('error' in message ? AppError.fromBody(message.error) : null)
    },

    disconnected(reason) {
      const error = new AppError('UNAVAILABLE', reason)
      const waiting = [...requests.values()]
      const listeners = [...followings.values()]
      requests.clear()
      followings.clear()
      for (const one of waiting) one.reject(error)
      for (const one of listeners) one.onEnd?.(error)
    },
  }
}
