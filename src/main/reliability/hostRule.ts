import type { AgentId } from '../../shared/domain/agent.ts'
import type { SafetyDesk } from '../safety/desk/safetyDesk.ts'
import { isHostAllowed } from '../safety/permissions/namedHosts.ts'
import { describeForbidden } from '../safety/permissions/permissions.ts'

/** Why an agent may not call a service at these hosts, as a sentence; null where it may. What is refused stands in the safety audit. */
export function createHostRule(safety: Pick<SafetyDesk, 'permissionsOf' | 'report'>): (agentId: AgentId, service: string, hosts: readonly string[]) => string | null {
  return (agentId, service, hosts) => {
    const permissions = safety.permissionsOf(agentId)
    if (permissions.hosts === null) return null
    const allowed = permissions.hosts
    const forbidden = hosts.find((host) => !isHostAllowed(allowed, readHost(host)))
    if (forbidden === undefined) return null
    const excerpt = describeForbidden(permissions, 'host', forbidden)
    return safety.report({ agentId, callId: null, kind: 'unauthorised', type: 'host', direction: 'tools', place: `services.${service}`, excerpt })
  }
}

function readHost(text: string): { name: string; port: string | null; shown: string } {
  const [, name = text, port = null] = /^(.*?)(?::(\d{1,5}))?$/.exec(text.toLowerCase()) ?? []
  return { name, port, shown: text }
}
