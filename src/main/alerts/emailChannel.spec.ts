import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { Budget } from '../../shared/domain/budget.ts'
import { useTestFolders } from '../state/testFolder.ts'
import type { Delivery } from './channel.ts'
import { createEmailChannel, type EmailOptions } from './emailChannel.ts'
import { budgetMessage } from './message.ts'
import { MAIL_PASSWORD, MAIL_USER, openMailServer, sampleBudget, type MailServer } from './testAlerts.ts'

const folders = useTestFolders()
const known = getCACertificates()
let server: MailServer | undefined

afterEach(async () => {
  setDefaultCACertificates(known)
  await server?.close()
  server = undefined
})

const credentials = { user: MAIL_USER, password: 'env:SMTP_PASSWORD', environment: { SMTP_PASSWORD: MAIL_PASSWORD } }

function send(url: string, options: Partial<EmailOptions> = {}, changes: Partial<Budget> = {}): Promise<Delivery> {
  const channel = createEmailChannel({
    to: 'ops@example.com',
    from: 'cage@example.com',
    server: url,
    user: null,
    password: null,
    environment: {},
    timeoutMs: 10_000,
    ...options,
  })
  const message = budgetMessage({ budget: sampleBudget(changes), raises: 0, threshold: 90, url: 'http://127.0.0.1:7317' })
  return channel.send(message, new AbortController().signal)
}

describe('The mail', () => {
  it('says what happened, what it means, and what to do where', async () => {
    server = await openMailServer()
    expect(await send(`smtp://127.0.0.1:${server.port}`)).toEqual({ outcome: 'sent' })
    const mail = server.mails.all[0]!
    expect(mail).toMatchObject({ from: 'cage@example.com', to: ['ops@example.com'], user: null })
    expect(mail.source).toContain('Subject: Iron Cage: lg-7a3f9c2d has spent 90% of $50.00\r\n')
    expect(mail.source).toContain('Message-ID: <lg-7a3f9c2d-0-90@iron-cage.invalid>\r\n')
    const text = [
      'Agent: lg-7a3f9c2d',
      'Spent: $45.29 (90.6%)',
      'Limit: $50.00',
      'Projection: $69.00 total',
      'Average: $0.23 avg/lead',
      '',
      'Recommended: Approve $25 increase',
      '',
      'In the control room: http://127.0.0.1:7317',
    ]
    expect(mail.source).toContain(text.join('\r\n'))
    expect(mail.source).toContain('<strong>Approve $25 increase</strong>')
  })

  it('takes no header and no markup from the unit that an agent made up', async () => {
    server = await openMailServer()
    await send(`smtp://127.0.0.1:${server.port}`, {}, { unit: 'lead\r\nBcc: eve@example.com\r\n\r\n<b>' })
    const mail = server.mails.all[0]!
    expect(mail.to).toEqual(['ops@example.com'])
    expect(mail.source).not.toMatch(/^Bcc:/m)
    // Lines of HTML are folded for the way.
    expect(mail.source.replaceAll('=\r\n', '')).toContain('avg/lead Bcc: eve@example.com &lt;b&gt;')
  })

  it('logs in with what the environment holds at that moment', async () => {
    server = await openMailServer({ allowInsecureAuth: true })
    const environment: Record<string, string> = {}
    const url = `smtp://127.0.0.1:${server.port}`
    expect(await send(url, { ...credentials, environment })).toEqual({
      outcome: 'failed',
      isFinal: true,
      problem: 'smtp_password refers to the environment variable SMTP_PASSWORD, which is not set: set it and start the room again',
    })
    environment.SMTP_PASSWORD = MAIL_PASSWORD
    expect(await send(url, { ...credentials, environment })).toEqual({ outcome: 'sent' })
    expect(server.mails.all[0]?.user).toBe(MAIL_USER)
  })

  it('is given up at a wrong password, which no sentence repeats', async () => {
    server = await openMailServer({ allowInsecureAuth: true })
    const delivery = await send(`smtp://127.0.0.1:${server.port}`, { ...credentials, environment: { SMTP_PASSWORD: 'invented-but-wrong' } })
    expect(delivery).toMatchObject({ outcome: 'failed', isFinal: true })
    expect(JSON.stringify(delivery)).toContain('Invalid login')
    expect(JSON.stringify(delivery)).not.toContain('invented-but-wrong')
  })

  it('needs a user to a password', async () => {
    const problem = 'smtp_user and smtp_password belong together: set both or neither'
    expect(await send('smtp://127.0.0.1:9', { ...credentials, user: null })).toEqual({ outcome: 'failed', isFinal: true, problem })
  })

  it('is tried again where the server is down or has no time, and not where it says no', async () => {
    server = await openMailServer()
    server.refusals.push(451, 554)
    const url = `smtp://127.0.0.1:${server.port}`
    expect(await send(url)).toMatchObject({ outcome: 'failed', isFinal: false })
    expect(await send(url)).toMatchObject({ outcome: 'failed', isFinal: true })
    await server.close()
    expect(await send(url)).toMatchObject({ outcome: 'failed', isFinal: false })
    server = undefined
  })

  it('is not sent any more once nobody waits', async () => {
    server = await openMailServer({ onConnect: () => {} })
    const channel = createEmailChannel({
      to: 'ops@example.com',
      from: 'cage@example.com',
      server: `smtp://127.0.0.1:${server.port}`,
      user: null,
      password: null,
      environment: {},
      timeoutMs: 10_000,
    })
    const message = budgetMessage({ budget: sampleBudget(), raises: 0, threshold: 90, url: null })
    expect(await channel.send(message, AbortSignal.abort())).toMatchObject({ outcome: 'failed', isFinal: false })
    expect(server.mails.all).toEqual([])
  })
})

