import type { FromNoticeWorker, ToNoticeWorker } from './systemPort.ts'

/** Buttons on a notification only come from a service worker. It does nothing else: it keeps nothing, and no request goes through it. */

/** The few parts of a service worker's world that are used here; TypeScript's own library of it cannot stand beside the page's. */
interface Client {
  readonly id: string
  focus(): Promise<unknown>
  postMessage(message: FromNoticeWorker): void
}
interface WorkerEvent {
  waitUntil(promise: Promise<unknown>): void
}
interface MessageToWorker extends WorkerEvent {
  readonly data: ToNoticeWorker
  readonly source: Client | null
}
interface NotificationClick extends WorkerEvent {
  /** Empty where the notification itself was pressed. */
  readonly action: string
  readonly notification: { readonly tag: string; readonly data: { readonly page: string | null }; close(): void }
}
interface WorkerWorld {
  readonly registration: { showNotification(title: string, options: object): Promise<void> }
  readonly clients: { get(id: string): Promise<Client | undefined> }
  skipWaiting(): Promise<void>
  addEventListener(name: 'install', listener: (event: WorkerEvent) => void): void
  addEventListener(name: 'message', listener: (event: MessageToWorker) => void): void
  addEventListener(name: 'notificationclick', listener: (event: NotificationClick) => void): void
}
const world = globalThis as unknown as WorkerWorld

world.addEventListener('install', (event) => event.waitUntil(world.skipWaiting()))

world.addEventListener('message', (event) => {
  const { tag, title, body, actions, isUrgent } = event.data
  event.waitUntil(world.registration.showNotification(title, { tag, body, actions, requireInteraction: isUrgent, data: { page: event.source?.id ?? null } }))
})

world.addEventListener('notificationclick', (event) => {
  const { notification, action } = event
  notification.close()
  const answer = async (): Promise<void> => {
    // A page that has gone has nobody who could decide; a new one shows what waits.
    const page = notification.data.page === null ? undefined : await world.clients.get(notification.data.page)
    if (!page) return
    page.postMessage({ tag: notification.tag, action: action || null })
    // What was decided by a button needs no window; the others want to look.
    if (!action) await page.focus()
  }
  event.waitUntil(answer())
})
