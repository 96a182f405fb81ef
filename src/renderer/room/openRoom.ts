import { AppError, type ErrorBody } from '../../shared/errors.ts'
import { connectOverBridge } from './bridgeConnection.ts'
import type { RoomConnection } from './connection.ts'
import { connectOverSocket, type Socket, type SocketHost } from './socketConnection.ts'
import { browserTiming } from './timing.ts'

/** Over the window's bridge where there is one, else over a WebSocket to where the page came from. */
export function openRoom(page: Window): RoomConnection {
  if (page.controlRoom) return connectOverBridge(page.controlRoom)
  const connection = connectOverSocket(browserHost(page), browserTiming)
  // Somebody may have signed in in another tab, or the network is back.
  page.addEventListener('focus', () => connection.retry())
  page.addEventListener('online', () => connection.retry())
  return connection
}

function browserHost(page: Window): SocketHost {
  const address = new URL('/ws', page.location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  return {
    openSocket: () => new WebSocket(address) as unknown as Socket,
    isSignedIn: async () => {
      try {
        const answer = await fetch('/api/identity', { credentials: 'same-origin', cache: 'no-store' })
        if (answer.status === 401) return 'no'
        return answer.ok ? 'yes' : 'unknown'
      } catch {
        return 'unknown'
      }
    },
    signOut: async () => {
      const answer = await fetch('/api/auth/logout', { method: 'POST', credentials: 'same-origin', cache: 'no-store' }).catch(() => null)
      // Out already, as in another tab.
      if (answer && (answer.ok || answer.status === 401)) return
      const refusal = (await answer?.json().catch(() => null)) as { error: ErrorBody } | null | undefined
      throw refusal ? AppError.fromBody(refusal.error) : new AppError('UNAVAILABLE', 'The control room did not answer; this browser may still be signed in. Try again in a moment.')
    },
  }
}
