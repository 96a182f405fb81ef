import { basename } from 'node:path'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Random } from '../ports.ts'

/** `lead_gen_agent.py` → `lg-7a3f9c2d`: initials of the first two words, then eight random hex digits. */
export function createAgentId(script: string, random: Random): AgentId {
  return `${initials(script)}-${random.hex(4)}`
}

function initials(script: string): string {
  const name = basename(script)
    .replace(/\.[^.]+$/, '')
    .normalize('NFKD')
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  const [first = 'agent', second] = words
  const letters = second === undefined ? first.slice(0, 2) : first.charAt(0) + second.charAt(0)
  return letters.padEnd(2, 'a')
}
