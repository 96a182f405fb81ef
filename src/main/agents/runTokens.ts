import { hash } from 'node:crypto'
import type { Agent } from '../../shared/domain/agent.ts'
import type { Run } from '../gateway/run.ts'

/** Whose token is whose, for as long as the run lasts. Looked up by digest: how long it takes tells nothing of how far two tokens agree. */
export interface RunTokens {
  open(token: string, agent: Agent): void
  close(token: string): void
  find(token: string): Run | null
}

export function createRunTokens(): RunTokens {
  const runs = new Map<string, Run>()
  return {
    open: (token, { id, plan }) => void runs.set(digest(token), { agentId: id, plan }),
    close: (token) => void runs.delete(digest(token)),
    find: (token) => runs.get(digest(token)) ?? null,
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64')
}
