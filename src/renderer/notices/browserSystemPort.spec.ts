// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest'
import { settle } from '../room/testRoom.ts'
import { browserSystemPort } from './browserSystemPort.ts'
import type { SystemMessage } from './systemPort.ts'

vi.mock('./noticeWorker.ts?worker&url', () => ({ default: '/assets/noticeWorker.js' }))

const MESSAGE: SystemMessage = { tag: 'iron-cage 1', title: 'It waits', body: 'gpt-4', actions: [{ action: 'approve', title: 'Approve $25 increase' }], isUrgent: true }

class PlainNotification {
  static permission = 'granted'
  static made: PlainNotification[] = []
  onclick: (() => void) | null = null
  onclose: (() => void) | null = null
  isClosed = false
  readonly title: string
  readonly options: object
  constructor(title: string, options: object) {
    this.title = title
    this.options = options
    PlainNotification.made.push(this)
  }
  close(): void {
    this.isClosed = true
    this.onclose?.()
  }
}

/** A page with as much of a browser as notifications need. */
function createPage({ hasWorker = true, isSecureContext = true } = {}) {
  PlainNotification.made = []
  const posted: unknown[] = []
  const listeners: ((event: { data: unknown }) => void)[] = []
  const worker = { state: 'activated', postMessage: (message: unknown) => posted.push(message) }
  const closed: string[] = []
  const registration = { active: worker, getNotifications: async ({ tag }: { tag: string }) => [{ close: () => closed.push(tag) }] }
  const serviceWorker = {
    addEventListener: (_name: string, listener: (event: { data: unknown }) => void) => listeners.push(listener),
    startMessages: () => {},
    register: async (address: string) => {
      if (!hasWorker) throw new Error(`No service worker from ${address} here.`)
      return registration
    },
  }
  const page = { Notification: PlainNotification, isSecureContext, navigator: { serviceWorker }, document: { visibilityState: 'visible', hasFocus: () => false }, focus: () => {} }
  const answer = (data: unknown): void => listeners.forEach((listener) => listener({ data }))
  return { port: browserSystemPort(page as never), posted, closed, answer }
}

describe('notifications of the page', () => {
  it('go to a service worker, whose buttons answer once', async () => {
    const { port, posted, answer } = createPage()
    const answers: (string | null)[] = []
    port.show(MESSAGE, (action) => answers.push(action))
    await settle()
    expect(posted).toEqual([MESSAGE])
    answer({ tag: 'iron-cage 2', action: 'approve' })
    answer({ tag: 'iron-cage 1', action: 'approve' })
    answer({ tag: 'iron-cage 1', action: 'approve' })
    expect(answers).toEqual(['approve'])
  })

  it('are plain ones where there can be no service worker; pressing one answers', async () => {
    const { port } = createPage({ hasWorker: false })
    const answers: (string | null)[] = []
    port.show(MESSAGE, (action) => answers.push(action))
    await settle()
    const [made] = PlainNotification.made
    expect([made?.title, made?.options]).toEqual(['It waits', { tag: 'iron-cage 1', body: 'gpt-4', requireInteraction: true }])
    made?.onclick?.()
    expect([answers, made?.isClosed]).toEqual([[null], true])
  })

  it('are taken back, also before they were shown', async () => {
    const { port, posted, closed } = createPage()
    port.show(MESSAGE, () => {})
    port.withdraw('iron-cage 1')
    await settle()
    expect(posted).toEqual([])
    expect(closed).toEqual(['iron-cage 1'])
    const plain = createPage({ hasWorker: false })
    plain.port.show(MESSAGE, () => {})
    await settle()
    plain.port.withdraw('iron-cage 1')
    expect(PlainNotification.made[0]?.isClosed).toBe(true)
  })

  it('are absent where the page is not secure', () => {
    const { port } = createPage({ isSecureContext: false })
    expect([port.isThere, port.permission()]).toEqual([false, 'denied'])
  })
})
