import type { Admission, AdmissionRequest } from './admission.ts'

/** A request for money, and whoever waits for the answer. */
export interface Ticket {
  readonly request: AdmissionRequest
  readonly answer: (admission: Admission) => void
  readonly fail: (problem: unknown) => void
  /** Hanging up no longer means anything to it. */
  stopListening: () => void
}
