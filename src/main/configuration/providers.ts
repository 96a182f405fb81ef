import type { LlmPlan } from '../../shared/domain/agent.ts'
import type { Provider } from '../../shared/domain/provider.ts'
import { isPlaceholderKey } from '../gateway/placeholderKey.ts'
import { baseUrl } from './addressKinds.ts'
import type { Layer, Said } from './layers.ts'
import { refusal } from './refusal.ts'
import type { Resolved } from './resolvedSettings.ts'
import type { SettingKey } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The variables in which the providers' own SDKs look for an address and for a key. */
const SDK_ADDRESSES = {
  upstream_openai: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  upstream_anthropic: ['ANTHROPIC_BASE_URL'],
} as const
export const KEY_VARIABLES: Record<Provider, string> = { openai: 'OPENAI_API_KEY', anthropic: 'ANTHROPIC_API_KEY' }

/** Where somebody has already pointed his SDK, we go too, unless a setting says otherwise: it is the lowest layer. */
export function sdkAddresses(resolved: Resolved, environment: Environment): Layer {
  const said = new Map<SettingKey, Said>()
  // Who asks for simulated answers goes nowhere.
  const keys = resolved.values.provider === 'simulated' ? [] : (['upstream_openai', 'upstream_anthropic'] as const)
  for (const key of keys) {
    if (resolved.decidedBy(key)) continue
    const places = [
      { from: resolved.values.variables, prefix: 'variables.' },
      { from: environment, prefix: '' },
    ]
    const named = places.flatMap(({ from, prefix }) => SDK_ADDRESSES[key].map((name) => ({ given: from[name], name: `${prefix}${name}` })))
    const found = named.find(({ given }) => given !== undefined && given.trim() !== '' && !isGatewayAddress(given))
    if (found?.given === undefined) continue
    const value = baseUrl.schema.safeParse(found.given.trim())
    if (!value.success) throw wrongAddress(found.name, found.given, key)
    said.set(key, { value: value.data, source: found.name, subject: found.name, folder: null })
  }
  return { origin: 'environment', said }
}

function wrongAddress(subject: string, given: string, key: SettingKey): Error {
  const hint = `mend it, or say --${key.replace('_', '-')}`
  return refusal({ subject, given, allowed: baseUrl.allowed, hint, isConcealed: baseUrl.conceals?.(given) ?? false })
}

/** An agent that starts agents hands down the address of its own run, where nobody else's calls belong. */
function isGatewayAddress(given: string): boolean {
  const url = URL.parse(given.trim())
  return url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) && url.pathname.startsWith('/run/')
}

/** The providers for which the agent will have a key. */
export function knownKeys(variables: Environment, environment: Environment): Provider[] {
  const providers = Object.keys(KEY_VARIABLES) as Provider[]
  return providers.filter((provider) => {
    const key = variables[KEY_VARIABLES[provider]] ?? environment[KEY_VARIABLES[provider]] ?? ''
    return key.trim() !== '' && !isPlaceholderKey(key.trim())
  })
}

/** Which of the providers' keys the run will have out of the store: those that its environment holds and its launch does not replace. */
export function keysWanted(variables: Environment, secrets: readonly string[] | null): string[] {
  return Object.values(KEY_VARIABLES).filter((name) => !Object.hasOwn(variables, name) && (secrets === null || secrets.includes(name)))
}

/** Who answers, as settings, environment and store have it. */
export function planLlm({ values }: Resolved, environment: Environment, hasStoredKey: boolean): LlmPlan {
  const upstreams = { openai: values.upstream_openai, anthropic: values.upstream_anthropic }
  const isReachable = hasStoredKey || Object.values(upstreams).some((url) => url !== null) || knownKeys(values.variables, environment).length > 0
  return {
    mode: values.provider === 'auto' ? (isReachable ? 'live' : 'simulated') : values.provider,
    upstreams,
    unknownModel: values.unknown_model,
    simulation: { seed: values.simulated_seed, delayMs: values.simulated_delay, failures: values.simulated_failures },
  }
}
