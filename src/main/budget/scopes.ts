import type { CallId } from '../../shared/domain/llm.ts'
import type { SafetyMode } from '../../shared/domain/safetyRules.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import type { Purse } from './budgetBook.ts'

/** A part of a run with a limit of its own. It narrows what the run may, and never widens it. */
export interface Scope extends Purse {
  readonly id: string
  readonly name: string
  /** This one first, the outermost last. */
  readonly chain: readonly Scope[]
  /** The strictest of the chain; null where none says anything. */
  readonly safetyMode: SafetyMode | null
  calls: number
}

export interface ScopeOpening {
  readonly id: string
  readonly name: string
  readonly limit: Nanodollars | null
  readonly safetyMode: SafetyMode | null
  readonly within: string | null
}

export interface ScopeStatus {
  readonly scopeId: string
  readonly limit: Nanodollars | null
  readonly spent: Nanodollars
  readonly reserved: Nanodollars
  readonly calls: number
}

/** The scopes of one run. */
export interface Scopes {
  open(opening: ScopeOpening): Scope
  /** Null for one that is not, or no longer, open. */
  find(id: string): Scope | null
  /** Throws NOT_FOUND. */
  status(id: string): ScopeStatus
  /** Closes it and everything within; gives what was closed, itself first. */
  close(id: string): Scope[]
  /** A call of this scope goes out. */
  hold(callId: CallId, scope: Scope): void
  /** A call is over. */
  finish(callId: CallId, isCounted: boolean): void
  /** The run is over, and every scope with it. */
  clear(): void
}

const MOST_OPEN = 1_000
const STRICTNESS: readonly (SafetyMode | null)[] = [null, 'warn', 'redact', 'block']

export function createScopes(): Scopes {
  const scopes = new Map<string, Scope>()
  const calling = new Map<CallId, Scope>()

  function known(id: string): Scope {
    const scope = scopes.get(id)
    if (scope) return scope
    throw new AppError('NOT_FOUND', `There is no open scope ${id} in this run: it was closed, or ended with its run.`)
  }

  return {
    open({ id, name, limit, safetyMode, within }) {
      if (scopes.size >= MOST_OPEN) {
        throw new AppError('RATE_LIMITED', `${MOST_OPEN} scopes of this run are open, and no more can be: close those that are over.`)
      }
      if (scopes.has(id)) throw new Error(`The scope ${id} is open already.`)
      const outer = within === null ? null : known(within)
      const chain: Scope[] = []
      const scope: Scope = {
        id,
        name,
        limit,
        chain,
        safetyMode: stricter(safetyMode, outer?.safetyMode ?? null),
        spent: 0,
        reserved: 0,
        calls: 0,
      }
      chain.push(scope, ...(outer?.chain ?? []))
      scopes.set(id, scope)
      return scope
    },

    find: (id) => scopes.get(id) ?? null,
    status: (id) => statusOf(known(id)),

    close(id) {
      const scope = known(id)
      const closed = [...scopes.values()].filter(({ chain }) => chain.includes(scope))
      for (const one of closed) scopes.delete(one.id)
      return closed
    },

    hold: (callId, scope) => void calling.set(callId, scope),

    finish(callId, isCounted) {
      const scope = calling.get(callId)
      calling.delete(callId)
      if (isCounted) for (const one of scope?.chain ?? []) one.calls++
    },

    clear: () => scopes.clear(),
  }
}

export function statusOf({ id, limit, spent, reserved, calls }: Scope): ScopeStatus {
  return { scopeId: id, limit, spent, reserved, calls }
}

function stricter(one: SafetyMode | null, other: SafetyMode | null): SafetyMode | null {
  return STRICTNESS.indexOf(one) >= STRICTNESS.indexOf(other) ? one : other
}
