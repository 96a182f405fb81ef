import type { LaunchPlan } from '../../../shared/domain/agent.ts'
import type { AgentRun } from '../secretPolicy.ts'

/** What the store is asked for: whoever launches an agent with a variable of his own means that. */
export function neededOf({ environment, secrets, variables }: LaunchPlan): Pick<AgentRun, 'environment' | 'names'> {
  return { environment, names: secrets?.filter((name) => !Object.hasOwn(variables, name)) ?? null }
}
