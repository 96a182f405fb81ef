import type { Agent, LaunchPlan } from '../../shared/domain/agent.ts'
import { isAttached } from '../../shared/domain/attached.ts'
import { formatCount, formatDuration, formatMoney } from '../../shared/format.ts'
import { hostOf } from '../../shared/hostOf.ts'

/** `exit code 0, 0 survivors`; for an agent that never ran, or ended with the room that watched it, that. */
export function describeEnd({ exit, survivors, startedAt, plan }: Agent): string {
  if (isAttached(plan)) return startedAt === null ? 'it was never attached' : describeLeaving(survivors)
  if (exit === null) return startedAt === null ? 'it never ran' : 'nobody saw its end'
  const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`
  return survivors === null ? how : `${how}, ${formatCount(survivors, 'survivor')}`
}

/** Of a process that was attached: nobody here is told how it ended. */
function describeLeaving(survivors: number | null): string {
  if (survivors === null) return 'its process was left alone'
  return survivors === 0 ? 'its process is gone' : 'its process could not be ended'
}

const VERBS: Partial<Record<Agent['status'], string>> = {
  stopped: 'stopped',
  crashed: 'crashed',
  blocked: 'was blocked',
  'over-budget': 'went over its budget',
}

/** `lg-7a3f9c2d stopped after 12 s, exit code 0, 0 survivors`. */
export function describeRun(agent: Agent): string {
  const { id, status, createdAt, endedAt, restarts } = agent
  const length = formatDuration((endedAt ?? createdAt) - createdAt)
  const again = restarts === 0 ? '' : ` and ${formatCount(restarts, 'restart')}`
  return `${id} ${VERBS[status] ?? `is ${status}`} after ${length}${again}, ${describeEnd(agent)}`
}

/** Who answers its LLM calls: `simulated`, `live`, `live from 127.0.0.1:9999`. */
export function describeAnswers({ llm: { mode, upstreams } }: LaunchPlan): string {
  const hosts = Object.values(upstreams).flatMap((url) => (url === null ? [] : [hostOf(url)]))
  return mode === 'live' && hosts.length > 0 ? `live from ${[...new Set(hosts)].join(' and ')}` : mode
}

/** Everything that was decided, in one line; variables by name alone, since their values may be secrets. */
export function describePlan(plan: LaunchPlan): string {
  const { command, args, workingDirectory, budget, safety, environment, restart, variables } = plan
  const names = Object.keys(variables)
  const facts = [`budget ${formatMoney(budget)}`, `LLM answers ${describeAnswers(plan)}`, safety.rules.mode ?? 'redact', environment, `restart ${restart}`]
  if (names.length > 0) facts.push(`variables ${names.join(', ')}`)
  return `${[...command, ...args].join(' ')} in ${workingDirectory} (${facts.join('; ')})`
}
