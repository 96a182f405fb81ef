import type { AlertChannel } from '../../shared/domain/alert.ts'
import type { Clock } from '../ports.ts'
import type { AlertSettings, Channel, Environment } from './channel.ts'
import { createEmailChannel } from './emailChannel.ts'
import { createWebhookChannel } from './webhookChannel.ts'

/** Silence for longer than this ends an attempt. */
export const ATTEMPT_MS = 10_000

export interface ChannelPorts {
  readonly environment: Environment
  readonly clock: Clock
}

/** The channels that are set up, and what is wrong with those that are half set up. */
export function createChannels(settings: AlertSettings, ports: ChannelPorts): { channels: Channel[]; problems: Map<AlertChannel, string> } {
  const { alert_email: to, smtp_server: server, alert_webhook: url } = settings
  const common = { ...ports, timeoutMs: ATTEMPT_MS }
  const channels: Channel[] = []
  const problems = new Map<AlertChannel, string>()

  if (to !== null && server !== null) {
    const { alert_email_from: from, smtp_user: user, smtp_password: password } = settings
    channels.push(createEmailChannel({ ...common, to, from: from ?? to, server, user, password }))
  } else if (to !== null) {
    problems.set('email', 'No alert can be mailed: alert_email is set, but smtp_server is not; set both.')
  } else if (server !== null) {
    problems.set('email', 'No alert can be mailed: smtp_server is set, but alert_email is not; set both.')
  }
  if (url !== null) channels.push(createWebhookChannel({ ...common, url, secret: settings.alert_webhook_secret }))
  return { channels, problems }
}
