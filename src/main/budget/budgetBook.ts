import { LARGEST_BUDGET } from '../../shared/domain/money.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { isNearlySpent } from './projection.ts'

/**
 * One agent's money, without any I/O. Who comes first is served first: a claim that waits only for others to give
 * back holds up everybody behind it, so that small ones cannot starve a large one. A claim that does not fit whatever
 * others give back holds nobody up; once the limit is raised it takes its old place again. One that waits for a purse alone holds up
 * only those who need the same purse.
 */
export interface BudgetBook<T> {
  readonly limit: Nanodollars
  readonly spent: Nanodollars
  readonly reserved: Nanodollars
  readonly raises: number
  readonly isWarned: boolean
  readonly isExhausted: boolean
  /** Claims that hold money. */
  readonly open: ReadonlySet<Claim<T>>
  /** Claims that wait for others to give back. */
  readonly line: readonly Claim<T>[]
  /** Claims that fit only after a raise. */
  readonly stuck: readonly Claim<T>[]
  enter(owner: T, amount: Nanodollars, purses?: readonly Purse[]): Claim<T>
  /** A closer bound is known, or there is none: now a claim may be told that it does not fit. */
  bound(claim: Claim<T>, amount: Nanodollars): void
  /** Takes whoever it is out of the line, and gives back what it holds. */
  leave(claim: Claim<T>): void
  /** What has changed for whom since the last time. What fits is reserved by then. */
  decide(): Decision<T>[]
  /** Charges, and gives the rest back, or keeps it until it is released; false when the claim held nothing any more. */
  settle(claim: Claim<T>, charged: Nanodollars, isRestKept?: boolean): boolean
  /** Gives the rest of a settled claim back. */
  release(claim: Claim<T>): void
  /** What was spent without a claim of this book: calls from before a restart. */
  charge(amount: Nanodollars): void
  /** A call's charges are in the ledger for good; true when that crosses nine tenths of this limit. */
  record(charged: Nanodollars): boolean
  /** A claim did not fit; true for the first one at this limit. */
  exhaust(): boolean
  /** Gives the claims that stand in line again, in their old places. */
  raise(by: Nanodollars): Claim<T>[]
}

/** A part of the money with a limit of its own; a claim needs room in each that it names. */
export interface Purse {
  /** Null: what it uses is only counted. */
  readonly limit: Nanodollars | null
  spent: Nanodollars
  reserved: Nanodollars
}

export interface Claim<T> {
  readonly owner: T
  /** The best bound that is known. */
  readonly amount: Nanodollars
  /** Whether a closer bound is still being looked for. */
  readonly isLoose: boolean
  /** What it has probably used so far. */
  running: Nanodollars
}

export type Decision<T> = Settled<T> | TooNarrow<T>

interface Settled<T> {
  readonly claim: Claim<T>
  readonly verdict: 'fits' | 'exhausted'
}

/** It fits into none of what one of its purses has, whatever others give back. It has left the line. */
export interface TooNarrow<T> {
  readonly claim: Claim<T>
  readonly verdict: 'too narrow'
  readonly purse: Purse
}

export interface BookOpening {
  readonly limit: Nanodollars
  readonly spent: Nanodollars
  readonly raises: number
  readonly isExhausted?: boolean
}

interface Place<T> extends Claim<T> {
  amount: Nanodollars
  isLoose: boolean
  readonly arrival: number
  readonly purses: readonly Purse[]
}

const NO_PURSES: readonly Purse[] = []

