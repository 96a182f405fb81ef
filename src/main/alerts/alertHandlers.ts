import type { CommandHandlers } from '../router/router.ts'
import type { Alerts } from './alerts.ts'

export function alertHandlers(alerts: Pick<Alerts, 'test'>): Pick<CommandHandlers, 'alert.test'> {
  return {
    'alert.test': async ({ channel }) => ({ target: await alerts.test(channel) }),
  }
}
