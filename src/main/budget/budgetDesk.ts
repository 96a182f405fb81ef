import type { Agent, AgentId, AtLimit, LaunchPlan } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'
import type { Budget, Progress } from '../../shared/domain/budget.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock } from '../ports.ts'
import type { EventStore, LedgerTotals, OpenReservation, State } from '../state/repositories.ts'
import { createAccount, type Account } from './account.ts'
import type { BudgetDesk } from './admission.ts'
import { callFinished } from './announcements.ts'
import { lostCalls } from './lostCalls.ts'
import type { Pool } from './pool.ts'
import { createReserveWriter } from './reserveWriter.ts'
import type { Scope, ScopeOpening, ScopeStatus } from './scopes.ts'
import { tellCall, tellLost } from './sentences.ts'

/** Every agent's budget. */
export interface RunningBudgetDesk extends BudgetDesk {
  list(): Budget[]
  /** Throws AGENT_NOT_FOUND. */
  status(agentId: AgentId): Budget
  raise(agentId: AgentId, by: Nanodollars, actor: string, reason: string): Promise<Budget>
  /** Refuses the call, or every call, that waits for a decision. */
  decline(agentId: AgentId, callId: CallId | null, actor: string, reason: string): Promise<Budget>
  progress(agentId: AgentId, progress: Progress): void
  openScope(agentId: AgentId, opening: ScopeOpening): Scope
  scopeStatus(agentId: AgentId, scope: string): ScopeStatus
  closeScope(agentId: AgentId, scope: string): ScopeStatus
  /** Of another room that died: charged as this room's own are at its start. */
  settleLostCalls(open: readonly OpenReservation[], planOf: (agentId: AgentId) => LaunchPlan | null): Promise<void>
  /** Whoever still waits is let go; what was to be told is told. */
  close(): void
}

export interface BudgetDeskOptions {
  readonly state: Pick<State, 'ledger' | 'agents' | 'events'>
  readonly bus: EventBus
  readonly clock: Clock
  /** What happens at the limit where an agent's plan leaves it open. */
  readonly atLimit: AtLimit
  /** What all agents draw on besides their own budgets; left out where there is none. */
  readonly pool?: Pool | null
  /** Stops an agent whose budget is used up. */
  readonly endRun: (agentId: AgentId, reason: string) => Promise<unknown>
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** What was charged cannot be stored any more. */
  readonly onFailure: (problem: unknown) => void
}

type Totals = Omit<LedgerTotals, 'agentId'>

/** What people know of a budget from before a restart, beyond what the ledger says. */
interface ToldBefore {
  readonly progress: Progress | null
  readonly isExhausted: boolean
}

const NOTHING_YET = { spent: 0, raises: 0, calls: 0 }