export function createBudgetBook<T>(opening: BookOpening): BudgetBook<T> {
  let { limit, spent, raises } = opening
  let reserved = 0
  /** What of `spent` is in the ledger: by this alone the warning is decided, so that a restart comes to the same answer. */
  let recorded = spent
  let isWarned = isNearlySpent(recorded, limit)
  let isExhausted = opening.isExhausted ?? false
  let arrivals = 0
  const open = new Set<Place<T>>()
  /** What settled claims have not given back yet. */
  const rests = new Map<Place<T>, Nanodollars>()
  let line: Place<T>[] = []
  let stuck: Place<T>[] = []

  const fitsNow = (amount: Nanodollars): boolean => amount <= limit - spent - reserved
  const fitsOnceAllIsBack = (amount: Nanodollars): boolean => amount <= limit - spent

  function reserve(place: Place<T>): void {
    reserved += place.amount
    for (const purse of place.purses) purse.reserved += place.amount
    open.add(place)
  }

  function keep(place: Place<T>, rest: Nanodollars): void {
    rests.set(place, rest)
    reserved += rest
    for (const purse of place.purses) purse.reserved += rest
  }

  /** False when it holds nothing. */
  function giveBack(place: Place<T>): boolean {
    if (!open.delete(place)) return false
    reserved -= place.amount
    for (const purse of place.purses) purse.reserved -= place.amount
    return true
  }

  function decide(): Decision<T>[] {
    if (line.length === 0) return []
    const decisions: Decision<T>[] = []
    const remaining: Place<T>[] = []
    let isHeldUp = false
    const heldUp: Purse[] = []
    for (const claim of line) {
      const { amount, purses } = claim
      const tooNarrow = purses.find((purse) => amount > roomOnceAllIsBack(purse))
      // Most claims name none.
      const waitsFor = purses.length === 0 ? NO_PURSES : purses.filter((purse) => amount > roomNow(purse))
      if (!isHeldUp && fitsNow(amount) && waitsFor.length === 0 && !purses.some((purse) => heldUp.includes(purse))) {
        reserve(claim)
        decisions.push({ claim, verdict: 'fits' })
      } else if (claim.isLoose || (!tooNarrow && fitsOnceAllIsBack(amount))) {
        if (!tooNarrow && fitsOnceAllIsBack(amount)) {
          isHeldUp ||= !fitsNow(amount)
          heldUp.push(...waitsFor)
        }
        remaining.push(claim)
      } else if (tooNarrow) {
        decisions.push({ claim, verdict: 'too narrow', purse: tooNarrow })
      } else {
        stuck = [...stuck, claim].sort(byArrival)
        decisions.push({ claim, verdict: 'exhausted' })
      }
    }
    line = remaining
    return decisions
  }

  return {
    get limit() {
      return limit
    },
    get spent() {
      return spent
    },
    get reserved() {
      return reserved
    },
    get raises() {
      return raises
    },
    get isWarned() {
      return isWarned
    },
    get isExhausted() {
      return isExhausted
    },
    open,
    get line() {
      return line
    },
    get stuck() {
      return stuck
    },

    enter(owner, amount, purses = NO_PURSES) {
      const place: Place<T> = { owner, amount, isLoose: true, running: 0, arrival: arrivals++, purses }
      line.push(place)
      return place
    },

    bound(claim, amount) {
      const place = claim as Place<T>
      // What holds money already holds what it was given.
      if (open.has(place)) return
      place.amount = Math.min(place.amount, amount)
      place.isLoose = false
    },

    leave(claim) {
      const place = claim as Place<T>
      giveBack(place)
      line = line.filter((other) => other !== place)
      stuck = stuck.filter((other) => other !== place)
    },

    decide,

    settle(claim, charged, isRestKept = false) {
      const place = claim as Place<T>
      if (!giveBack(place)) return false
      spent += charged
      for (const purse of place.purses) purse.spent += charged
      if (isRestKept && place.amount > charged) keep(place, place.amount - charged)
      return true
    },

    release(claim) {
      const place = claim as Place<T>
      keep(place, -(rests.get(place) ?? 0))
      rests.delete(place)
    },

    charge(amount) {
      spent += amount
    },

    record(charged) {
      recorded += charged
      if (isWarned || !isNearlySpent(recorded, limit)) return false
      isWarned = true
      return true
    },

    exhaust() {
      if (isExhausted) return false
      isExhausted = true
      return true
    },

    raise(by) {
      if (by > LARGEST_BUDGET - limit) throw new RangeError('A limit beyond the largest budget there may be.')
      limit += by
      raises++
      isWarned = false
      isExhausted = false
      const back = stuck.filter(({ amount }) => fitsOnceAllIsBack(amount))
      stuck = stuck.filter(({ amount }) => !fitsOnceAllIsBack(amount))
      line = [...line, ...back].sort(byArrival)
      return back
    },
  }
}

function roomOnceAllIsBack({ limit, spent }: Purse): Nanodollars {
  return limit === null ? Infinity : limit - spent
}

function roomNow(purse: Purse): Nanodollars {
  return roomOnceAllIsBack(purse) - purse.reserved
}

function byArrival(one: { arrival: number }, other: { arrival: number }): number {
  return one.arrival - other.arrival
}
