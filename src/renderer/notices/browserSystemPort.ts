import { isLookedAt } from '@/room/attention.ts'
import workerAddress from './noticeWorker.ts?worker&url'
import type { FromNoticeWorker, SystemMessage, SystemPort, ToNoticeWorker } from './systemPort.ts'

/** The page's own notifications: through a service worker where it can have one, for only that has buttons; else plain ones. */
export function browserSystemPort(page: Window & typeof globalThis): SystemPort {
  const isThere = 'Notification' in page && page.isSecureContext
  const answers = new Map<string, (action: string | null) => void>()
  const plain = new Map<string, Notification>()
  let registering: Promise<ServiceWorkerRegistration | null> | null = null

  async function register(): Promise<ServiceWorkerRegistration | null> {
    const { serviceWorker } = page.navigator
    if (!serviceWorker) return null
    try {
      serviceWorker.addEventListener('message', (event: MessageEvent<FromNoticeWorker>) => answer(event.data.tag, event.data.action))
      serviceWorker.startMessages()
      return await serviceWorker.register(workerAddress)
    } catch {
      return null
    }
  }

  function answer(tag: string, action: string | null): void {
    const own = answers.get(tag)
    answers.delete(tag)
    own?.(action)
  }

  function showPlain({ tag, title, body, isUrgent }: SystemMessage): void {
    const notification = new page.Notification(title, { tag, body, requireInteraction: isUrgent })
    plain.set(tag, notification)
    notification.onclick = () => {
      notification.close()
      answer(tag, null)
    }
    notification.onclose = () => {
      if (plain.get(tag) === notification) plain.delete(tag)
    }
  }

  return {
    isThere,
    permission: () => (isThere ? page.Notification.permission : 'denied'),
    ask: async () => (isThere ? page.Notification.requestPermission() : 'denied'),
    isLookedAt: () => isLookedAt(page.document),
    show(message, own) {
      answers.set(message.tag, own)
      registering ??= register()
      void registering.then(async (registration) => {
        const worker = registration && (await activeWorker(registration))
        // Dealt with while the worker was starting.
        if (!answers.has(message.tag)) return
        if (worker) worker.postMessage({ ...message, actions: [...message.actions] } satisfies ToNoticeWorker)
        else showPlain(message)
      })
    },
    withdraw(tag) {
      answers.delete(tag)
      plain.get(tag)?.close()
      void registering?.then(async (registration) => {
        for (const notification of (await registration?.getNotifications({ tag })) ?? []) notification.close()
      })
    },
    comeForward: () => page.focus(),
  }
}

/** The one that runs, once it does; null where it never will. */
function activeWorker(registration: ServiceWorkerRegistration): Promise<ServiceWorker | null> {
  const worker = registration.active ?? registration.waiting ?? registration.installing
  if (!worker || worker.state === 'activated') return Promise.resolve(worker)
  return new Promise((resolve) => {
    const look = (): void => {
      if (worker.state !== 'activated' && worker.state !== 'redundant') return
      worker.removeEventListener('statechange', look)
      resolve(worker.state === 'activated' ? worker : null)
    }
    worker.addEventListener('statechange', look)
  })
}