/** Opens the budgets of the agents that there are, and settles what a room that died has left open. */
export async function createBudgetDesk(options: BudgetDeskOptions): Promise<RunningBudgetDesk> {
  const { state, bus, clock, atLimit, pool = null, endRun, onDefect, onFailure } = options
  const { ledger } = state
  const accounts = new Map<AgentId, Account>()
  /** Off the list, and calls of theirs are under way still. */
  const leaving = new Map<AgentId, Account>()
  const writer = createReserveWriter(ledger)
  const tell = (announcement: Announcement): Promise<unknown> => bus.announce(announcement).catch(onFailure)

  function open({ id: agentId, plan }: Agent, totals?: Totals, told: ToldBefore = { progress: null, isExhausted: false }): void {
    // On disk before the agent's first process, and so before its first call.
    // What is reserved for it is stored behind it.
    if (!totals) void Promise.resolve(ledger.append([{ kind: 'limit', agentId, at: clock.now(), amount: plan.budget }])).catch(onFailure)
    const known = totals ?? { limit: plan.budget, ...NOTHING_YET }
    const common = { clock, ledger, writer, pool, announce: tell, atLimit, endRun, onDefect }
    accounts.set(agentId, createAccount({ agentId, plan, totals: known, ...told, ...common }))
  }

  function hear(events: readonly Event[]): void {
    for (const event of events) {
      if (event.name === 'agent.removed' && event.agentId !== null) {
        const account = accounts.get(event.agentId)
        account?.close(true)
        accounts.delete(event.agentId)
        if (account && account.view().openCalls > 0) leaving.set(event.agentId, account)
      }
      if (event.name !== 'agent.changed') continue
      const { agent } = event.payload
      const account = accounts.get(agent.id)
      if (!account) open(agent)
      // A restart that was asked for goes from one run to the next.
      else if (!isAlive(agent.status) || agent.status === 'starting') account.runEnded()
    }
  }

  function accountOf(agentId: AgentId): Account {
    const account = accounts.get(agentId)
    if (!account) throw new AppError('AGENT_NOT_FOUND', `There is no agent ${agentId}.`)
    return account
  }

  async function settleLost(call: Call): Promise<void> {
    const account = accounts.get(call.agentId)
    const message = tellLost(call.model, call.cost)
    if (account) await account.finishLost(call, message)
    else await tell(callFinished(call, message))
    call.attempts.forEach(({ receipt, reserved }, index) => {
      if (receipt) pool?.settle({ callId: call.id, attempt: index + 1, amount: reserved }, receipt.total)
    })
  }

  const agents = await state.agents.all()
  const totals = new Map((await ledger.totals()).map((one) => [one.agentId, one]))
  for (const agent of agents) {
    const known = totals.get(agent.id)
    open(agent, known, await toldBefore(state.events, agent.id, known?.limit))
  }
  const plans = new Map(agents.map(({ id, plan }) => [id, plan]))
  const settleLostCalls = async (open: readonly OpenReservation[], planOf: (agentId: AgentId) => LaunchPlan | null): Promise<void> => {
    await Promise.all(lostCalls(open, planOf).map(settleLost))
  }
  await settleLostCalls(await ledger.openReservations(), (id) => plans.get(id) ?? null)
  const stopListening = bus.listen(hear)

  return {
    admit: async (request) => accountOf(request.agentId).admit(request),

    scopeOf: (agentId, scope) => accounts.get(agentId)?.scopes.find(scope) ?? null,
    openScope: (agentId, opening) => accountOf(agentId).scopes.open(opening),
    scopeStatus: (agentId, scope) => accountOf(agentId).scopes.status(scope),
    closeScope: (agentId, scope) => accountOf(agentId).closeScope(scope),

    finish(call) {
      const account = accounts.get(call.agentId) ?? leaving.get(call.agentId)
      if (account) account.finish(call)
      // Its agent is off the list, and it has used nothing.
      else void tell(callFinished(call, tellCall(call)))
      if (leaving.get(call.agentId)?.view().openCalls === 0) leaving.delete(call.agentId)
    },

    list: () => [...accounts.values()].map((account) => account.view()),
    status: (agentId) => accountOf(agentId).view(),
    raise: async (agentId, by, actor, reason) => accountOf(agentId).raise(by, actor, reason),
    decline: async (agentId, callId, actor, reason) => accountOf(agentId).decline(callId, actor, reason),
    progress: (agentId, progress) => accountOf(agentId).tell(progress),
    settleLostCalls,

    close() {
      stopListening()
      pool?.close()
      writer.flush()
      for (const account of accounts.values()) account.close(false)
    },
  }
}

async function toldBefore(events: EventStore, agentId: AgentId, limit: Nanodollars | undefined): Promise<ToldBefore> {
  const [progressed, exhausted] = await Promise.all([events.lastOfBudget('agent.progressed', agentId), events.lastOfBudget('budget.exhausted', agentId)])
  return { progress: progressed?.payload.progress ?? null, isExhausted: exhausted?.payload.budget.limit === limit }
}
