import type { DesktopBridge } from '../../preload/bridge.ts'
import { isLookedAt } from '@/room/attention.ts'
import type { SystemPort } from './systemPort.ts'

/** The desktop's own notifications, which its window shows for the page: their buttons work whatever the page is doing. */
export function desktopSystemPort(desktop: DesktopBridge, page: Pick<Document, 'visibilityState' | 'hasFocus'>): SystemPort {
  const answers = new Map<string, (action: string | null) => void>()
  /** Nobody has to allow it; whether the desktop shows any, it is asked. */
  let permission: NotificationPermission = 'granted'

  desktop.onMessage((message) => {
    if (message.kind !== 'answered') return
    const own = answers.get(message.tag)
    answers.delete(message.tag)
    own?.(message.action)
  })

  return {
    isThere: true,
    permission: () => permission,
    ask: () =>
      new Promise((resolve) => {
        const stop = desktop.onMessage((message) => {
          if (message.kind !== 'mayNotify') return
          stop()
          permission = message.isSupported ? 'granted' : 'denied'
          resolve(permission)
        })
        desktop.post({ kind: 'mayNotify' })
      }),
    isLookedAt: () => isLookedAt(page),
    show({ tag, title, body, actions, isUrgent }, own) {
      answers.set(tag, own)
      desktop.post({ kind: 'notify', tag, title: title.slice(0, 300), body: body.slice(0, 2_000), actions: actions.map((one) => ({ ...one })), isUrgent })
    },
    withdraw(tag) {
      answers.delete(tag)
      desktop.post({ kind: 'withdraw', tag })
    },
    comeForward: () => desktop.post({ kind: 'comeForward' }),
  }
}
