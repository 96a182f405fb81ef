import { messageOf } from '../../../shared/errors.ts'
import { KEY_VARIABLES, knownKeys } from '../../configuration/providers.ts'
import { hostOf } from '../../../shared/hostOf.ts'
import type { Check, Finding } from './finding.ts'

const NAME = 'LLM'

/** Who would answer an agent that is started here; keys by name, never by value. */
export const checkModels: Check = async ({ environment, agentSettings }) => {
  const settings = await agentSettings().catch(messageOf)
  if (typeof settings === 'string') return { name: NAME, state: 'problem', message: settings, advice: 'Mend it, or unset it.' }
  const valueOf = (key: string): unknown => settings.find((setting) => setting.key === key)?.value ?? null
  const keys = knownKeys({}, environment)
  const names = keys.map((provider) => KEY_VARIABLES[provider])
  const upstreams = ['upstream_openai', 'upstream_anthropic'].flatMap((key) => {
    const url = valueOf(key)
    return typeof url === 'string' ? [`${key.slice('upstream_'.length)} at ${hostOf(url)}`] : []
  })
  const known = [...(names.length > 0 ? [`known keys: ${names.join(', ')}`] : ['no API key is known']), ...upstreams].join('; ')
  return judge(String(valueOf('provider')), known, names.length > 0 || upstreams.length > 0)
}

function judge(provider: string, known: string, isReachable: boolean): Finding {
  if (provider === 'simulated' || (provider === 'auto' && !isReachable)) {
    return { name: NAME, state: 'ok', message: `answers are simulated (${known})`, advice: null }
  }
  if (isReachable) return { name: NAME, state: 'ok', message: `calls go to the providers (${known})`, advice: null }
  const advice = `Set ${Object.values(KEY_VARIABLES).join(' or ')}; agents that bring their own key work without.`
  return { name: NAME, state: 'warning', message: `calls go to the providers, but ${known}`, advice }
}
