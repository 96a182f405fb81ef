import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Attempt, Call, CallId, CallOutcome, Receipt, Refusal, Usage } from '../../shared/domain/llm.ts'
import type { Provider, ProviderMode } from '../../shared/domain/provider.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { BudgetDesk, Reservation } from '../budget/admission.ts'
import { tellNoScope } from '../budget/sentences.ts'
import type { Clock, Random } from '../ports.ts'
import { SIMULATED, type Blocked, type Passage, type UpstreamBreakers, type UpstreamTarget } from '../reliability/upstreamBreakers.ts'
import type { SafetyDesk } from '../safety/desk/safetyDesk.ts'
import { stricterDesk } from '../safety/desk/stricterDesk.ts'
import { createAgentSide, type AgentSide } from './agentSide.ts'
import { assumedReceipt, bill, closerWorstCase, type BillingServices } from './bill.ts'
import { refusalOfKeys, withCurrentKeys, type RunKeys } from './currentKeys.ts'
import type { Dialect } from './dialects/dialect.ts'
import { exchange, type Exchanged, type HeldAnswer } from './exchange.ts'
import { createAnswerGuard, detailsOf, STOP_ANSWERS, type AnswerGuard } from './guard/answerGuard.ts'
import type { Stop } from './guard/answerLook.ts'
import type { PassedRequest, RequestGuard } from './guard/requestGuard.ts'
import type { RequestHeaders } from './headers.ts'
import { readJson, type ReadJson } from './largeJson.ts'
import { upstreamHost } from './liveUpstream.ts'
import { prepareCall, type PreparedCall } from './prepareCall.ts'
import { ownAnswer, type OwnAnswerOptions, type OwnRefusal } from './providerErrors.ts'
import { readBody } from './readBody.ts'
import { askedDelay, delayBeforeRetry, isPassing, type RetryRules } from './retryRule.ts'
import type { Route } from './route.ts'
import { estimate, type RunningEstimates } from './runningEstimates.ts'
import type { Run } from './run.ts'
import type { CallTraces } from '../tracing/callTraces.ts'
import type { Upstream } from './upstream.ts'
import { upstreamOutcome } from './upstreamOutcome.ts'

/** What all calls share. */
export interface CallServices extends BillingServices {
  readonly desk: BudgetDesk
  readonly keys?: RunKeys
  readonly safety: SafetyDesk
  readonly requestGuard: RequestGuard
  readonly dialects: Readonly<Record<Provider, Dialect>>
  readonly upstreams: Readonly<Record<ProviderMode, Upstream>>
  /** Without them every call goes. */
  readonly breakers?: UpstreamBreakers
  readonly traces?: Pick<CallTraces, 'begin' | 'answered'>
  readonly clock: Clock
  readonly random: Random
  readonly onDefect: (defect: unknown, where: string) => unknown
  readonly retry: RetryRules
  readonly mostBodyBytes: number
  readonly running: RunningEstimates
  readonly nextCallId: () => CallId
}

/** How often a call may find that its key is no longer the one. */
const MOST_KEYS = 5
const LONGEST_SCOPE = 40

