import type { AgentId, AtLimit, LaunchPlan } from '../../shared/domain/agent.ts'
import type { Budget, Progress } from '../../shared/domain/budget.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Call, CallId, Receipt } from '../../shared/domain/llm.ts'
import { LARGEST_BUDGET } from '../../shared/domain/money.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import { formatMoney } from '../../shared/format.ts'
import type { Clock } from '../ports.ts'
import type { Ledger, LedgerTotals } from '../state/repositories.ts'
import type { Admission, AdmissionRequest, Lack, Reservation } from './admission.ts'
import { callFinished, createBudgetAnnouncements } from './announcements.ts'
import { createBudgetBook, type Claim, type Purse } from './budgetBook.ts'
import { budgetOf } from './budgetView.ts'
import { createCharges } from './charges.ts'
import { createPacer } from './pacer.ts'
import { createParking } from './parking.ts'
import type { Pool } from './pool.ts'
import { createPoolHolds } from './poolHolds.ts'
import type { ReserveWriter } from './reserveWriter.ts'
import { createRests } from './rests.ts'
import { createScopes, statusOf, type Scopes, type ScopeStatus } from './scopes.ts'
import { tellCall, tellDeclined, tellEnd, tellEndReason, tellNarrow, tellNoScope, tellPoolSpent, tellTooManyParked, tellUnanswered, type Shortage } from './sentences.ts'
import type { Ticket } from './ticket.ts'

/** One agent's budget at work. */
export interface Account {
  readonly agentId: AgentId
  admit(request: AdmissionRequest): Promise<Admission>
  finish(call: Call): void
  /** A call from before the room's death: charged, and told with its own sentence. */
  finishLost(call: Call, message: string): Promise<void>
  raise(by: Nanodollars, actor: string, reason: string): Promise<Budget>
  decline(callId: CallId | null, actor: string, reason: string): Promise<Budget>
  tell(progress: Progress): void
  /** Its process is gone: nobody waits here any more. */
  runEnded(): void
  readonly scopes: Pick<Scopes, 'open' | 'find' | 'status'>
  /** Calls of it that wait are refused; those that are under way are charged to it still. */
  closeScope(scope: string): ScopeStatus
  view(): Budget
  /** Whoever waits is let go. Of an agent that is off the list, nothing is told any more. */
  close(isGone: boolean): void
}

