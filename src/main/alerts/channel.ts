import type { AlertChannel } from '../../shared/domain/alert.ts'
import type { AlertMessage } from './message.ts'

/** What came of one attempt; `problem` ends a sentence for people and names no secret. */
export type Delivery = { readonly outcome: 'sent' } | { readonly outcome: 'failed'; readonly problem: string; readonly isFinal: boolean }

/** One way out of the room. It answers, it never throws for what the other side does. */
export interface Channel {
  readonly channel: AlertChannel
  /** Where it leads, as people may read it: never with what gives access there. */
  readonly target: string
  /** One attempt; whoever aborts the signal no longer waits for it. */
  send(message: AlertMessage, signal: AbortSignal): Promise<Delivery>
}

/** The room's settings of the same names; null where nothing is set. */
export interface AlertSettings {
  readonly alert_email: string | null
  readonly alert_email_from: string | null
  /** `smtp://host:port` or `smtps://host:port`. */
  readonly smtp_server: string | null
  readonly smtp_user: string | null
  /** A reference such as `env:SMTP_PASSWORD`, never the password. */
  readonly smtp_password: string | null
  readonly alert_webhook: string | null
  /** A reference such as `env:WEBHOOK_SECRET`, never the secret. */
  readonly alert_webhook_secret: string | null
  /** Whether findings of the safety audit are told too. */
  readonly alert_private_data: 'off' | 'critical' | 'all'
}

export type Environment = Readonly<Record<string, string | undefined>>

export const SENT: Delivery = { outcome: 'sent' }

/** Worth another attempt. */
export function failed(problem: string): Delivery {
  return { outcome: 'failed', problem, isFinal: false }
}

/** Another attempt would end the same way. */
export function failedForGood(problem: string): Delivery {
  return { outcome: 'failed', problem, isFinal: true }
}
