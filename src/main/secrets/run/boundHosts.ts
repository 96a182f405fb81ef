import type { SecretDelivery } from '../../../shared/domain/secret.ts'

/** A host as a URL writes it, with its port where that is not the usual one: `api.openai.com`, `127.0.0.1:4000`. */
export type Host = string

interface Bound {
  readonly name: string
  readonly delivery: SecretDelivery
  readonly hosts: readonly string[]
}

const PROVIDERS: ReadonlyMap<string, Host> = new Map([
  ['OPENAI_API_KEY', 'api.openai.com'],
  ['ANTHROPIC_API_KEY', 'api.anthropic.com'],
])

/** Whether the gateway may put it in for this host. What the agent has itself, it may send anywhere, unless its secret is bound. */
export function mayLeaveFor(host: Host, { name, delivery, hosts }: Bound): boolean {
  if (hosts.length > 0) return hosts.some((bound) => isSame(host.toLowerCase(), bound.toLowerCase()))
  return delivery === 'value' || PROVIDERS.get(name) === host.toLowerCase()
}

/** Whether it ever goes through the gateway, as far as anybody can tell. */
export function goesThroughGateway({ name, hosts }: Pick<Bound, 'name' | 'hosts'>): boolean {
  return hosts.length > 0 || PROVIDERS.has(name)
}

/** Without a port it is bound to the host at each of them; `*.` stands for all that is below. */
function isSame(host: Host, bound: string): boolean {
  const name = host.replace(/:\d+$/, '')
  if (bound.startsWith('*.')) return name.endsWith(bound.slice(1))
  return bound === host || bound === name
}
