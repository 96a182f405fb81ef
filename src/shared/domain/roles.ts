import { z } from 'zod'

export const Role = z.enum(['admin', 'viewer', 'agent'])
export type Role = z.infer<typeof Role>

/** Who is asking. It comes from the wire's authentication, never from an input. */
export interface Caller {
  readonly role: Role
  readonly id: string
}

/** An agent is no lesser viewer: it may do what agents may do and nothing else. */
const ALLOWED: Record<Role, readonly Role[]> = {
  admin: ['admin', 'viewer', 'agent'],
  viewer: ['viewer'],
  agent: ['agent'],
}

/** What a command asks for; who gets how much of an answer that is for anyone, its handler decides in one place. */
export type LeastRole = Role | 'anyone'

/** Whether a caller's role covers the least role that a command asks for. */
export function covers(role: Role, least: LeastRole): boolean {
  return least === 'anyone' || ALLOWED[role].includes(least)
}
