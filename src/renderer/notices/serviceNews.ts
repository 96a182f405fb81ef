import type { ServiceView, Tier } from '../../shared/domain/service.ts'
import { formatTokens } from '../../shared/format.ts'
import { serviceKey, serviceName } from '@/services/serviceLook.ts'
import type { Fact, News } from './notice.ts'

export const aboutService = (service: ServiceView): string => `service ${serviceKey(service)}`

const INSTEAD: Readonly<Partial<Record<Tier, string>>> = { cached: 'from the cache', placeholder: 'by a placeholder', custom: 'by the agent' }

/** `65 from the cache, 1 by a placeholder`; null where nobody has answered instead. */
function servedInstead({ served }: ServiceView): string | null {
  const parts = (Object.keys(INSTEAD) as Tier[]).flatMap((tier) => (served[tier] > 0 ? [`${formatTokens(served[tier])} ${INSTEAD[tier]}`] : []))
  return parts.length > 0 ? parts.join(', ') : null
}

export function serviceFacts(service: ServiceView): Fact[] {
  const { calls, failures, blocked, formatted } = service
  const instead = servedInstead(service)
  return [
    { word: 'Calls', value: formatTokens(calls) },
    { word: 'Failed', value: formatTokens(failures) },
    ...(blocked > 0 ? [{ word: 'Kept away', value: formatted.blocked }] : []),
    ...(formatted.saved === null ? [] : [{ word: 'Saved', value: formatted.saved.replace(/ saved$/, '') }]),
    ...(instead === null ? [] : [{ word: 'Answered instead', value: instead }]),
    ...(instead === null || formatted.viaFallback === null ? [] : [{ word: 'Served', value: formatted.viaFallback }]),
  ]
}

/** Of a breaker that has just moved; `agent` is the name of whose it is, null where it is the room's. */
export function serviceNews(service: ServiceView, isOpen: boolean, at: number, agent: string | null): News {
  const of = agent === null ? '' : `${agent}: `
  const common = { about: aboutService(service), kind: 'service', agentId: service.agentId, at, facts: serviceFacts(service), lead: { word: 'Show the service', panel: 'performance', record: null } } as const
  const name = serviceName(service)
  if (!isOpen) return { ...common, weight: 'passing', tone: 'good', title: `${of}${name} works again`, sentence: 'Its breaker is closed; calls go to it again.' }
  const why = service.reason === null ? '' : `Failing: ${service.reason}. `
  return { ...common, weight: 'urgent', tone: 'bad', title: `${agent === null ? 'The' : `${agent}: the`} breaker of ${name} is open`, sentence: `${why}Calls are kept away from it.` }
}
