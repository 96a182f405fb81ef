import { EventEmitter } from 'node:events'
import type { NotificationConstructorOptions } from 'electron'
import type { NotificationClass } from './systemNotices.ts'

/** An invented desktop for specs: its notifications and its clipboard. */
export function createTestDesktop({ isSupported = true } = {}) {
  const made: TestNotification[] = []
  class TestNotification extends EventEmitter {
    readonly options: NotificationConstructorOptions
    state: 'new' | 'shown' | 'closed' = 'new'

    constructor(options: NotificationConstructorOptions) {
      super()
      this.options = options
      made.push(this)
    }

    static isSupported = (): boolean => isSupported

    show(): void {
      this.state = 'shown'
    }

    close(): void {
      this.state = 'closed'
      this.emit('close', { reason: 'applicationHidden' })
    }
  }
  const clipboard = {
    text: '',
    isRefused: false,
    readText: async () => {
      if (clipboard.isRefused) throw new Error('not now')
      return clipboard.text
    },
    writeText: async (text: string) => {
      if (clipboard.isRefused) throw new Error('not now')
      clipboard.text = text
    },
    clear: () => {
      clipboard.text = ''
    },
  }
  return { Notification: TestNotification as unknown as NotificationClass, made, clipboard }
}

/** Lets everything that is promised already happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
