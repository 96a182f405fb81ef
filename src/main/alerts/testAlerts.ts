import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Event, EventName, EventOf } from '../../shared/domain/event.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { createEventBus, type RunningEventBus } from '../events/eventBus.ts'
import { openState } from '../state/openState.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { createAlerts, type Alerts } from './alerts.ts'
import type { AlertSettings, Environment } from './channel.ts'

/** Alerts over real sockets, from a real database. For specs only. */

export const AGENT: AgentId = 'lg-7a3f9c2d'
export const DOLLAR = 1_000_000_000

const NOTHING_SET: AlertSettings = {
  alert_email: null,
  alert_email_from: null,
  smtp_server: null,
  smtp_user: null,
  smtp_password: null,
  alert_webhook: null,
  alert_webhook_secret: null,
  alert_private_data: 'off',
}

export function sampleBudget(changes: Partial<Budget> = {}): Budget {
  return {
    agentId: AGENT,
    limit: 50 * DOLLAR,
    spent: 45.29 * DOLLAR,
    reserved: 0,
    running: 0,
    calls: 197,
    openCalls: 0,
    parked: [],
    isWarned: true,
    isExhausted: false,
    progress: { done: 197, total: 300, unit: 'lead', failed: 0 },
    unit: 'lead',
    average: 0.23 * DOLLAR,
    projection: 69 * DOLLAR,
    recommendedIncrease: 25 * DOLLAR,
    savedAgainstBaseline: null,
    ...changes,
  }
}

/** Things that arrive, each waited for by its number. */
export interface Arrivals<T> {
  readonly all: readonly T[]
  add(one: T): void
  /** Resolves once there are so many. */
  until(count: number): Promise<readonly T[]>
}

function createArrivals<T>(): Arrivals<T> {
  const all: T[] = []
  let waiting: { count: number; resolve: () => void }[] = []
  return {
    all,
    add(one) {
      all.push(one)
      const ready = waiting.filter(({ count }) => count <= all.length)
      waiting = waiting.filter(({ count }) => count > all.length)
      for (const { resolve } of ready) resolve()
    },
    async until(count) {
      if (all.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }))
      return all
    },
  }
}

export interface Post {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly url: string
  readonly posts: Arrivals<Post>
  /** The statuses of the next answers; 200 after that, and nothing at all for 0. */
  readonly answers: number[]
  close(): Promise<void>
}

export async function openReceiver(): Promise<Receiver> {
  const posts = createArrivals<Post>()
  const answers: number[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const status = answers.shift() ?? 200
      if (status !== 0) response.writeHead(status, { location: '/elsewhere' }).end('ok')
      posts.add({ headers: request.headers, body })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/invented`,
    posts,
    answers,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string | null
  readonly isSecure: boolean
  readonly source: string
}

export interface MailServer {
  readonly port: number
  readonly mails: Arrivals<Mail>
  /** What the next mails are refused with; taken after that. */
  readonly refusals: number[]
  /** Who logged in, whether it was let in or not. */
  readonly logins: string[]
  close(): Promise<void>
}

export const MAIL_USER = 'invented-user'
export const MAIL_PASSWORD = 'invented-password'

export async function openMailServer(options: SMTPServerOptions = {}, host = '127.0.0.1'): Promise<MailServer> {
  const mails = createArrivals<Mail>()
  const refusals: number[] = []
  const logins: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key ? [] : ['STARTTLS'],
    onAuth({ username, password }, _session, callback) {
      logins.push(username ?? '')
      const isRight = username === MAIL_USER && password === MAIL_PASSWORD
      callback(isRight ? null : new Error(`Invalid login with ${password}`), isRight ? { user: username } : undefined)
    },
    onData(stream, session, callback) {
      let source = ''
      stream.setEncoding('utf8').on('data', (text: string) => (source += text))
      stream.on('end', () => {
        const refusal = refusals.shift()
        if (refusal !== undefined) return callback(Object.assign(new Error('Not now'), { responseCode: refusal }))
        const { mailFrom, rcptTo } = session.envelope
        mails.add({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          user: typeof session.user === 'string' ? session.user : null,
          isSecure: session.secure,
          source,
        })
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refusals,
    logins,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export interface AlertRoom {
  readonly alerts: Alerts
  readonly bus: RunningEventBus
  readonly clock: TestClock
  /** Everything that was waited for, attempts' own limits of 10 s among them. */
  readonly delays: readonly number[]
  readonly logged: LogEntry[]
  readonly defects: unknown[]
  heard<N extends EventName>(name: N): EventOf<N>[]
  /** Resolves once so many `alert.sent` and `alert.failed` have been heard. */
  outcomes(count: number): Promise<readonly Event[]>
  warn(budget?: Budget): Promise<unknown>
  exhaust(budget?: Budget): Promise<unknown>
  raise(): Promise<unknown>
  close(): Promise<void>
}

export interface AlertRoomOptions {
  readonly environment?: Environment
  readonly raises?: number
  /** As the budget stands by itself, apart from what is announced. */
  readonly budget?: Budget | null
  readonly url?: string | null
}

export async function openAlertRoom(dataFolder: string, settings: Partial<AlertSettings>, options: AlertRoomOptions = {}): Promise<AlertRoom> {
  const { environment = {}, raises = 0, budget = sampleBudget(), url = 'http://127.0.0.1:7317' } = options
  const plain = createTestClock()
  const delays: number[] = []
  const clock: TestClock = {
    ...plain,
    after(delayMs, action) {
      delays.push(delayMs)
      return plain.after(delayMs, action)
    },
  }
  const state = await openState({ dataFolder, clock: plain })
  const defects: unknown[] = []
  const logged: LogEntry[] = []
  const events: Event[] = []
  const outcomes = createArrivals<Event>()
  const onDefect = (defect: unknown): void => void defects.push(defect)
  const bus = await createEventBus({ events: state.events, clock, onDefect })
  bus.listen((batch) => {
    for (const event of batch) {
      events.push(event)
      if (event.name === 'alert.sent' || event.name === 'alert.failed') outcomes.add(event)
    }
  })
  const alerts = await createAlerts({
    settings: { ...NOTHING_SET, ...settings },
    alerts: state.alerts,
    events: state.events,
    ledger: { totals: async () => [{ agentId: AGENT, limit: 50 * DOLLAR, spent: 0, raises, calls: 0 }] },
    bus,
    clock,
    random: { hex: () => 'abcd', fraction: () => 0.999_999 },
    environment,
    log: { write: (entry) => void logged.push(entry), flush: async () => {} },
    budgetOf: () => budget,
    url: () => url,
    onDefect,
  })
  const common = { agentId: AGENT, severity: 'WARN', message: 'An invented threshold.' } as const
  return {
    alerts,
    bus,
    clock,
    delays,
    logged,
    defects,
    heard: <N extends EventName>(name: N) => events.filter((event) => event.name === name) as EventOf<N>[],
    outcomes: (count) => outcomes.until(count),
    warn: (about = sampleBudget()) => bus.announce({ ...common, name: 'budget.warned', payload: { budget: about } }),
    exhaust: (about = sampleBudget({ isExhausted: true })) =>
      bus.announce({ ...common, name: 'budget.exhausted', payload: { budget: about, callId: 'call-7a3f9c2d01b2c3d4', worstCase: DOLLAR } }),
    raise: () =>
      bus.announce({ ...common, name: 'budget.raised', payload: { from: 50 * DOLLAR, to: 75 * DOLLAR, actor: 'ada', reason: 'an invented one' } }),
    async close() {
      await alerts.close()
      await bus.settled()
      await state.close()
    },
  }
}
