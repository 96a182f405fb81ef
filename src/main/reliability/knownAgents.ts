import { createHash } from 'node:crypto'
import type { AgentId, LaunchPlan } from '../../shared/domain/agent.ts'
import type { ServiceDeclaration, ServicePolicy } from '../../shared/domain/servicePolicy.ts'
import { AppError } from '../../shared/errors.ts'
import type { Redactor } from '../telemetry/log.ts'
import { mergePolicy } from './policies.ts'

/** What agents and their files say of services. */
export interface KnownAgents {
  /** A plan that was announced has its words redacted: it does not take the place of the exact one. */
  know(agentId: AgentId, plan: LaunchPlan, isExact: boolean): void
  forget(agentId: AgentId): void
  ids(): AgentId[]
  /** Throws AGENT_NOT_FOUND. */
  require(agentId: AgentId): void
  /** Whose answers it may get; null where there is no such agent. */
  ownerOf(agentId: AgentId): string | null
  policyOf(agentId: AgentId, service: string): ServicePolicy
  /** Of its file, then those that code has named. */
  servicesOf(agentId: AgentId): string[]
  declare(agentId: AgentId, declaration: ServiceDeclaration): void
  /** An endpoint as it may be shown. */
  shownEndpoint(agentId: AgentId, endpoint: string): string
}

export interface KnownAgentsOptions {
  readonly redact: Redactor
  readonly mostDeclared: number
  readonly mostPolicies: number
}

const MOST_ENDPOINTS = 2_000
const LONGEST_ENDPOINT = 200

interface KnownAgent {
  plan: LaunchPlan
  isExact: boolean
  owner: string
  readonly inCode: Map<string, ServiceDeclaration>
  readonly merged: Map<string, ServicePolicy>
  readonly endpoints: Map<string, string>
}

export function createKnownAgents({ redact, mostDeclared, mostPolicies }: KnownAgentsOptions): KnownAgents {
  const agents = new Map<AgentId, KnownAgent>()

  function agentOf(agentId: AgentId): KnownAgent {
    const agent = agents.get(agentId)
    if (!agent) throw new AppError('AGENT_NOT_FOUND', `There is no agent ${agentId}.`)
    return agent
  }

  return {
    know(agentId, plan, isExact) {
      const known = agents.get(agentId)
      const facts = { plan, isExact, owner: ownerOf(plan) }
      if (!known) agents.set(agentId, { ...facts, inCode: new Map(), merged: new Map(), endpoints: new Map() })
      else if (isExact || !known.isExact) {
        Object.assign(known, facts)
        known.merged.clear()
      }
    },

    forget: (agentId) => void agents.delete(agentId),
    ids: () => [...agents.keys()],
    require: (agentId) => void agentOf(agentId),
    ownerOf: (agentId) => agents.get(agentId)?.owner ?? null,

    policyOf(agentId, service) {
      const agent = agents.get(agentId)
      const known = agent?.merged.get(service)
      if (known) return known
      const merged = mergePolicy(service, agent?.inCode.get(service), agent?.plan.services.find(({ name }) => name === service))
      // Any name may be asked for; those that are worth keeping are bounded by the breakers.
      if (agent && agent.merged.size < mostPolicies) agent.merged.set(service, merged)
      return merged
    },

    servicesOf(agentId) {
      const { plan, inCode } = agentOf(agentId)
      return [...new Set([...plan.services.map(({ name }) => name), ...inCode.keys()])]
    },

    declare(agentId, declaration) {
      const { inCode, merged } = agentOf(agentId)
      const { name } = declaration
      if (!inCode.has(name) && inCode.size >= mostDeclared) {
        throw new AppError('RATE_LIMITED', `${agentId} has declared ${mostDeclared} services, and no more are kept: declare fewer.`)
      }
      inCode.set(name, { ...declaration, hosts: declaration.hosts?.map((host) => host.toLowerCase()) })
      merged.delete(name)
    },

    shownEndpoint(agentId, endpoint) {
      if (endpoint === '') return ''
      const { endpoints } = agentOf(agentId)
      const known = endpoints.get(endpoint)
      if (known !== undefined) return known
      const shown = redact(endpoint).slice(0, LONGEST_ENDPOINT)
      if (endpoints.size < MOST_ENDPOINTS) endpoints.set(endpoint, shown)
      return shown
    },
  }
}

/** The same script in the same folder and environment: its next start finds what was kept, and nobody else does. */
function ownerOf({ script, workingDirectory, environment }: LaunchPlan): string {
  return createHash('sha256').update(JSON.stringify([script, workingDirectory, environment])).digest('hex').slice(0, 32)
}
