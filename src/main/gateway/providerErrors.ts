import type { JsonValue } from '../../shared/errors.ts'
import type { Provider } from '../../shared/domain/provider.ts'

/** What we refuse ourselves, in words of neither provider. */
export type OwnRefusal =
  | 'budget'
  | 'no-key'
  | 'unknown-token'
  | 'foreign'
  | 'unknown-path'
  | 'wrong-method'
  | 'unknown-model'
  | 'invalid'
  | 'too-large'
  | 'encoded'
  | 'no-account'
  | 'unreachable'
  | 'time-out'
  | 'unavailable'
  | 'closing'
  | 'crowded'
  | 'full'
  | 'private-data'
  | 'not-allowed'
  | 'injection'
  | 'unchecked'
  | 'unknown-scope'

interface Shape {
  readonly status: number
  /** For programs; null where the upstream failed, and not we refused. */
  readonly code: string | null
  readonly openai: { readonly type: string; readonly code: string }
  readonly anthropic: string
}

const INVALID = 'invalid_request_error'
const SHAPES: Record<OwnRefusal, Shape> = {
  budget: { status: 402, code: 'BUDGET_EXCEEDED', openai: { type: 'insufficient_quota', code: 'budget_exceeded' }, anthropic: 'billing_error' },
  'no-key': { status: 401, code: 'NO_KEY', openai: { type: INVALID, code: 'invalid_api_key' }, anthropic: 'authentication_error' },
  'unknown-token': { status: 401, code: 'UNKNOWN_RUN', openai: { type: INVALID, code: 'unknown_run' }, anthropic: 'authentication_error' },
  foreign: { status: 403, code: 'FORBIDDEN', openai: { type: INVALID, code: 'forbidden' }, anthropic: 'permission_error' },
  'unknown-path': { status: 404, code: 'UNKNOWN_PATH', openai: { type: INVALID, code: 'unknown_url' }, anthropic: 'not_found_error' },
  'wrong-method': { status: 405, code: 'WRONG_METHOD', openai: { type: INVALID, code: 'method_not_allowed' }, anthropic: INVALID },
  'unknown-model': { status: 400, code: 'UNKNOWN_MODEL', openai: { type: INVALID, code: 'model_not_priced' }, anthropic: INVALID },
  invalid: { status: 400, code: 'INVALID', openai: { type: INVALID, code: 'invalid_request' }, anthropic: INVALID },
  'too-large': { status: 413, code: 'TOO_LARGE', openai: { type: INVALID, code: 'request_too_large' }, anthropic: 'request_too_large' },
  encoded: { status: 415, code: 'ENCODED', openai: { type: INVALID, code: 'unsupported_content_encoding' }, anthropic: INVALID },
  'no-account': { status: 500, code: 'NO_ACCOUNT', openai: { type: 'server_error', code: 'no_account' }, anthropic: 'api_error' },
  unreachable: { status: 502, code: null, openai: { type: 'server_error', code: 'upstream_unreachable' }, anthropic: 'api_error' },
  'time-out': { status: 504, code: null, openai: { type: 'server_error', code: 'upstream_time_out' }, anthropic: 'timeout_error' },
  unavailable: { status: 503, code: 'CIRCUIT_OPEN', openai: { type: 'server_error', code: 'circuit_open' }, anthropic: 'overloaded_error' },
  closing: { status: 503, code: 'CLOSING', openai: { type: 'server_error', code: 'closing' }, anthropic: 'overloaded_error' },
  crowded: { status: 429, code: 'TOO_MANY_CALLS', openai: { type: 'requests', code: 'rate_limit_exceeded' }, anthropic: 'rate_limit_error' },
  full: { status: 503, code: 'TOO_MANY_CONNECTIONS', openai: { type: 'server_error', code: 'too_many_connections' }, anthropic: 'overloaded_error' },
  'private-data': { status: 403, code: 'PII_BLOCKED', openai: { type: INVALID, code: 'blocked_by_policy' }, anthropic: 'permission_error' },
  'not-allowed': { status: 403, code: 'NOT_ALLOWED', openai: { type: INVALID, code: 'not_allowed' }, anthropic: 'permission_error' },
  injection: { status: 403, code: 'INJECTION', openai: { type: INVALID, code: 'blocked_by_policy' }, anthropic: 'permission_error' },
  unchecked: { status: 403, code: 'NOT_CHECKED', openai: { type: INVALID, code: 'not_checked' }, anthropic: 'permission_error' },
  'unknown-scope': { status: 403, code: 'UNKNOWN_SCOPE', openai: { type: INVALID, code: 'unknown_scope' }, anthropic: 'permission_error' },
}

export interface OwnAnswer {
  readonly status: number
  readonly headers: string[]
  readonly body: Buffer
}

/** What a program can make an exception of. */
export type RefusalDetails = { readonly [name: string]: JsonValue | readonly string[] }

/** By this header a refusal of ours is told from a failure of the service; upstreams cannot set it. */
const REFUSAL_HEADER = 'x-iron-cage-refusal'

export interface OwnAnswerOptions {
  readonly headers?: readonly string[]
  readonly details?: RefusalDetails
}

/**
 * A refusal in the shape that the provider's own SDK understands; whoever gets it need not try again. What programs read stands inside
 * of `error`, the only part that every SDK hands on.
 */
export function ownAnswer(provider: Provider, refusal: OwnRefusal, message: string, { headers: extra = [], details = {} }: OwnAnswerOptions = {}): OwnAnswer {
  const { status, code, openai, anthropic } = SHAPES[refusal]
  const ours = code === null ? {} : { iron_cage: { code, ...details } }
  const document =
    provider === 'openai'
      ? { error: { message, type: openai.type, param: refusal === 'unknown-model' ? 'model' : null, code: openai.code, ...ours } }
      : { type: 'error', error: { type: anthropic, message, ...ours } }
  const body = Buffer.from(JSON.stringify(document))
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'cache-control', 'no-store']
  return { status, headers: [...headers, 'x-should-retry', 'false', ...(code === null ? [] : [REFUSAL_HEADER, code]), ...extra], body }
}
