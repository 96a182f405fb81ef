import type { Endpoint } from '../../shared/domain/llm.ts'
import type { Provider } from '../../shared/domain/provider.ts'

/** Where a request goes: read from its address alone. */
export interface Route {
  readonly token: string
  readonly provider: Provider
  /** `unknown` is never forwarded. */
  readonly endpoint: Endpoint
  /** Below the upstream's base URL, with its query; of what is unknown, all that follows the run. */
  readonly path: string
  /** The method that this path takes, where another was used. */
  readonly allowed: string | null
}

export const POSTS: Record<Provider, ReadonlyMap<string, Endpoint>> = {
  openai: new Map([
    ['/chat/completions', 'chat/completions'],
    ['/responses', 'responses'],
    ['/completions', 'completions'],
    ['/embeddings', 'embeddings'],
  ]),
  anthropic: new Map([
    ['/v1/messages', 'messages'],
    ['/v1/messages/count_tokens', 'messages/count_tokens'],
  ]),
}
export const MODELS: Record<Provider, string> = { openai: '/models', anthropic: '/v1/models' }

/** A model's name as SDKs write it into a path: slashes come encoded, and no part begins with a dot. */
const MODEL_ID = /^[\w:@~+-][\w.:@~+-]*(%2[Ff][\w:@~+-][\w.:@~+-]*|%3[Aa][\w.:@~+-]*)*$/
const RUN = /^\/run\/([\w-]{1,128})(\/.*)$/

/** Null where the address names no run. */
export function readRoute(method: string, url: string): Route | null {
  const run = RUN.exec(url)
  if (!run) return null
  const token = run[1]!
  const rest = run[2]!
  const isAnthropic = rest.startsWith('/anthropic/')
  const provider = isAnthropic ? 'anthropic' : 'openai'
  const base = isAnthropic ? '/anthropic' : '/openai/v1'
  const path = rest.slice(base.length)
  const unknown: Route = { token, provider, endpoint: 'unknown', path: rest, allowed: null }
  if (!rest.startsWith(`${base}/`) || path.includes('#')) return unknown

  const query = path.indexOf('?')
  const bare = query < 0 ? path : path.slice(0, query)
  const posted = POSTS[provider].get(bare)
  if (posted) return method === 'POST' ? { ...unknown, endpoint: posted, path } : { ...unknown, allowed: 'POST' }
  const models = MODELS[provider]
  if (bare === models || (bare.startsWith(`${models}/`) && MODEL_ID.test(bare.slice(models.length + 1)))) {
    return method === 'GET' ? { ...unknown, endpoint: 'models', path } : { ...unknown, allowed: 'GET' }
  }
  return unknown
}
