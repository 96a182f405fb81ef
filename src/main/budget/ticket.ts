import type { Admission, AdmissionRequest } from './admission.ts'
import type { Scope } from './scopes.ts'

/** A request for money, and whoever waits for the answer. */
export interface Ticket {
  readonly request: AdmissionRequest
  /** The part of the run that pays. */
  readonly scope: Scope | null
  readonly answer: (admission: Admission) => void
  readonly fail: (problem: unknown) => void
  /** Hanging up no longer means anything to it. */
  stopListening: () => void
}
