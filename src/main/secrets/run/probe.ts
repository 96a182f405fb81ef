import type { Provider } from '../../../shared/domain/provider.ts'
import { AppError } from '../../../shared/errors.ts'

export interface ProbeOptions {
  /** Where a provider's calls go, as a client would be given it; null where it is the provider itself. */
  readonly addressOf: (provider: Provider) => string | null
  readonly fetch?: typeof fetch
}

const PATIENCE_MS = 10_000

interface Asked {
  readonly provider: Provider
  readonly own: string
  readonly path: string
  readonly headers: (key: string) => Record<string, string>
}

/** Lists of models cost nothing, and are given to nobody without a key. */
const ASKED: ReadonlyMap<string, Asked> = new Map([
  ['OPENAI_API_KEY', { provider: 'openai', own: 'https://api.openai.com/v1', path: '/models', headers: (key) => ({ authorization: `Bearer ${key}` }) }],
  [
    'ANTHROPIC_API_KEY',
    { provider: 'anthropic', own: 'https://api.anthropic.com', path: '/v1/models', headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }) },
  ],
])

/** Tries a key at its provider: a sentence where it is refused there, null where it is taken. Throws where nobody can tell. */
export async function probeKey(name: string, value: string, { addressOf, fetch: ask = fetch }: ProbeOptions): Promise<string | null> {
  const asked = ASKED.get(name)
  if (!asked) {
    throw new AppError('UNAVAILABLE', `Nobody knows where ${name} could be tried; only ${[...ASKED.keys()].join(' and ')} can be. Leave "probe" out.`)
  }
  const address = addressOf(asked.provider) ?? asked.own
  const { host } = new URL(address)
  if (!/^[\x21-\x7e]+$/.test(value)) return `The new value of ${name} is no key: it holds characters that no header can. Nothing was changed.`
  const status = await statusOf(ask, `${address.replace(/\/+$/, '')}${asked.path}`, asked.headers(value))
  if (status !== null && status >= 200 && status < 300) return null
  if (status === 401 || status === 403) return `${host} does not take the new value of ${name} (status ${status}). Nothing was changed.`
  const what = status === null ? 'could not be reached' : `answered with status ${status}`
  throw new AppError('UNAVAILABLE', `${host} ${what}, so the new value of ${name} could not be tried. Nothing was changed; try again, or leave "probe" out.`)
}

async function statusOf(ask: typeof fetch, url: string, headers: Record<string, string>): Promise<number | null> {
  try {
    const response = await ask(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) })
    await response.body?.cancel()
    return response.status
  } catch {
    return null
  }
}
