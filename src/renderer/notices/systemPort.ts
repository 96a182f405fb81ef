import type { InjectionKey } from 'vue'

export interface SystemAction {
  readonly action: string
  readonly title: string
}

export interface SystemMessage {
  /** The same tag takes the place of what was shown before. */
  readonly tag: string
  readonly title: string
  readonly body: string
  /** Left out where the system has no buttons for them. */
  readonly actions: readonly SystemAction[]
  /** Stays until somebody answers. */
  readonly isUrgent: boolean
}

/** The operating system's notifications, as far as this page may use them. */
export interface SystemPort {
  readonly isThere: boolean
  permission(): NotificationPermission
  /** Only when somebody has pressed a button for it. */
  ask(): Promise<NotificationPermission>
  /** Nobody needs a notification of what is before the eyes. */
  isLookedAt(): boolean
  /** `answer` is called with the button that was pressed, or with null where the notification itself was. */
  show(message: SystemMessage, answer: (action: string | null) => void): void
  withdraw(tag: string): void
  comeForward(): void
}

export const systemPortKey: InjectionKey<SystemPort> = Symbol('systemPort')

/** What the worker is told, and what it tells. */
export type ToNoticeWorker = SystemMessage
export interface FromNoticeWorker {
  readonly tag: string
  readonly action: string | null
}
