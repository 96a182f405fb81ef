import type { AgentId } from '../../shared/domain/agent.ts'
import type { Allowance } from '../../shared/domain/safety.ts'
import type { Match } from './scanner.ts'

/** What counts as not private, as it is compared: without who said so. */
export type NotPrivate = Pick<Allowance, 'kind' | 'value'>

export type IsNotPrivate = (match: Match) => boolean

/** What was named as not private in the room, for one agent or for all. */
export interface AllowanceBook {
  list(): Allowance[]
  get(id: string): Allowance | null
  /** Those for all, and those for this agent. */
  of(agentId: AgentId | null): Allowance[]
  put(allowance: Allowance): void
  delete(id: string): void
  forgetAgent(agentId: AgentId): void
}

export function createAllowanceBook(known: readonly Allowance[]): AllowanceBook {
  const all = new Map(known.map((one) => [one.id, one]))
  return {
    list: () => [...all.values()],
    get: (id) => all.get(id) ?? null,
    of: (agentId) => [...all.values()].filter((one) => one.agentId === null || one.agentId === agentId),
    put: (allowance) => void all.set(allowance.id, allowance),
    delete: (id) => void all.delete(id),
    forgetAgent(agentId) {
      for (const { id, agentId: whose } of all.values()) if (whose === agentId) all.delete(id)
    },
  }
}

/** Whether one of them covers a match. */
export function coveredBy(allowances: readonly NotPrivate[]): IsNotPrivate {
  const tests = allowances.map(({ kind, value }): IsNotPrivate => {
    if (kind === 'value') return (match) => match.value.toLowerCase() === value.toLowerCase()
    if (kind === 'pattern') {
      const pattern = new RegExp(value.replace(/^\/(.*)\/$/s, '$1'), 'u')
      return (match) => pattern.test(match.value)
    }
    const domain = value.replace(/^@/, '').toLowerCase()
    return ({ type, value: found }) => {
      const host = found.slice(found.lastIndexOf('@') + 1).toLowerCase()
      return type === 'email' && (host === domain || host.endsWith(`.${domain}`))
    }
  })
  return (match) => tests.some((test) => test(match))
}

export function readNotPrivate(text: string): NotPrivate {
  if (text.startsWith('@')) return { kind: 'domain', value: text }
  return { kind: text.length > 2 && text.startsWith('/') && text.endsWith('/') ? 'pattern' : 'value', value: text }
}
