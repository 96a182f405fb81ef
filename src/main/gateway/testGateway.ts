import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { LaunchPlan, LlmPlan } from '../../shared/domain/agent.ts'
import type { Call, Receipt } from '../../shared/domain/llm.ts'
import { samplePlan } from '../../shared/domain/testAgents.ts'
import { findApplication } from '../application.ts'
import type { Admission, BudgetDesk } from '../budget/admission.ts'
import { readPriceTable } from '../budget/priceTable.ts'
import { makeReceipt } from '../budget/receipt.ts'
import { AGENT, DOLLAR, openTestDesk, type TestDesk } from '../budget/testDesk.ts'
import { worstCaseOf } from '../budget/worstCase.ts'
import type { Clock } from '../ports.ts'
import type { UpstreamBreakers } from '../reliability/upstreamBreakers.ts'
import { systemRandom } from '../systemPorts.ts'
import { createTokenCounter } from '../tokens/createTokenCounter.ts'
import type { RunKeys } from './currentKeys.ts'
import { anthropicDialect } from './dialects/anthropic.ts'
import { openAiDialect } from './dialects/openai.ts'
import { PAUSE_MS } from './guard/streamGuard.ts'
import { createGateway, GATEWAY_LIMITS, type Gateway, type GatewayLimits } from './gateway.ts'
import { createLiveUpstream } from './liveUpstream.ts'
import { runAddresses } from './runAddress.ts'
import { createTestSafetyDesk, type TestSafetyDesk } from './testSafetyDesk.ts'
import { createTestUpstream, type TestUpstream } from './testUpstream.ts'
import type { Upstream, UpstreamLimits } from './upstream.ts'

export const TOKEN = '0123456789abcdef0123456789abcdef'
/** $0.03 and $0.06 for 1,000 tokens: what an answer of 1,000 and 100 tokens costs. */
export const USUAL_COST = 36_000_000
export const CHAT = { model: 'gpt-4', messages: [{ role: 'user', content: 'Good morning!' }], max_tokens: 200 }
export const MESSAGE = { ...CHAT, model: 'claude-sonnet-4-5' }

/** A gateway with everything real behind it: prices, tokeniser, budget desk, database, sockets. Only its waiting is made short. */
export interface TestGateway {
  readonly gateway: Gateway
  readonly upstream: TestUpstream
  readonly desk: TestDesk
  readonly safety: TestSafetyDesk
  readonly openai: string
  readonly anthropic: string
  /** Delays before further tries; each is over at once. */
  readonly delays: number[]
  readonly settled: (Receipt | null)[]
  readonly estimates: number[]
  readonly defects: unknown[]
  readonly log: string[]
  /** From now on these admissions are answered so, instead of by the desk. */
  admit: BudgetDesk['admit'] | null
  /** Tells of what streams now, as a timer would. */
  tellEstimates(): void
  /** Lets the time pass after which a stream that stands still shows what it can; false where nobody waits for it. */
  pause(): boolean
  /** Puts the clock forward, or back. */
  putClock(byMs: number): void
  /** The calls that were finished, once there are so many. */
  finished(number: number): Promise<Call[]>
  close(): Promise<void>
}

export interface TestGatewayOptions {
  readonly plan?: Partial<LaunchPlan>
  readonly llm?: Partial<LlmPlan>
  readonly limits?: Partial<GatewayLimits>
  readonly upstreamLimits?: Partial<UpstreamLimits>
  readonly simulated?: Upstream
  readonly environment?: Record<string, string>
  readonly keys?: RunKeys
  readonly breakers?: UpstreamBreakers
}

const ESTIMATE_MS = 300

