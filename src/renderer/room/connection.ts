import { inject, type InjectionKey } from 'vue'
import type { ControlRoomClient } from '../../shared/client.ts'

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly retryAt: number }
  | { readonly kind: 'signed-out' }

/** The room, over whichever wire. What lives above cannot tell the desktop window from a browser. */
export interface RoomConnection {
  readonly client: ControlRoomClient
  state(): ConnectionState
  onState(listener: (state: ConnectionState) => void): () => void
  /** Brings files that the user handed over to where they can run, and names the script. */
  takeFiles(files: readonly File[]): Promise<string>
  /** Tries again at once instead of waiting. */
  retry(): void
  /** Ends this browser's session; null where there is none to end, as in the machine's own window. */
  readonly signOut: (() => Promise<void>) | null
  close(): void
}

export const roomConnectionKey: InjectionKey<RoomConnection> = Symbol('room connection')

/** For stores; nobody else talks to the room. */
export function useRoomConnection(): RoomConnection {
  const connection = inject(roomConnectionKey)
  if (!connection) throw new Error('The page was started without a connection to the control room.')
  return connection
}
