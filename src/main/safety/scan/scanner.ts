import type { PrivateType } from '../../../shared/domain/safetyRules.ts'

/** Something private in a text. */
export interface Match {
  readonly type: PrivateType
  /** In UTF-16 units from the beginning of the text, or of the stream. */
  readonly start: number
  readonly end: number
  /** Without disguise and decoration, as it is hashed and compared: `ceo@acme.com`, `+14155550132`, `078051120`. */
  readonly value: string
}

/** What is looked for on behalf of one agent. It never changes: other rules make another one. */
export interface Scanner {
  /** In order; no two overlap. Linear in the text's length, whatever it holds. */
  scan(text: string): readonly Match[]
  /** For a text that comes in pieces, cut anywhere. */
  stream(): StreamScanner
  /** What looks for handed-out secrets alone, in what is known to be no text. */
  readonly secretsOnly?: Scanner
}

/** What can be said after a piece. */
export interface Decided {
  /** Everything before this place is decided: what is private in it has been told, the rest may go on. */
  readonly settled: number
  /** Those that were decided by this piece, in order; they end at or before `settled`. */
  readonly matches: readonly Match[]
}

export interface StreamScanner {
  push(text: string): Decided
  /** No more will come: everything is decided. */
  end(): Decided
  /** What came and is not decided yet. */
  readonly held: string
}

/** Finds one family of private things. Pure. It is given text without disguise: zero-width characters gone, full-width ones made plain. */
export interface Finder {
  /** In order. It may look back at what stands before a match, at most 64 characters. */
  find(text: string, found: (match: Match) => void): void
  /**
   * Where the earliest thing begins that more text could still make, prolong or unmake; the text's length where there is none. What lies
   * before `from` is settled: where it would begin there is of no interest.
   */
  openFrom(text: string, from?: number): number
}
