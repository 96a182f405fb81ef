import { createHash } from 'node:crypto'
import type { Clipboard } from 'electron'
import type { Clock, Timer } from '../ports.ts'

export const IN_CLIPBOARD_MS = 60_000

export interface ClipboardLease {
  /** Says whether it was copied; after the release nothing is. */
  copy(text: string): Promise<boolean>
  /** At once, as when the room closes: whoever would clear it later is gone by then. */
  release(): Promise<void>
}

/** A secret stays in the clipboard for a minute, and is cleared then if it still is that very text. In between only a hash of it is kept. */
export function createClipboardLease(clipboard: Pick<Clipboard, 'readText' | 'writeText' | 'clear'>, clock: Pick<Clock, 'after'>): ClipboardLease {
  let lease: { readonly hash: string; readonly timer: Timer } | null = null
  let isOver = false

  async function clear(): Promise<void> {
    const own = lease
    lease = null
    own?.timer.cancel()
    if (own === null) return
    try {
      if (hashOf(await clipboard.readText()) === own.hash) clipboard.clear()
    } catch {
      // A clipboard that nobody may look into is not ours to clear.
    }
  }

  return {
    async copy(text) {
      if (isOver) return false
      try {
        await clipboard.writeText(text)
      } catch {
        return false
      }
      lease?.timer.cancel()
      lease = { hash: hashOf(text), timer: clock.after(IN_CLIPBOARD_MS, () => void clear()) }
      // The room has closed while it was written.
      if (isOver) await clear()
      return !isOver
    },
    release() {
      isOver = true
      return clear()
    },
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
