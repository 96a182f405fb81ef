import { createTransport } from 'nodemailer'
import { failed, failedForGood, SENT, type Channel, type Delivery, type Environment } from './channel.ts'
import { findSecret, findSetting } from './findSetting.ts'
import { isLoopback } from './loopback.ts'
import { asHtml, asText, oneLine } from './message.ts'

export interface EmailOptions {
  readonly to: string
  readonly from: string
  /** `smtp://host:port` or `smtps://host:port`. */
  readonly server: string
  readonly user: string | null
  readonly password: string | null
  readonly environment: Environment
  /** How long the server may be silent. */
  readonly timeoutMs: number
}

/** Mail over SMTP. Its TLS is always verified, and only to this very machine may there be none. */
export function createEmailChannel({ to, from, server, user, password, environment, timeoutMs }: EmailOptions): Channel {
  const url = new URL(server)
  const isSecure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')

  function credentials(): { user: string; pass: string } | { problem: string } | null {
    if (user === null && password === null) return null
    if (user === null || password === null) return { problem: 'smtp_user and smtp_password belong together: set both or neither' }
    const [name, secret] = [findSetting('smtp_user', user, environment), findSecret('smtp_password', password, environment)]
    if ('problem' in name) return name
    return 'problem' in secret ? secret : { user: name.value, pass: secret.value }
  }

  return {
    channel: 'email',
    target: to,
    async send(message, signal) {
      const auth = credentials()
      if (auth && 'problem' in auth) return failedForGood(auth.problem)
      const transport = createTransport({
        host,
        port: Number(url.port) || (isSecure ? 465 : 587),
        secure: isSecure,
        requireTLS: !isSecure && !isLoopback(host),
        auth: auth ?? undefined,
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        dnsTimeout: timeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      try {
        await transport.sendMail({
          from: { name: 'Iron Cage', address: from },
          to: { name: '', address: to },
          messageId: `<${message.id}@iron-cage.invalid>`,
          subject: oneLine(message.title),
          text: asText(message),
          html: asHtml(message),
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal,
        })
        return SENT
      } catch (problem) {
        return readProblem(problem, url.host, auth?.pass)
      } finally {
        transport.close()
      }
    },
  }
}

interface SmtpProblem {
  readonly message?: unknown
  readonly code?: unknown
  readonly response?: unknown
  readonly responseCode?: unknown
}

function readProblem(problem: unknown, host: string, secret: string | undefined): Delivery {
  const { message, code, response, responseCode } = problem as SmtpProblem
  const reason = typeof response === 'string' ? `${host} said: ${response}` : `${host}: ${String(message)}`
  const said = code === 'ETLS' ? `there is no TLS to be had, without which nothing is sent to another machine: ${reason}` : reason
  const sentence = oneLine(secret ? said.replaceAll(secret, '…') : said).slice(0, 300)
  const isRefusedForGood = typeof responseCode === 'number' && responseCode >= 500
  return isRefusedForGood ? failedForGood(sentence) : failed(sentence)
}
