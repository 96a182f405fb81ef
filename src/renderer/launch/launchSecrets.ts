import type { LaunchPlan } from '../../shared/domain/agent.ts'
import type { SecretView } from '../../shared/domain/secret.ts'

/** Which secrets a run would get, by name; never a value. */
export interface LaunchSecrets {
  /** `isSealed`: a placeholder, for which the gateway puts the value in. */
  readonly given: readonly { readonly name: string; readonly isSealed: boolean }[]
  /** That it is to have and that its environment does not have. */
  readonly missing: readonly string[]
}

export function secretsFor(plan: Pick<LaunchPlan, 'environment' | 'secrets' | 'sealSecrets' | 'variables'>, stored: Iterable<SecretView>): LaunchSecrets {
  const { environment, sealSecrets, variables } = plan
  // Whoever gives a variable of that name means that.
  const wanted = plan.secrets?.filter((name) => !Object.hasOwn(variables, name)) ?? null
  const there = [...stored].filter((secret) => secret.environment === environment && secret.deleted_at === null)
  return {
    given: there
      .filter(({ name }) => !Object.hasOwn(variables, name) && (wanted === null || wanted.includes(name)))
      .map(({ name, delivery }) => ({ name, isSealed: sealSecrets || delivery === 'sealed' }))
      .toSorted((one, other) => one.name.localeCompare(other.name, 'en')),
    missing: wanted?.filter((name) => !there.some((secret) => secret.name === name)) ?? [],
  }
}
