import type { Exit } from '../../shared/domain/agent.ts'

export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`
}

export function describeSurvivors(count: number): string {
  return count === 1 ? '1 survivor' : `${count} survivors`
}
