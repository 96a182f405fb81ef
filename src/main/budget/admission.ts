import type { AgentId } from '../../shared/domain/agent.ts'
import type { Call, CallId, Receipt, Refusal } from '../../shared/domain/llm.ts'
import type { SafetyMode } from '../../shared/domain/safetyRules.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'

export interface AdmissionRequest {
  readonly agentId: AgentId
  readonly callId: CallId
  /** From 1 on; every attempt is admitted by itself. */
  readonly attempt: number
  readonly model: string
  /** An upper bound that is cheap to have. */
  readonly worstCase: Nanodollars
  /** A closer one, asked for only where the first does not fit. */
  readonly closerWorstCase: () => Promise<Nanodollars>
  /** The part of the run that it belongs to. */
  readonly scope?: string
  /** Aborted when the agent hangs up while it waits. */
  readonly signal: HangUpSignal
}

/** As much of an AbortSignal as is needed here: making a whole one for every call costs more than its admission. */
export interface HangUpSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { once: true }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

export type Admission =
  | { readonly outcome: 'admitted'; readonly reservation: Reservation }
  /** `message` is a sentence for whoever reads the agent's error. */
  | { readonly outcome: 'refused'; readonly refusal: Extract<Refusal, 'budget' | 'declined' | 'unanswered'>; readonly message: string; readonly lack: Lack }
  /** Its scope is not, or no longer, open. */
  | { readonly outcome: 'no scope'; readonly message: string }
  /** The agent hung up; nobody needs an answer. */
  | { readonly outcome: 'abandoned' }

/** What a refused call would have needed, for programs. */
export interface Lack {
  /** Null where the whole run has too little. */
  readonly scope: string | null
  readonly limit: Nanodollars
  readonly spent: Nanodollars
  readonly requested: Nanodollars
}

/** Money held for one attempt. It is on disk before anybody hears of it. */
export interface Reservation {
  readonly worstCase: Nanodollars
  /** What it has probably used so far. */
  runs(estimate: Nanodollars): void
  /** On every way out, once; a null receipt gives everything back. The ledger's row moves with the call's event. */
  settle(receipt: Receipt | null): void
}

/** What the gateway asks of the budget. It answers; it ends nothing and sends nothing by itself. */
export interface BudgetDesk {
  admit(request: AdmissionRequest): Promise<Admission>
  /** What a scope asks of its calls; null where it is not open. */
  scopeOf(agentId: AgentId, scope: string): { readonly safetyMode: SafetyMode | null } | null
  /** The call is over: its charges, its row and its event are stored in one go. */
  finish(call: Call): void
}
