import type { AgentId } from '../../shared/domain/agent.ts'
import type { HeaderList } from './headers.ts'

/** What stands for what in agents' keys: a run's secrets, some of them superseded or sealed. */
export interface RunKeys {
  /** What is to leave for a host in place of a key that an agent sent; null where that is to leave as it is. */
  currentOf(agentId: AgentId, sent: string, host: string): string | null
  /** Why a call with this key is not to leave; null where nothing is in its way. */
  refusalOf(agentId: AgentId, sent: string): string | null
  /** True where it was refused and another key is to be tried at once. */
  answered(agentId: AgentId, call: { readonly sent: string; readonly used: string; readonly host: string; readonly status: number }): boolean
}

export interface KeyedHeaders {
  /** The very same where nothing was exchanged. */
  readonly headers: HeaderList
  /** The key as it came, and as it leaves; null where there is none. */
  readonly key: { readonly sent: string; readonly used: string } | null
}

/** How long their names are, for most headers are told apart by that alone. */
const LONGEST_NAME = 'authorization'.length
const CREDENTIALS = new Set(['authorization', 'x-api-key', 'api-key'])
const SCHEME = /^([\w-]+\s+)(\S+)$/
/** Whatever else there is cannot stand in a header. */
const SENDABLE = /^[\x21-\x7e]+$/

/** Why a request with these headers is not to leave; null where nothing is in its way. */
export function refusalOfKeys(headers: HeaderList, refusalOf: (sent: string) => string | null): string | null {
  let refusal: string | null = null
  withCurrentKeys(headers, (sent) => {
    refusal ??= refusalOf(sent)
    return null
  })
  return refusal
}

/** Puts current keys into the headers that carry keys, and nowhere else. */
export function withCurrentKeys(headers: HeaderList, currentOf: (sent: string) => string | null): KeyedHeaders {
  let changed: string[] | null = null
  let key: KeyedHeaders['key'] = null
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!
    if (name.length > LONGEST_NAME || !CREDENTIALS.has(name.toLowerCase())) continue
    const value = headers[i + 1]!.trim()
    const [, scheme = '', given = value] = SCHEME.exec(value) ?? []
    const current = currentOf(given)
    const used = current !== null && SENDABLE.test(current) ? current : given
    key ??= { sent: given, used }
    if (used === given) continue
    changed ??= [...headers]
    changed[i + 1] = scheme + used
  }
  return { headers: changed ?? headers, key }
}
