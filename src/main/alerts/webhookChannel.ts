import { createHmac } from 'node:crypto'
import { request } from 'undici'
import { messageOf } from '../../shared/errors.ts'
import type { Clock } from '../ports.ts'
import { failed, failedForGood, SENT, type Channel, type Environment } from './channel.ts'
import { findSecret, findSetting } from './findSetting.ts'
import { isLoopback } from './loopback.ts'
import { asSlack } from './message.ts'
import { referredVariable } from '../configuration/secretReference.ts'

export interface WebhookOptions {
  /** The address, or a reference to it: the path of many webhooks is their only secret. */
  readonly url: string
  readonly secret: string | null
  readonly environment: Environment
  readonly clock: Clock
  readonly timeoutMs: number
}

/** The signature stands for the moment and every byte of the body: `v1=` and HMAC-SHA256 over `timestamp.body`. */
function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

export function createWebhookChannel({ url: setting, secret, environment, clock, timeoutMs }: WebhookOptions): Channel {
  return {
    channel: 'webhook',
    target: targetOf(setting),
    async send(message, signal) {
      const found = findSetting('alert_webhook', setting, environment)
      if ('problem' in found) return failedForGood(found.problem)
      const url = URL.parse(found.value)
      const problem = refusalOf(url)
      if (url === null || problem !== null) return failedForGood(`alert_webhook ${problem}`)
      const key = secret === null ? null : findSecret('alert_webhook_secret', secret, environment)
      if (key && 'problem' in key) return failedForGood(key.problem)

      const body = JSON.stringify(asSlack(message))
      const timestamp = String(Math.floor(clock.now() / 1000))
      const signed = key && { 'x-iron-cage-timestamp': timestamp, 'x-iron-cage-signature': signatureOf(key.value, timestamp, body) }
      try {
        const { statusCode, body: answer } = await request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'iron-cage', 'x-iron-cage-delivery': message.id, ...signed },
          body,
          signal,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          // Alerts are rare; no connection waits for the next one.
          reset: true,
        })
        // The status is all that counts, whatever becomes of the rest.
        answer.on('error', () => {}).destroy()
        return judge(statusCode, url.host)
      } catch (problem) {
        return failed(`${url.host}: ${messageOf(problem)}`)
      }
    },
  }
}

function judge(status: number, host: string): ReturnType<typeof failed> {
  if (status >= 200 && status < 300) return SENT
  if (status >= 300 && status < 400) {
    return failedForGood(`${host} answered with the redirect ${status}, which is not followed: give its final address`)
  }
  const sentence = `${host} answered with the status ${status}`
  return status < 500 && status !== 408 && status !== 429 ? failedForGood(sentence) : failed(sentence)
}

function refusalOf(url: URL | null): string | null {
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'must be an address that begins with https://'
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password'
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'must begin with https://: over plain http everybody on the way reads it, except to this very machine'
  }
  return null
}

function targetOf(setting: string): string {
  if (referredVariable(setting) !== null) return setting
  return URL.parse(setting)?.origin ?? 'alert_webhook'
}
