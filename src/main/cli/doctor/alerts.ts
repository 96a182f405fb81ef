import { hostOf } from '../../../shared/hostOf.ts'
import { dereference, referredVariable } from '../../configuration/secretReference.ts'
import type { Check, Finding } from './finding.ts'

const NAME = 'Alerts'

/** Whether what is set up for alerts is complete and its secrets are there; nothing is sent. */
export const checkAlerts: Check = async ({ environment, settings: { values } }) => {
  const { alert_email, smtp_server, alert_webhook } = values
  const problems: string[] = []
  if (alert_email !== null && smtp_server === null) problems.push('alert_email is set, but smtp_server is not')
  if (smtp_server !== null && alert_email === null) problems.push('smtp_server is set, but alert_email is not')
  if (values.smtp_password !== null && values.smtp_user === null) problems.push('smtp_password is set, but smtp_user is not')
  if (values.smtp_user !== null && values.smtp_password === null) problems.push('smtp_user is set, but smtp_password is not')
  if (values.alert_webhook_secret !== null && alert_webhook === null) problems.push('alert_webhook_secret is set, but alert_webhook is not')
  for (const key of ['smtp_user', 'smtp_password', 'alert_webhook', 'alert_webhook_secret'] as const) {
    if (values[key] === null || dereference(values[key], environment) !== null) continue
    problems.push(`${key} refers to ${referredVariable(values[key])}, which is not in the environment`)
  }
  if (problems.length > 0) return incomplete(problems)
  const ways = [
    ...(alert_email === null || smtp_server === null ? [] : [`mail to ${alert_email} over ${hostOf(smtp_server)}`]),
    ...(alert_webhook === null ? [] : [`posts to ${hostOf(dereference(alert_webhook, environment) ?? '')}`]),
  ]
  return { name: NAME, state: 'ok', message: ways.length === 0 ? 'none are set up' : ways.join('; '), advice: null }
}

function incomplete(problems: readonly string[]): Finding {
  return { name: NAME, state: 'problem', message: problems.join('; '), advice: 'Complete it in settings.yaml, and set the variables where the control room starts.' }
}
