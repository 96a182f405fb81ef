/** What a view, a script or a shell can branch on. The HTTP status is what the REST door answers with. */
export const ERROR_STATUS = {
  INVALID_INPUT: 400,
  INVALID_CONFIGURATION: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  AGENT_NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_LARGE: 413,
  LOCKED: 423,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const
export type ErrorCode = keyof typeof ERROR_STATUS

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** The one shape in which an error crosses a border. */
export interface ErrorBody {
  code: ErrorCode
  message: string
  details?: JsonValue
}

/** A wrong that the other side can act on. Everything else that is thrown is a defect and crosses as INTERNAL with an incident id. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: JsonValue | undefined

  constructor(code: ErrorCode, message: string, details?: JsonValue) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }

  toBody(): ErrorBody {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details }
  }

  static fromBody(body: ErrorBody): AppError {
    return new AppError(body.code, body.message, body.details)
  }
}

/** What it says of itself; anything can be thrown. */
export function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem)
}
