import type { Millis } from '../shared/domain/units.ts'

/** What the rooms need from outside; tests hand in their own. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  now(): Millis
  /** Runs the action once, later. A timer never keeps the process alive. */
  after(delayMs: Millis, action: () => void): Timer
}

export interface Random {
  /** Lower-case hexadecimal, two digits a byte. */
  hex(bytes: number): string
  /** At least 0, below 1. */
  fraction(): number
}
