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
  | 'closing'
  | 'private-data'
  | 'not-allowed'
  | 'injection'
  | 'unchecked'
  | 'unknown-scope'

interface Shape {
  readonly status: number
  readonly openai: { readonly type: string; readonly code: string }
  readonly anthropic: string
}

const INVALID = 'invalid_request_error'
const SHAPES: Record<OwnRefusal, Shape> = {
  budget: { status: 402, openai: { type: 'insufficient_quota', code: 'budget_exceeded' }, anthropic: 'billing_error' },
  'no-key': { status: 401, openai: { type: INVALID, code: 'invalid_api_key' }, anthropic: 'authentication_error' },
  'unknown-token': { status: 401, openai: { type: INVALID, code: 'unknown_run' }, anthropic: 'authentication_error' },
  foreign: { status: 403, openai: { type: INVALID, code: 'forbidden' }, anthropic: 'permission_error' },
  'unknown-path': { status: 404, openai: { type: INVALID, code: 'unknown_url' }, anthropic: 'not_found_error' },
  'wrong-method': { status: 405, openai: { type: INVALID, code: 'method_not_allowed' }, anthropic: INVALID },
  'unknown-model': { status: 400, openai: { type: INVALID, code: 'model_not_priced' }, anthropic: INVALID },
  invalid: { status: 400, openai: { type: INVALID, code: 'invalid_request' }, anthropic: INVALID },
  'too-large': { status: 413, openai: { type: INVALID, code: 'request_too_large' }, anthropic: 'request_too_large' },
  encoded: { status: 415, openai: { type: INVALID, code: 'unsupported_content_encoding' }, anthropic: INVALID },
  'no-account': { status: 500, openai: { type: 'server_error', code: 'no_account' }, anthropic: 'api_error' },
  unreachable: { status: 502, openai: { type: 'server_error', code: 'upstream_unreachable' }, anthropic: 'api_error' },
  'time-out': { status: 504, openai: { type: 'server_error', code: 'upstream_time_out' }, anthropic: 'timeout_error' },
  closing: { status: 503, openai: { type: 'server_error', code: 'closing' }, anthropic: 'overloaded_error' },
  'private-data': { status: 403, openai: { type: INVALID, code: 'blocked_by_policy' }, anthropic: 'permission_error' },
  'not-allowed': { status: 403, openai: { type: INVALID, code: 'not_allowed' }, anthropic: 'permission_error' },
  injection: { status: 403, openai: { type: INVALID, code: 'blocked_by_policy' }, anthropic: 'permission_error' },
  unchecked: { status: 403, openai: { type: INVALID, code: 'not_checked' }, anthropic: 'permission_error' },
  'unknown-scope': { status: 403, openai: { type: INVALID, code: 'unknown_scope' }, anthropic: 'permission_error' },
}

export interface OwnAnswer {
  readonly status: number
  readonly headers: string[]
  readonly body: Buffer
}

/** A refusal in the shape that the provider's own SDK understands; whoever gets it need not try again. */
export function ownAnswer(provider: Provider, refusal: OwnRefusal, message: string, extra: readonly string[] = []): OwnAnswer {
  const { status, openai, anthropic } = SHAPES[refusal]
  const document =
    provider === 'openai'
      ? { error: { message, type: openai.type, param: refusal === 'unknown-model' ? 'model' : null, code: openai.code } }
      : { type: 'error', error: { type: anthropic, message } }
  const body = Buffer.from(JSON.stringify(document))
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'cache-control', 'no-store']
  return { status, headers: [...headers, 'x-should-retry', 'false', ...extra], body }
}
