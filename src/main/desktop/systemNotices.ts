import type { Notification, NotificationConstructorOptions } from 'electron'
import type { ToWindow } from '../../shared/windowWire.ts'

export type SystemNotice = Extract<ToWindow, { kind: 'notify' }>

/** Electron's class, or what stands in for it. */
export interface NotificationClass {
  new (options: NotificationConstructorOptions): Pick<Notification, 'on' | 'show' | 'close'>
  isSupported(): boolean
}

export interface SystemNotices {
  isSupported(): boolean
  /** `answer` is told which button was pressed, or null for the notification itself; once. */
  show(notice: SystemNotice, answer: (action: string | null) => void): void
  withdraw(tag: string): void
  withdrawAll(): void
}

/** The operating system's notifications. Buttons stand on them where the system has buttons: macOS and Windows; on Linux pressing it leads to the room. */
export function createSystemNotices(Notification: NotificationClass): SystemNotices {
  /** Held here: one that is forgotten takes no answer any more. */
  const shown = new Map<string, Pick<Notification, 'on' | 'show' | 'close'>>()

  function withdraw(tag: string): void {
    const notification = shown.get(tag)
    shown.delete(tag)
    notification?.close()
  }

  return {
    isSupported: () => Notification.isSupported(),
    show({ tag, title, body, actions, isUrgent }, answer) {
      if (!Notification.isSupported()) return
      withdraw(tag)
      const notification = new Notification({
        title,
        body,
        actions: actions.map(({ title: text }) => ({ type: 'button', text })),
        urgency: isUrgent ? 'critical' : 'normal',
        timeoutType: isUrgent ? 'never' : 'default',
      })
      shown.set(tag, notification)
      const isOurs = (): boolean => shown.get(tag) === notification
      const take = (action: string | null): void => {
        if (!isOurs()) return
        withdraw(tag)
        answer(action)
      }
      notification.on('click', () => take(null))
      notification.on('action', ({ actionIndex }) => {
        const pressed = actions[actionIndex]
        // A button that was never offered decides nothing.
        if (pressed) take(pressed.action)
      })
      notification.on('close', ({ reason }) => {
        // On Windows it waits on among those of the system, with its buttons.
        if (isOurs() && reason !== 'timedOut') shown.delete(tag)
      })
      notification.show()
    },
    withdraw,
    withdrawAll: () => {
      for (const tag of [...shown.keys()]) withdraw(tag)
    },
  }
}
