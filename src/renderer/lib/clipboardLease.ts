import type { DesktopBridge } from '../../preload/bridge.ts'
import type { Timing } from '@/room/timing.ts'
import { copyText } from './copyText.ts'

export const IN_CLIPBOARD_MS = 60_000

/** What becomes of a copied text: taken out of the clipboard again; left there, for nobody may look; or it was not copied at all. */
export type CopyOutcome = 'cleared-later' | 'stays' | 'refused'

let lastLease = 0

/** Copies, and clears the clipboard after a minute if it still holds that very text. In between only a hash of it is kept here. */
export async function copyForAWhile(text: string, timing: Timing): Promise<CopyOutcome> {
  if (window.controlRoom) return copyInDesktop(window.controlRoom.desktop, text)
  if (!(await copyText(text))) return 'refused'
  const own = ++lastLease
  if (!(await mayRead())) return 'stays'
  const hash = await hashOf(text)
  timing.after(IN_CLIPBOARD_MS, () => void clearOnceInFront(hash, () => own === lastLease))
  return 'cleared-later'
}

/** The window itself clears it: behind other windows too, and when the room closes before. */
function copyInDesktop(desktop: DesktopBridge, text: string): Promise<CopyOutcome> {
  return new Promise((resolve) => {
    const stop = desktop.onMessage((message) => {
      if (message.kind !== 'copied') return
      stop()
      resolve(message.isDone ? 'cleared-later' : 'refused')
    })
    desktop.post({ kind: 'copy', text })
  })
}

/** Where the browser asks its user, it asks now, and not a minute later out of nowhere. */
async function mayRead(): Promise<boolean> {
  try {
    const { state } = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName })
    if (state === 'prompt') await navigator.clipboard.readText()
    return state !== 'denied'
  } catch {
    return false
  }
}

/** A page may look into the clipboard only while it is in front. */
async function clearOnceInFront(hash: string, isStillOurs: () => boolean): Promise<void> {
  if (!isStillOurs()) return
  try {
    if ((await hashOf(await navigator.clipboard.readText())) === hash) await navigator.clipboard.writeText('')
  } catch {
    window.addEventListener('focus', () => void clearOnceInFront(hash, isStillOurs), { once: true })
  }
}

async function hashOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