export interface AccountOptions {
  readonly agentId: AgentId
  readonly plan: LaunchPlan
  readonly totals: Omit<LedgerTotals, 'agentId'>
  readonly progress: Progress | null
  readonly isExhausted: boolean
  readonly clock: Clock
  readonly ledger: Ledger
  readonly writer: ReserveWriter
  /** Null where an agent's own budget is all that counts. */
  readonly pool: Pool | null
  /** Gives undefined where it could not be stored. */
  readonly announce: (announcement: Announcement) => Promise<unknown>
  /** Where the plan leaves it open. */
  readonly atLimit: AtLimit
  readonly endRun: (agentId: AgentId, reason: string) => Promise<unknown>
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const CHANGES_APART_MS = 250
const PROGRESS_APART_MS = 100
/** Each of them holds a connection and its request. */
const MOST_PARKED = 1_000

export function createAccount(options: AccountOptions): Account {
  const { agentId, plan, totals, clock, ledger, writer, pool, announce, onDefect } = options
  const book = createBudgetBook<Ticket>({ ...totals, isExhausted: options.isExhausted })
  const charges = createCharges((problem) => onDefect(problem, `the budget of ${agentId}`))
  const telling = createBudgetAnnouncements(agentId, plan.name)
  const parking = createParking({ agentId, plan, clock, announce })
  const atLimit = plan.atLimit ?? options.atLimit
  const scopes = createScopes()
  const poolHolds = pool && createPoolHolds(pool)
  let { calls } = totals
  let { progress } = options
  /** Why the run was ended; nothing of it goes on from there. */
  let ended: { readonly message: string; readonly shortage: Shortage } | null = null
  /** Raises on their way into the ledger. */
  let raising = 0
  let isClosed = false

  const view = (): Budget => budgetOf({ agentId, book, calls, parked: parking.list(), progress, plan })
  const shortageOf = ({ amount }: Claim<Ticket>): Shortage => ({ limit: book.limit, spent: book.spent, worstCase: amount })

  const changes = createPacer(clock, CHANGES_APART_MS, () => void announce(telling.changed(view())))
  const progressed = createPacer(clock, PROGRESS_APART_MS, () => {
    if (progress !== null) void announce(telling.progressed(progress))
  })

  async function raisedInLedger(by: Nanodollars, actor: string, reason: string): Promise<void> {
    raising += by
    try {
      await ledger.append([{ kind: 'raise', agentId, at: clock.now(), amount: by, actor, reason }])
    } finally {
      raising -= by
    }
  }

  const rests = createRests({ book, ledger, clock, pump: () => pump(), onDefect: (problem) => onDefect(problem, `the budget of ${agentId}`) })

  function touch(): void {
    if (!isClosed) changes.request()
  }

  function pump(): void {
    for (const decision of book.decide()) {
      const { claim, verdict } = decision
      if (verdict === 'fits') grant(claim)
      else if (verdict === 'too narrow') refuseNarrow(claim, decision.purse)
      else deny(claim)
    }
    touch()
  }

  function grant(claim: Claim<Ticket>): void {
    claim.owner.stopListening()
    if (pool !== null && claim.amount > 0) return void holdOfPool(claim, pool)
    // What may cost nothing goes on where nobody can say what there is; should it cost something after all, that is charged.
    poolHolds?.add({ callId: claim.owner.request.callId, attempt: claim.owner.request.attempt, amount: 0 })
    store(claim, claim.amount)
  }

  async function holdOfPool(claim: Claim<Ticket>, from: Pool): Promise<void> {
    const { callId, attempt, signal, closerWorstCase } = claim.owner.request
    let hold = { callId, attempt, amount: claim.amount }
    try {
      let verdict = await from.hold(hold, signal)
      if (verdict.outcome === 'exceeded' && claim.isLoose) {
        hold = { ...hold, amount: Math.min(claim.amount, await closerWorstCase()) }
        verdict = await from.hold(hold, signal)
      }
      if (verdict.outcome === 'held') {
        poolHolds?.add(hold)
        return store(claim, hold.amount)
      }
      if (verdict.outcome === 'abandoned') abandon(claim)
      else {
        const shortage = { limit: verdict.limit, spent: verdict.spent, worstCase: hold.amount }
        refuse(claim, 'budget', tellPoolSpent(shortage), shortage)
      }
    } catch (problem) {
      book.leave(claim)
      claim.owner.fail(problem)
    }
    pump()
  }

  function store(claim: Claim<Ticket>, amount: Nanodollars): void {
    const ticket = claim.owner
    const { callId, attempt, model, signal } = ticket.request
    const giveBack = (): void => {
      poolHolds?.giveBack(callId, attempt)
      book.leave(claim)
      pump()
    }
    writer.write({
      entry: { kind: 'reserve', agentId, at: clock.now(), callId, attempt, model, amount },
      isWanted: () => !signal.aborted && !isClosed,
      stored() {
        charges.hold(callId, attempt)
        if (ticket.scope) scopes.hold(callId, ticket.scope)
        ticket.answer({ outcome: 'admitted', reservation: reservationOf(claim, amount) })
      },
      unwanted() {
        giveBack()
        ticket.answer({ outcome: 'abandoned' })
      },
      failed(problem) {
        giveBack()
        ticket.fail(problem)
      },
    })
  }

  function reservationOf(claim: Claim<Ticket>, worstCase: Nanodollars): Reservation {
    const { callId, attempt } = claim.owner.request
    return {
      worstCase,
      runs(estimate) {
        claim.running = estimate
        touch()
      },
      settle(receipt: Receipt | null) {
        const charged = receipt?.total ?? 0
        if (!book.settle(claim, charged, true)) {
          onDefect(new Error(`Attempt ${attempt} of ${callId} was settled twice.`), `the budget of ${agentId}`)
          return
        }
        charges.charge(callId, attempt, charged)
        rests.keep(callId, claim)
        if (charged === 0) rests.releaseTry(callId, attempt, claim)
        poolHolds?.charge(callId, attempt, charged)
        pump()
      },
    }
  }

  function deny(claim: Claim<Ticket>): void {
    const { owner: ticket } = claim
    const shortage = shortageOf(claim)
    const hasRoom = atLimit === 'ask' && parking.count < MOST_PARKED
    if (hasRoom) parking.park(ticket, claim.amount, shortage, () => unanswered(claim))
    tellIfExhausted(claim, shortage)
    if (atLimit === 'end') {
      refuse(claim, 'budget', tellEnd(shortage), shortage)
      endRun(shortage)
    } else if (!hasRoom) refuse(claim, 'budget', tellTooManyParked(shortage, MOST_PARKED), shortage)
  }

  /** Nobody is asked: whoever opened the scope wants to know at once. */
  function refuseNarrow(claim: Claim<Ticket>, purse: Purse): void {
    const { limit, spent } = purse
    const scope = claim.owner.scope?.chain.find((one) => one === purse)
    const shortage = { limit: limit ?? 0, spent, worstCase: claim.amount }
    refuse(claim, 'budget', tellNarrow(scope?.name ?? '', shortage), shortage, scope?.id)
  }

  function tellIfExhausted(claim: Claim<Ticket>, shortage: Shortage): void {
    if (book.exhaust()) void announce(telling.exhausted(view(), claim.owner.request.callId, shortage, atLimit === 'ask'))
  }

  function endRun(shortage: Shortage): void {
    if (ended !== null) return
    const message = tellEnd(shortage)
    ended = { message, shortage }
    for (const waiting of [...book.line]) refuse(waiting, 'budget', message, shortage)
    options.endRun(agentId, tellEndReason(shortage)).catch((problem: unknown) => onDefect(problem, `ending ${agentId}`))
  }

  function refuse(claim: Claim<Ticket>, refusal: 'budget' | 'declined' | 'unanswered', message: string, shortage: Shortage, scope: string | null = null): void {
    book.leave(claim)
    claim.owner.answer({ outcome: 'refused', refusal, message, lack: lackOf(shortage, claim.amount, scope) })
  }

  function unanswered(claim: Claim<Ticket>): void {
    parking.leave(claim.owner, 'unanswered', null)
    const shortage = shortageOf(claim)
    refuse(claim, 'unanswered', tellUnanswered(shortage, plan.parkForMs), shortage)
    touch()
  }

  function abandon(claim: Claim<Ticket>): void {
    parking.leave(claim.owner, 'abandoned', null)
    book.leave(claim)
    claim.owner.answer({ outcome: 'abandoned' })
  }

  /** Asked for only where the first bound does not fit: it costs counting. */
  async function lookCloser(claim: Claim<Ticket>): Promise<void> {
    const { request } = claim.owner
    let amount = request.worstCase
    try {
      amount = await request.closerWorstCase()
    } catch (problem) {
      onDefect(problem, `the worst case of ${request.callId}`)
    }
    book.bound(claim, amount)
    pump()
  }

  function warnIfCrossed(isCrossed: boolean): void {
    if (isCrossed && !isClosed) void announce(telling.warned(view()))
  }

  /** In one turn with the call's own event, so that both are stored together. */
  function record(call: Call): void {
    const isCounted = call.outcome === 'answered' || call.cost > 0
    if (isCounted) calls++
    scopes.finish(call.id, isCounted)
    warnIfCrossed(book.record(call.cost))
    touch()
  }

  return {
    agentId,
    async admit(request) {
      // What an earlier try of it did not use: it must not wait for itself.
      if (request.attempt > 1) rests.giveBack(request.callId)
      if (isClosed) throw new AppError('UNAVAILABLE', 'The control room is closing; no call goes out any more.')
      if (request.signal.aborted) return { outcome: 'abandoned' }
      const scope = request.scope === undefined ? null : scopes.find(request.scope)
      if (request.scope !== undefined && scope === null) return { outcome: 'no scope', message: tellNoScope(request.scope) }
      if (ended !== null) {
        const { message, shortage } = ended
        return { outcome: 'refused', refusal: 'budget', message, lack: lackOf(shortage, request.worstCase, null) }
      }
      return new Promise((answer, fail) => {
        const ticket: Ticket = { request, scope, answer, fail, stopListening: () => {} }
        const claim = book.enter(ticket, request.worstCase, scope?.chain)
        pump()
        if (book.open.has(claim)) return
        const hangUp = (): void => {
          abandon(claim)
          pump()
        }
        request.signal.addEventListener('abort', hangUp, { once: true })
        ticket.stopListening = () => request.signal.removeEventListener('abort', hangUp)
        void lookCloser(claim)
      })
    },

    finish(call) {
      if (!charges.close(call)) return
      const stored = announce(callFinished(call, tellCall(call)))
      void stored.then((event) => {
        if (event !== undefined) rests.giveBack(call.id)
      })
      if (poolHolds) void stored.then(() => poolHolds.stored(call.id))
      record(call)
    },

    async finishLost(call, message) {
      book.charge(call.cost)
      const stored = announce(callFinished(call, message))
      record(call)
      await stored
    },

    async raise(by, actor, reason) {
      // Raises that are being stored stand in the ledger already.
      if (book.limit + raising + by > LARGEST_BUDGET) {
        const sentence = `The budget of ${plan.name} is ${formatMoney(book.limit + raising)}; ${formatMoney(by)} more is beyond ${formatMoney(LARGEST_BUDGET)}, the most there may be.`
        throw new AppError('INVALID_INPUT', sentence)
      }
      await raisedInLedger(by, actor, reason)
      const back = book.raise(by)
      ended = null
      const stored = announce(telling.raised(book.limit - by, book.limit, actor, reason))
      for (const { owner } of back) parking.leave(owner, 'approved', { actor, reason })
      pump()
      const [still] = book.stuck
      if (still) tellIfExhausted(still, shortageOf(still))
      warnIfCrossed(book.record(0))
      await stored
      return view()
    },

    async decline(callId, actor, reason) {
      const chosen = book.stuck.filter(({ owner }) => callId === null || owner.request.callId === callId)
      if (chosen.length === 0) {
        const sentence = callId === null ? `No call of ${plan.name} waits for a decision.` : `The call ${callId} does not wait for a decision.`
        throw new AppError('CONFLICT', sentence)
      }
      const stored = chosen.map((claim) => {
        const told = parking.leave(claim.owner, 'declined', { actor, reason })
        const shortage = shortageOf(claim)
        refuse(claim, 'declined', tellDeclined(shortage, actor, reason), shortage)
        return told
      })
      touch()
      await Promise.all(stored)
      return view()
    },

    tell(told) {
      progress = told
      progressed.request()
      touch()
    },

    runEnded() {
      ended = null
      scopes.clear()
      for (const claim of [...book.line, ...book.stuck]) abandon(claim)
      touch()
    },

    scopes,

    closeScope(id) {
      const closed = scopes.close(id)
      for (const claim of [...book.line, ...book.stuck]) {
        const { owner } = claim
        if (owner.scope === null || !closed.includes(owner.scope)) continue
        void parking.leave(owner, 'abandoned', null)
        book.leave(claim)
        owner.answer({ outcome: 'no scope', message: tellNoScope(owner.scope.id) })
      }
      pump()
      return statusOf(closed[0]!)
    },

    view,

    close(isGone) {
      for (const claim of [...book.line, ...book.stuck]) abandon(claim)
      isClosed = true
      for (const pacer of [progressed, changes]) {
        if (isGone) pacer.cancel()
        else pacer.flush()
      }
    },
  }
}

function lackOf({ limit, spent }: Shortage, requested: Nanodollars, scope: string | null): Lack {
  return { scope, limit, spent, requested }
}
