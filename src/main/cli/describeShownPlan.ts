import type { LaunchPlan } from '../../shared/domain/agent.ts'
import { describePlan } from './agentSentences.ts'

/** A plan in words, as the room itself would show it: our lines beside an agent's output end up in files. */
export async function describeShownPlan(plan: LaunchPlan, environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  // Only whoever wants to see all pays for loading the engine here.
  const [{ shownPlan }, { createScanner }, { secretValuesIn }, { createSinkRedactor, withholding }] = await Promise.all([
    import('../agents/launchPlans.ts'),
    import('../safety/scan/createScanner.ts'),
    import('../safety/desk/secretVariables.ts'),
    import('../safety/sinkRedactor.ts'),
  ])
  const sink = createSinkRedactor(createScanner)
  sink.knowSecrets(secretValuesIn({ ...environment, ...plan.variables }))
  return describePlan(shownPlan(plan, withholding(sink.redact)))
}
