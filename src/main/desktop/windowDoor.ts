import type { IpcMain, IpcMainEvent, WebContents } from 'electron'
import { ToWindow, type FromWindow } from '../../shared/windowWire.ts'
import type { Log } from '../telemetry/log.ts'
import { isTrustedSender } from './ipcDoor.ts'

const CHANNEL = 'control-room-window'

export interface WindowDoorOptions {
  readonly ipc: Pick<IpcMain, 'on'>
  readonly log: Log
  readonly onMessage: (message: ToWindow, answer: (message: FromWindow) => void) => void
  /** A page has gone, and with it whoever could take an answer. */
  readonly onPageGone: () => void
}

/** What the page asks of its own window and of the desktop. Only our own page, only its top frame, and only in these words. */
export function openWindowDoor({ ipc, log, onMessage, onPageGone }: WindowDoorOptions): void {
  const watched = new WeakSet<WebContents>()

  function watch(contents: WebContents): void {
    if (watched.has(contents)) return
    watched.add(contents)
    contents.on('did-navigate', onPageGone)
    contents.on('render-process-gone', onPageGone)
    contents.on('destroyed', onPageGone)
  }

  ipc.on(CHANNEL, ({ sender, senderFrame }: IpcMainEvent, given: unknown) => {
    const parsed = isTrustedSender(senderFrame) ? ToWindow.safeParse(given) : null
    if (!parsed?.success) {
      // What it said is not repeated: it may have been meant for the clipboard.
      const fields = { origin: senderFrame?.origin ?? null }
      return log.write({ level: 'WARN', event: 'desktop.windowMessageRefused', msg: 'A message to the window was refused.', fields })
    }
    watch(sender)
    onMessage(parsed.data, (message) => {
      if (!sender.isDestroyed()) sender.send(CHANNEL, message)
    })
  })
}
