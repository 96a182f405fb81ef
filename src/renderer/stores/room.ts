import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { CommandOutput } from '../../shared/contract/contract.ts'
import { useRoomConnection, type ConnectionState } from '@/room/connection.ts'
import { useNoticesStore } from './notices.ts'

export type Identity = CommandOutput<'room.identity'>

/** Whether the room is there, and as whom it knows us. */
export const useRoomStore = defineStore('room', () => {
  const connection = useRoomConnection()
  const notices = useNoticesStore()
  const state = shallowRef<ConnectionState>(connection.state())
  const identity = shallowRef<Identity | null>(null)
  /** Until it is open again: to whoever sits there now nothing of it is shown while it is asked anew. */
  const isSignedOut = shallowRef(false)
  /** Since when what is shown is old; null while it is live. */
  const lostAt = shallowRef<number | null>(null)
  /** Offers only; the room itself refuses what a role may not do. */
  const isAdmin = computed(() => identity.value?.caller.role === 'admin')
  /** The machine's owner comes in with a link or the window, and has none. */
  const hasPassword = computed(() => identity.value !== null && identity.value.caller.id !== 'owner')
  const isOpen = computed(() => state.value.kind === 'open')

  async function identify(): Promise<void> {
    try {
      identity.value = await connection.client.request('room.identity', {})
    } catch (problem) {
      if (connection.state().kind === 'open') notices.fail(problem)
    }
  }

  async function signOut(): Promise<void> {
    try {
      await connection.signOut?.()
    } catch (problem) {
      notices.fail(problem)
    }
  }

  /** All sessions end with it, and so does this connection. */
  const changePassword = (current: string, password: string): Promise<unknown> => connection.client.request('user.changeOwnPassword', { current, password })

  function enter(next: ConnectionState): void {
    if (next.kind === 'open') lostAt.value = null
    else if (state.value.kind === 'open') lostAt.value = Date.now()
    state.value = next
    if (next.kind === 'open') {
      isSignedOut.value = false
      void identify()
    }
    if (next.kind === 'signed-out') {
      isSignedOut.value = true
      identity.value = null
    }
  }
  enter(connection.state())
  onScopeDispose(connection.onState(enter))

  return { state, identity, isSignedOut, lostAt, isAdmin, hasPassword, isOpen, hasSession: connection.signOut !== null, signOut, changePassword, retry: () => connection.retry() }
})