export async function createTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'iron-cage-gateway-'))
  const desk = await openTestDesk(folder)
  const upstream = await createTestUpstream()
  const upstreams = { openai: `${upstream.url}/v1`, anthropic: upstream.url }
  const llm: LlmPlan = { ...samplePlan().llm, mode: 'live', upstreams, ...options.llm }
  const plan = samplePlan({ budget: 100 * DOLLAR, llm, ...options.plan })
  await desk.launch(plan.budget, plan)

  const calls: Call[] = []
  const settled: (Receipt | null)[] = []
  const estimates: number[] = []
  const waiting: { number: number; resolve: (calls: Call[]) => void }[] = []
  const watched: BudgetDesk = {
    async admit(request): Promise<Admission> {
      const admission = await (test.admit ?? desk.desk.admit)(request)
      if (admission.outcome !== 'admitted') return admission
      const { reservation } = admission
      const settle = (receipt: Receipt | null): void => {
        settled.push(receipt)
        reservation.settle(receipt)
      }
      const runs = (estimate: number): void => {
        estimates.push(estimate)
        reservation.runs(estimate)
      }
      return { outcome: 'admitted', reservation: { worstCase: reservation.worstCase, settle, runs } }
    },
    scopeOf: (agentId, scope) => desk.desk.scopeOf(agentId, scope),
    finish(call) {
      desk.desk.finish(call)
      calls.push(call)
      for (const one of waiting) if (one.number === calls.length) one.resolve(calls)
    },
  }

  const delays: number[] = []
  let ticks: (() => void)[] = []
  let pauses: (() => void)[] = []
  let putBy = 0
  const clock: Clock = {
    now: () => Date.now() + putBy,
    after(delayMs, action) {
      if (delayMs === ESTIMATE_MS) {
        ticks.push(action)
        return { cancel: () => void (ticks = ticks.filter((tick) => tick !== action)) }
      }
      if (delayMs === PAUSE_MS) {
        pauses.push(action)
        return { cancel: () => void (pauses = pauses.filter((pause) => pause !== action)) }
      }
      delays.push(delayMs)
      const immediate = setImmediate(action)
      return { cancel: () => clearImmediate(immediate) }
    },
  }
  const defects: unknown[] = []
  const safety = createTestSafetyDesk()
  const log: string[] = []
  const tokens = createTokenCounter()
  const upstreamLimits = { connectMs: 5_000, idleMs: 20_000, ...options.upstreamLimits }
  const live = createLiveUpstream({ limits: upstreamLimits, environment: options.environment ?? {} })
  const prices = readPriceTable(JSON.parse(await readFile(join(findApplication().folder, 'resources', 'pricing.json'), 'utf8')))
  const gateway = await createGateway({
    findRun: (token) => (token === TOKEN ? { agentId: AGENT, plan } : null),
    desk: watched,
    ...(options.keys ? { keys: options.keys } : {}),
    ...(options.breakers ? { breakers: options.breakers } : {}),
    safety,
    prices,
    makeReceipt,
    worstCaseOf,
    dialects: { openai: openAiDialect, anthropic: anthropicDialect },
    tokens,
    upstreams: { live, simulated: options.simulated ?? live },
    clock,
    random: { ...systemRandom, fraction: () => 0.5 },
    log: { write: ({ msg }) => void log.push(msg), flush: async () => undefined },
    onDefect: (defect) => void defects.push(defect),
    limits: { ...GATEWAY_LIMITS, ...options.limits },
  })

  const test: TestGateway = {
    gateway,
    upstream,
    desk,
    safety,
    ...runAddresses(gateway.url, TOKEN),
    delays,
    settled,
    estimates,
    defects,
    log,
    admit: null,
    tellEstimates() {
      for (const tick of ticks.splice(0)) tick()
    },
    pause() {
      const waiting = pauses.splice(0)
      for (const pause of waiting) pause()
      return waiting.length > 0
    },
    putClock: (byMs) => void (putBy += byMs),
    finished: (number) =>
      new Promise((resolve) => {
        if (calls.length >= number) resolve(calls)
        else waiting.push({ number, resolve })
      }),
    async close() {
      await gateway.close()
      await live.close()
      await tokens.close()
      await upstream.close()
      expect([defects, desk.defects]).toEqual([[], []])
      await desk.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return test
}

export interface Answer {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly text: string
}

export interface AskOptions {
  readonly method?: string
  /** Names and values in turn. */
  readonly headers?: readonly string[]
}

/** Opens a call and gives its answer as it comes in. */
export function openAsk(url: string, body: unknown, options: AskOptions = {}): { response: Promise<IncomingMessage>; hangUp(): void } {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const bytes = body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(text)
  const { host } = new URL(url)
  const given = options.headers ?? []
  const hasHost = given.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  const isChunked = given.includes('transfer-encoding')
  const length = bytes && !isChunked ? ['content-length', String(bytes.length)] : []
  const headers = [...(hasHost ? [] : ['host', host]), ...length, 'connection', 'close', ...given]
  const method = options.method ?? (bytes ? 'POST' : 'GET')
  const { hostname, port, pathname, search } = new URL(url)
  const outgoing = httpRequest({ hostname, port, path: pathname + search, method, headers, agent: false })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
  })
  outgoing.end(bytes ?? undefined)
  return {
    response,
    hangUp() {
      response.catch(() => undefined)
      outgoing.destroy()
    },
  }
}

/** Asks and reads to the end; rejects where the answer is cut. */
export async function ask(url: string, body?: unknown, options: AskOptions = {}): Promise<Answer> {
  const response = await openAsk(url, body, options).response
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const { statusCode = 0, rawHeaders, headers } = response
  return { status: statusCode, rawHeaders, headers, body: bytes, text: bytes.toString() }
}
