import type { IpcMain, IpcMainEvent, WebContents } from 'electron'
import { readJson } from '../api/readJson.ts'
import type { Router } from '../router/router.ts'
import { createSession, type Session } from '../router/session.ts'
import type { Log } from '../telemetry/log.ts'
import { ORIGIN } from './appScheme.ts'

/** The preload's one channel, both ways. */
const CHANNEL = 'control-room'

/** Who sits at this computer owns the room. */
export const OWNER = { role: 'admin', id: 'owner' } as const

/** The parts of a frame that decide whether its messages count. */
interface Sender {
  readonly origin: string
  readonly parent: unknown
  readonly detached: boolean
}

/** Only our own page, and only its top frame: a frame within could be anybody's. A page that is on its way out has nothing more to say. */
export function isTrustedSender(frame: Sender | null): boolean {
  return frame !== null && !frame.detached && frame.parent === null && frame.origin === ORIGIN
}

/** Opens the room to the window: one session for each page that is shown, as long as it is shown. */
export function openIpcDoor(ipc: IpcMain, router: Router, log: Log): { close(): void } {
  const sessions = new Map<WebContents, Session>()
  const watched = new WeakSet<WebContents>()

  function endSession(contents: WebContents): void {
    sessions.get(contents)?.close()
    sessions.delete(contents)
  }

  function watch(contents: WebContents): void {
    if (watched.has(contents)) return
    watched.add(contents)
    // A reloaded page counts its messages from one again: it gets a session of its own.
    contents.on('did-navigate', () => endSession(contents))
    contents.on('render-process-gone', () => endSession(contents))
    contents.on('destroyed', () => endSession(contents))
  }

  function sessionOf(contents: WebContents): Session {
    const open = sessions.get(contents)
    if (open) return open
    watch(contents)
    const session = createSession(router, OWNER, (message) => {
      if (!contents.isDestroyed()) contents.send(CHANNEL, message)
    })
    sessions.set(contents, session)
    return session
  }

  function onMessage(event: IpcMainEvent, message: unknown): void {
    const frame = event.senderFrame
    if (isTrustedSender(frame)) {
      sessionOf(event.sender).receive(asJson(message))
      return
    }
    log.write({
      level: 'WARN',
      event: 'desktop.messageRefused',
      msg: 'A message from a page that is not ours was refused.',
      fields: { origin: frame?.origin ?? null, isTopFrame: frame?.parent === null },
    })
  }

  ipc.on(CHANNEL, onMessage)
  return {
    close() {
      ipc.off(CHANNEL, onMessage)
      for (const contents of [...sessions.keys()]) endSession(contents)
    },
  }
}

/** Electron's wire carries more than JSON, such as `undefined`; the room takes what a WebSocket would have brought. Of anything else the id is left, so that whoever waits is told. */
function asJson(message: unknown): unknown {
  try {
    return readJson(JSON.stringify(message))
  } catch {
    return { id: typeof message === 'object' && message !== null && 'id' in message ? message.id : 0 }
  }
}
