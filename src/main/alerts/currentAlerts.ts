import { isDeepStrictEqual } from 'node:util'
import { createAlerts, type AlertOptions, type Alerts } from './alerts.ts'
import type { AlertSettings } from './channel.ts'

/** Alerts by the settings of the moment. */
export interface CurrentAlerts extends Alerts {
  /** What was to be sent by the old ones and is not, the new ones take up. */
  settingsChanged(): Promise<void>
}

const KEYS = [
  'alert_email',
  'alert_email_from',
  'smtp_server',
  'smtp_user',
  'smtp_password',
  'alert_webhook',
  'alert_webhook_secret',
  'alert_private_data',
] as const satisfies readonly (keyof AlertSettings)[]

export async function createCurrentAlerts({ settings, ...options }: Omit<AlertOptions, 'settings'> & { readonly settings: () => AlertSettings }): Promise<CurrentAlerts> {
  const now = (): AlertSettings => Object.fromEntries(KEYS.map((key) => [key, settings()[key]])) as unknown as AlertSettings
  let used = now()
  let alerts = await createAlerts({ ...options, settings: used })
  let isClosed = false
  let turn: Promise<unknown> = Promise.resolve()

  async function renew(): Promise<void> {
    const wanted = now()
    if (isClosed || isDeepStrictEqual(wanted, used)) return
    // Two at once would both send; what happens in between is looked up by the next.
    await alerts.close()
    used = wanted
    alerts = await createAlerts({ ...options, settings: wanted })
  }

  return {
    test: (channel) => alerts.test(channel),
    settingsChanged() {
      const own = turn.then(renew)
      turn = own.catch(() => undefined)
      return own
    },
    async close() {
      isClosed = true
      await turn
      await alerts.close()
    },
  }
}
