import { AppError, type ErrorCode } from '../../shared/errors.ts'

export interface Refusal {
  /** Who said so, as the sentence's subject: `--budget`, `IRON_CAGE_BUDGET`, `/x/iron_cage.yaml, line 3: budget`. */
  readonly subject: string
  readonly given: unknown
  /** Ends the sentence "but must be …". */
  readonly allowed: string
  readonly hint?: string | null
  readonly code?: ErrorCode
  /** The value may be a secret. */
  readonly isConcealed?: boolean
}

/** The one sentence in which a value is refused. */
export function refusal({ subject, given, allowed, hint, code = 'INVALID_CONFIGURATION', isConcealed = false }: Refusal): AppError {
  const ending = hint ? `; ${hint}.` : '.'
  const shown = isConcealed ? 'something else (not shown here)' : given === undefined ? 'missing' : quote(given)
  return new AppError(code, `${subject} is ${shown}, but must be ${allowed}${ending}`)
}

/** What somebody wrote, short enough for a sentence. */
export function quote(given: unknown): string {
  const text = JSON.stringify(given) ?? String(given)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
