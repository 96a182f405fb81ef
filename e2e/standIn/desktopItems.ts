import { EventEmitter } from 'node:events'
import type { Clipboard, Notification as ElectronNotification, NotificationConstructorOptions } from 'electron'
import type { MainLink } from './mainLink.ts'
import { onlyWhatIsCovered } from './onlyWhatIsCovered.ts'

/** What lies on the desktop beside the windows: its notifications, and its clipboard. */
export function createDesktopItems(link: MainLink, requireReady: (what: string) => void) {
  const shown = new Map<number, StandInNotification>()
  let lastId = 0
  let text = ''

  class StandInNotification extends EventEmitter implements Pick<ElectronNotification, 'show' | 'close'> {
    static isSupported(): boolean {
      return true
    }

    readonly id = ++lastId
    readonly options: NotificationConstructorOptions

    constructor(options: NotificationConstructorOptions = {}) {
      super()
      requireReady('Notification')
      this.options = options
      return onlyWhatIsCovered('Notification', this)
    }

    show(): void {
      const { title = '', body = '', actions = [] } = this.options
      shown.set(this.id, this)
      link.tell({ kind: 'notification', id: this.id, title, body, buttons: actions.map((action) => action.text ?? '') })
    }

    close(): void {
      if (!shown.delete(this.id)) return
      link.tell({ kind: 'notificationCloses', id: this.id })
      this.emit('close', { reason: 'applicationHidden' })
    }
  }

  const clipboard = onlyWhatIsCovered('clipboard', {
    readText: async () => text,
    writeText: async (written: string) => {
      text = written
    },
    clear: () => {
      text = ''
    },
  } satisfies Pick<Clipboard, 'readText' | 'writeText' | 'clear'>)

  return {
    Notification: onlyWhatIsCovered('Notification', StandInNotification),
    clipboard,
    userPresses(id: number, button: number | null): void {
      const notification = shown.get(id)
      if (button === null) notification?.emit('click', {})
      else notification?.emit('action', { actionIndex: button, selectionIndex: -1 })
    },
    /** What somebody else copies, or null; gives what is there then. */
    copied(given: string | null): string {
      if (given !== null) text = given
      return text
    },
  }
}