export interface Arrival {
  readonly run: Run
  readonly route: Route
  readonly headers: RequestHeaders
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A call on its way: `over` resolves when it is settled and told. */
export interface OpenCall {
  readonly over: Promise<void>
  hangUp(): void
}

export function openCall(services: CallServices, arrival: Arrival): OpenCall {
  const agent = createAgentSide(arrival.response)
  const over = liveCall(services, arrival, agent).catch((defect: unknown) => {
    services.onDefect(defect, 'a call')
    agent.cut()
  })
  return { over, hangUp: () => arrival.response.destroy() }
}

async function liveCall(services: CallServices, arrival: Arrival, agent: AgentSide): Promise<void> {
  const { desk, clock, random, onDefect } = services
  const { run, route, headers, request } = arrival
  const { provider, endpoint } = route
  const { mode } = run.plan.llm
  const startedAt = clock.now()
  const id = services.nextCallId()
  const forwarded = services.traces?.begin(id, headers.forwarded) ?? headers.forwarded
  const attempts: Attempt[] = []
  const usage: Usage = {}
  let cost = 0
  let model = ''
  let isStreamed = false
  let firstByteMs: Millis | null = null

  /** Never below zero: a clock may be set back while a call is under way, and what is stored has to be read again. */
  function since(moment: Millis): Millis {
    return Math.max(0, clock.now() - moment)
  }

  function finish(outcome: CallOutcome, refusal: Refusal | null, problem: string | null): void {
    const durationMs = since(startedAt)
    const { status } = agent
    const answer = { firstByteMs, durationMs, outcome, refusal, status, problem, attempts, usage, cost }
    const call: Call = { id, agentId: run.agentId, provider, mode, endpoint, model, isStreamed, startedAt, ...answer }
    try {
      desk.finish(call)
    } catch (defect) {
      onDefect(defect, 'finishing a call')
    }
  }

  function answerOwn(answer: OwnRefusal, message: string, { headers: extra = [], details }: OwnAnswerOptions = {}): void {
    const named = provider === 'openai' ? 'x-request-id' : 'request-id'
    agent.answer(ownAnswer(provider, answer, message, { headers: [...extra, named, id], ...(details ? { details } : {}) }))
  }

  function refuse(refusal: Refusal, answer: OwnRefusal, message: string, options: OwnAnswerOptions = {}): void {
    answerOwn(answer, message, options)
    finish('refused', refusal, message)
  }

  if (endpoint === 'unknown') {
    const method = request.method ?? ''
    const { allowed } = route
    const path = services.requestGuard.unknownPath(run.agentId, id, method, route.path)
    if (allowed) refuse('unauthorised', 'wrong-method', `${method} is not what this address takes: use ${allowed}.`, { headers: ['allow', allowed] })
    else refuse('unauthorised', 'unknown-path', `The gateway has no door for ${method} ${path}: nothing was forwarded.`)
    return
  }
  if (headers.contentEncoding !== null && headers.contentEncoding.trim() !== 'identity') {
    refuse('invalid', 'encoded', 'The gateway takes no compressed requests: send the body as it is.')
    return
  }
  const { scope } = headers
  const narrowed = scope === null ? null : desk.scopeOf(run.agentId, scope)
  if (scope !== null && narrowed === null) {
    refuse('invalid', 'unknown-scope', tellNoScope(scope.slice(0, LONGEST_SCOPE)))
    return
  }
  const body = await readBody(request, services.mostBodyBytes)
  // Nothing has left, and nobody is there any more.
  if (body === null) return
  if (body === 'too-large') {
    refuse('invalid', 'too-large', `The request is larger than ${services.mostBodyBytes / 1024 / 1024} MiB.`)
    return
  }
  let read: ReadJson | null = null
  if (request.method === 'POST') {
    try {
      const reading = readJson(body)
      read = reading instanceof Promise ? await reading : reading
    } catch {
      refuse('invalid', 'invalid', 'The request is no JSON.')
      return
    }
  }
  const safety = stricterDesk(services.safety, narrowed?.safetyMode ?? null)
  const outgoing = { agentId: run.agentId, callId: id, path: route.path, headers: forwarded, body, read, safety }
  const checking = services.requestGuard.check(outgoing)
  const checked = checking instanceof Promise ? await checking : checking
  if ('refusal' in checked) {
    model = services.requestGuard.modelOf(outgoing)
    refuse(checked.refusal, checked.answer, checked.message, checked.details ? { details: checked.details } : {})
    return
  }
  const { prices, worstCaseOf } = services
  const { key } = headers
  const prepared = prepareCall({ run, route, key, body: checked.body, read: checked.read, dialect: services.dialects[provider], prices, worstCaseOf })
  const sent: PassedRequest = checked
  model = prepared.model
  if ('refusal' in prepared) {
    refuse(prepared.refusal, prepared.answer, prepared.message)
    return
  }
  const withdrawn = mode === 'live' && services.keys ? refusalOfKeys(sent.headers, (one) => services.keys?.refusalOf(run.agentId, one) ?? null) : null
  if (withdrawn !== null) {
    refuse('no-key', 'no-key', withdrawn)
    return
  }
  const { priced } = prepared
  isStreamed = priced?.demand.isStreamed ?? false
  if (agent.isGone) return finish('cancelled', null, 'The agent hung up.')

  // An SDK that counts its own tries has them; ours would multiply with them.
  const rules = headers.retryCount > 0 ? { ...services.retry, attempts: 1 } : services.retry
  let lastAnswer: HeldAnswer | null = null
  const isLive = mode === 'live'
  const target: UpstreamTarget = { agentId: isLive ? null : run.agentId, provider, host: isLive ? upstreamHost(provider, run.plan.llm.upstreams[provider]) : SIMULATED }
  for (let number = 1; ; number++) {
    // Nobody is asked for money for a call that would not go.
    const shut = number === 1 ? services.breakers?.turnAway(target) : services.breakers?.look(target)
    if (shut) return keptAway(shut)
    let reservation: Reservation | null = null
    if (priced) {
      let admission
      try {
        admission = await desk.admit({
          agentId: run.agentId,
          callId: id,
          attempt: number,
          model,
          worstCase: priced.worstCase,
          closerWorstCase: () => closerWorstCase(services, provider, priced),
          ...(scope === null ? {} : { scope }),
          signal: agent.signal,
        })
      } catch (defect) {
        // A desk that cannot answer is a closed gate.
        onDefect(defect, 'admitting a call')
        refuse('budget', 'no-account', 'The control room cannot keep account of calls at the moment: nothing was forwarded.')
        return
      }
      if (admission.outcome === 'abandoned') return abandoned()
      if (admission.outcome === 'no scope') {
        refuse('invalid', 'unknown-scope', admission.message)
        return
      }
      if (admission.outcome === 'refused') {
        refuse(admission.refusal, 'budget', admission.message, { details: { ...admission.lack } })
        return
      }
      reservation = admission.reservation
      if (agent.isGone) {
        reservation.settle(null)
        return finish('cancelled', null, 'The agent hung up.')
      }
    }
    const passage = services.breakers?.begin(target) ?? null
    if (passage && 'message' in passage) {
      reservation?.settle(null)
      return keptAway(passage)
    }
    const exchanged = await attempt(prepared, reservation, passage, number)
    const { status, problem, reader, retryInMs } = exchanged
    if (exchanged.stop) return finishStopped(exchanged.stop)
    if (exchanged.isHungUp || agent.isGone) return finish('cancelled', null, 'The agent hung up.')
    if (exchanged.held) lastAnswer = exchanged.held
    if (retryInMs !== null) {
      const closed = services.breakers?.look(target)
      if (closed) return keptAway(closed)
      if (await isGoneAfter(retryInMs)) return finish('cancelled', null, 'The agent hung up.')
      continue
    }
    if (status === null && lastAnswer) {
      const stop = await sendHeld(lastAnswer)
      if (stop) return finishStopped(stop)
    } else if (status === null) {
      answerOwn(problem?.kind === 'time-out' ? 'time-out' : 'unreachable', problem?.message ?? 'The upstream gave no answer.')
    }
    const sentence = problem?.message ?? reader?.problem ?? statusProblem(status)
    const isFailure = problem !== null || (reader?.problem ?? null) !== null || isPassing(status ?? 500)
    return finish(sentence === null ? 'answered' : isFailure ? 'failed' : 'rejected', null, sentence)
  }

  /** The agent hung up, as a rule. A program that has left its room, or a room that closes, is there still. */
  function abandoned(): void {
    if (agent.isGone) return finish('cancelled', null, 'The agent hung up.')
    answerOwn('unknown-token', 'The run that this call belongs to is over: nothing was forwarded.')
    finish('cancelled', null, 'The run was over before the call could leave.')
  }

  function newGuard(): AnswerGuard {
    const { agentId, plan } = run
    return createAnswerGuard({ desk: safety, clock, agentId, callId: id, provider, endpoint, workingDirectory: plan.workingDirectory })
  }

  /** What the safety desk did not let through, or nobody could look through. */
  function finishStopped(stop: Stop): void {
    const { kind, message, cause } = stop
    if (kind === 'unchecked') onDefect(cause ?? new Error(message), 'looking through an answer')
    if (agent.status === null) answerOwn(STOP_ANSWERS[kind], message, { details: detailsOf(stop) })
    finish('refused', kind === 'unauthorised' ? 'unauthorised' : 'private-data', message)
  }

  /** The breaker is open: no try leaves. What the provider said to an earlier one says more than we could. */
  async function keptAway({ message, retryAfterMs }: Blocked): Promise<void> {
    const stop = lastAnswer && (await sendHeld(lastAnswer))
    if (stop) return finishStopped(stop)
    const headers = ['retry-after', String(Math.ceil(retryAfterMs / 1_000)), 'retry-after-ms', String(retryAfterMs)]
    const options = { headers, details: { service: provider, retryAfterMs } }
    const tried = attempts.at(-1)
    if (!tried) return refuse('unavailable', 'unavailable', message, options)
    if (!lastAnswer) answerOwn('unavailable', message, options)
    finish('failed', null, tried.problem ?? message)
  }

  async function sendHeld({ status, headers: list, body: bytes }: HeldAnswer): Promise<Stop | null> {
    const guard = newGuard()
    try {
      const checked = await guard.whole(list, bytes)
      if (checked.stop) return checked.stop
      const kept = guard.headers(list, checked.bytes, checked.bytes !== bytes)
      if (guard.stop) return guard.stop
      firstByteMs = since(startedAt)
      agent.head(status, kept, false)
      agent.write(checked.bytes)
      agent.end()
      return null
    } catch (cause) {
      if (agent.status !== null) agent.cut()
      return { kind: 'unchecked', message: 'The answer could not be looked through, and was not passed on.', cause }
    }
  }

  /** From admission to settlement, on every way out. */
  async function attempt(call: PreparedCall, reservation: Reservation | null, passage: Passage | null, number: number): Promise<Exchanged> {
    const { priced, hidesUsage, body: asked, json } = call
    const began = clock.now()
    const meter = priced && services.dialects[provider].createMeter(endpoint, priced.demand)
    let stopEstimating: (() => void) | null = null
    let receipt: Receipt | null = null
    let exchanged: Exchanged | null = null
    try {
      const { method = 'GET' } = request
      const { path } = sent
      const { headers: leaving, isRefused } = keyed(sent.headers)
      const upstreamRequest = { run, provider, endpoint, method, path, headers: leaving, body: asked, json }
      exchanged = await exchange({
        upstream: services.upstreams[mode],
        request: upstreamRequest,
        agent,
        guard: newGuard(),
        meter,
        hidesUsage,
        clock,
        retryDelay(status, list) {
          if (status !== null && status < 300) passage?.answered()
          return status !== null && isRefused(status) && number < MOST_KEYS ? 0 : delayBeforeRetry({ status, headers: list }, number, rules, clock.now(), random.fraction())
        },
        onFirstByte() {
          firstByteMs = since(startedAt)
        },
        onStream() {
          if (!reservation || !priced || !meter) return
          const { demand, prices } = priced
          const { worstCase } = reservation
          stopEstimating = services.running.add(() =>
            reservation.runs(estimate(demand.bodyBytes, meter.outputCharacters, prices.prices, worstCase)),
          )
        },
        onDefect,
      })
      const { outcome, detail } = upstreamOutcome(exchanged)
      passage?.end(outcome, detail, askedDelay(exchanged.headers, clock.now()))
      if (meter) services.traces?.answered(id, () => ({ model: meter.metered().model, finishReasons: meter.finishReasons() }))
      if (priced && meter) {
        const billed = bill(services, provider, priced, meter, exchanged)
        receipt = billed instanceof Promise ? await billed : billed
      }
      return exchanged
    } catch (defect) {
      onDefect(defect, 'charging a call')
      if (reservation && priced) receipt = assumedReceipt(priced, reservation.worstCase)
      if (exchanged) return exchanged
      throw defect
    } finally {
      ;(stopEstimating as (() => void) | null)?.()
      // Only the first word counts: this is for a way out that nobody thought of.
      passage?.end('cancelled')
      for (const { part, count } of receipt?.lines ?? []) usage[part] = (usage[part] ?? 0) + count
      cost += receipt?.total ?? 0
      const { status = null, problem = null, reader = null } = exchanged ?? {}
      const sentence = exchanged?.isHungUp ? 'The agent hung up.' : (problem?.message ?? reader?.problem ?? statusProblem(status))
      const reserved = reservation?.worstCase ?? 0
      attempts.push({ startedAt: began, durationMs: since(began), reserved, status, problem: sentence, receipt })
      try {
        reservation?.settle(receipt)
      } catch (defect) {
        onDefect(defect, 'settling a call')
      }
    }
  }

  /** A key may be superseded between two tries, and while one is under way. */
  function keyed(list: PassedRequest['headers']): { headers: PassedRequest['headers']; isRefused(status: number): boolean } {
    const { keys } = services
    if (!keys || mode !== 'live') return { headers: list, isRefused: () => false }
    const { agentId, plan } = run
    const host = upstreamHost(provider, plan.llm.upstreams[provider])
    const { headers: current, key } = withCurrentKeys(list, (one) => keys.currentOf(agentId, one, host))
    return { headers: current, isRefused: (status) => key !== null && keys.answered(agentId, { ...key, host, status }) }
  }

  function isGoneAfter(delayMs: Millis): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        agent.onGone = null
        resolve(agent.isGone)
      }
      const timer = clock.after(delayMs, done)
      agent.onGone = done
      if (agent.isGone) done()
    })
  }
}

function statusProblem(status: number | null): string | null {
  if (status === null || (status >= 200 && status < 300)) return null
  if (status >= 300 && status < 400) return `The upstream redirected the call (${status}); redirects are never followed.`
  return `The upstream answered with status ${status}.`
}
