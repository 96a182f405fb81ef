import type { Clipboard } from 'electron'
import type { FromWindow, ToWindow } from '../../shared/windowWire.ts'
import type { Clock } from '../ports.ts'
import { createClipboardLease } from './clipboardLease.ts'
import { createSystemNotices, type NotificationClass } from './systemNotices.ts'

export interface WindowServicesOptions {
  readonly Notification: NotificationClass
  readonly clipboard: Pick<Clipboard, 'readText' | 'writeText' | 'clear'>
  readonly clock: Pick<Clock, 'after'>
  readonly comeForward: () => void
}

export interface WindowServices {
  handle(message: ToWindow, answer: (message: FromWindow) => void): void
  /** What its notifications offered, nobody could do any more. */
  pageGone(): void
  /** The room closes: no secret of it stays in the clipboard, and no notification asks for an answer. */
  release(): Promise<void>
}

/** What the desktop does for the page, each in one place. */
export function createWindowServices({ Notification, clipboard, clock, comeForward }: WindowServicesOptions): WindowServices {
  const notices = createSystemNotices(Notification)
  const lease = createClipboardLease(clipboard, clock)
  let isOver = false

  return {
    handle(message, answer) {
      switch (message.kind) {
        case 'comeForward':
          return comeForward()
        case 'mayNotify':
          return answer({ kind: 'mayNotify', isSupported: notices.isSupported() })
        case 'notify':
          if (isOver) return
          return notices.show(message, (action) => answer({ kind: 'answered', tag: message.tag, action }))
        case 'withdraw':
          return notices.withdraw(message.tag)
        case 'copy':
          return void lease.copy(message.text).then((isDone) => answer({ kind: 'copied', isDone }))
      }
    },
    pageGone: notices.withdrawAll,
    async release() {
      isOver = true
      notices.withdrawAll()
      await lease.release()
    },
  }
}