const external = Object.values(networkInterfaces())
  .flat()
  .find((one) => one && !one.internal && one.family === 'IPv4')?.address
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** A certificate of its own for these addresses; it is trusted only where a test says so. */
function makeCertificate(...addresses: string[]): { key: string; cert: string } {
  const folder = folders.make()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = addresses.map((address) => `IP:${address}`).join(',')
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=invented.test']
  execFileSync('openssl', [...request, '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

describe.skipIf(!hasOpenssl)('TLS to a mail server (needs openssl for a certificate)', () => {
  it('is verified', async () => {
    const certificate = makeCertificate('127.0.0.1')
    server = await openMailServer({ ...certificate, secure: true })
    const url = `smtps://127.0.0.1:${server.port}`
    expect(await send(url, credentials)).toMatchObject({ outcome: 'failed', problem: expect.stringMatching(/self-signed certificate/) })
    expect(server.logins).toEqual([])
    setDefaultCACertificates([...known, certificate.cert])
    expect(await send(url, credentials)).toEqual({ outcome: 'sent' })
    expect(server.mails.all[0]).toMatchObject({ isSecure: true, user: MAIL_USER })
  })

  it('is asked for on the way, and verified then, even on this machine', async () => {
    const certificate = makeCertificate('127.0.0.1')
    server = await openMailServer(certificate)
    const url = `smtp://127.0.0.1:${server.port}`
    expect(await send(url, credentials)).toMatchObject({ outcome: 'failed' })
    expect(server.logins).toEqual([])
    setDefaultCACertificates([...known, certificate.cert])
    expect(await send(url, credentials)).toEqual({ outcome: 'sent' })
    expect(server.mails.all[0]).toMatchObject({ isSecure: true, user: MAIL_USER })
  })

  it.skipIf(!external)('is required to any other machine (needs a network interface)', async () => {
    server = await openMailServer({ allowInsecureAuth: true }, external)
    const url = `smtp://${external}:${server.port}`
    expect(await send(url, credentials)).toMatchObject({ outcome: 'failed', problem: expect.stringMatching(/no TLS to be had/) })
    expect(server.logins).toEqual([])
    await server.close()

    const certificate = makeCertificate(external!)
    setDefaultCACertificates([...known, certificate.cert])
    server = await openMailServer(certificate, external)
    expect(await send(`smtp://${external}:${server.port}`, credentials)).toEqual({ outcome: 'sent' })
    expect(server.mails.all[0]).toMatchObject({ isSecure: true, user: MAIL_USER })
  })
})
