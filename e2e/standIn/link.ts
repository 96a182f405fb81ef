/**
 * The stand-in lives in two processes. The built main bundle runs in a process of its own, as it does under Electron; the screen, where each
 * window is a Chromium page, belongs to the test. These are the messages between them.
 */

export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

/** From the main process to the screen. */
export type ToScreen =
  | { kind: 'open'; window: number; preload: string; bounds: Rectangle }
  | { kind: 'load'; window: number; url: string; call: number }
  | { kind: 'send'; window: number; document: number; channel: string; args: unknown[] }
  | { kind: 'close'; window: number }
  | { kind: 'focus'; window: number }
  | { kind: 'ask'; call: number; message: string; detail: string; buttons: string[]; cancelId: number }
  | { kind: 'errorBox'; title: string; content: string }
  | { kind: 'openExternal'; url: string }
  | { kind: 'notification'; id: number; title: string; body: string; buttons: string[] }
  | { kind: 'notificationCloses'; id: number }
  | { kind: 'answer'; call: number; value: unknown }

/** From the screen to the main process. */
export type ToMain =
  | { kind: 'screen' }
  | { kind: 'answer'; call: number; value: unknown }
  | { kind: 'document'; window: number; url: string }
  | { kind: 'message'; window: number; channel: string; args: unknown[]; origin: string; isTopFrame: boolean }
  | { kind: 'crashed'; window: number }
  | { kind: 'userCloses'; window: number }
  | { kind: 'userMoves'; window: number; bounds: Rectangle }
  | { kind: 'userQuits' }
  | { kind: 'systemShutsDown' }
  | { kind: 'openFile'; path: string }
  | { kind: 'openUrl'; url: string }
  /** Which button, or null for the notification itself. */
  | { kind: 'userPresses'; id: number; button: number | null }
  | { kind: 'clipboard'; call: number; text: string | null }
  | { kind: 'request'; call: number; url: string; method: string }
  | { kind: 'willNavigate'; call: number; window: number; url: string }
  | { kind: 'windowOpen'; call: number; window: number; url: string }
  | { kind: 'permission'; call: number; window: number; permission: string; origin: string }

/** The answer to `request`; null when the page may not load this at all. */
export type Served = { status: number; headers: Record<string, string>; bodyBase64: string } | null

/** What the page's own origin is called in Chromium, which knows no `app:` scheme. */
export const SUBSTITUTE_ORIGIN = 'https://control-room.stand-in'
const OWN_ORIGIN = 'app://control-room'

export function toSubstitute(address: string): string {
  return address.startsWith(OWN_ORIGIN) ? SUBSTITUTE_ORIGIN + address.slice(OWN_ORIGIN.length) : address
}

export function fromSubstitute(address: string): string {
  return address === SUBSTITUTE_ORIGIN || address.startsWith(`${SUBSTITUTE_ORIGIN}/`)
    ? OWN_ORIGIN + address.slice(SUBSTITUTE_ORIGIN.length)
    : address
}
