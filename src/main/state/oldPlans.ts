import type { JsonValue } from '../../shared/errors.ts'

type Fields = Record<string, JsonValue>

/** What plans had not yet when they were written. */
const BEFORE_GATEWAY: Fields = {
  atLimit: null,
  parkForMs: 600_000,
  baselinePerUnit: null,
  llm: { mode: 'simulated', upstreams: { openai: null, anthropic: null }, unknownModel: 'refuse', simulation: { seed: 0, delayMs: 0, failures: [] } },
}

const BEFORE_SECRETS: Fields = { secrets: null, sealSecrets: false }
const BEFORE_SERVICES: Fields = { services: [] }

/** Events are never changed: the payload of an `agent.changed` from an earlier version is brought up to date where it is read. */
export function withPlanOfToday(payload: unknown): unknown {
  const { agent } = payload as { agent?: { plan?: Fields } }
  if (!agent?.plan || agent.plan.services !== undefined) return payload
  if (agent.plan.secrets !== undefined) return { ...(payload as object), agent: { ...agent, plan: { ...agent.plan, ...BEFORE_SERVICES } } }
  if (agent.plan.safety !== undefined) return { ...(payload as object), agent: { ...agent, plan: { ...agent.plan, ...BEFORE_SECRETS, ...BEFORE_SERVICES } } }
  const { safetyMode = null, ...plan } = agent.plan
  const safety: Fields = {
    rules: { mode: safetyMode, types: {}, directions: {}, unauthorised: 'refuse', injection: 'warn' },
    permissions: { models: null, tools: null, hosts: null, paths: null },
    notPrivate: [],
  }
  return { ...(payload as object), agent: { ...agent, plan: { ...BEFORE_GATEWAY, ...plan, safety, ...BEFORE_SECRETS, ...BEFORE_SERVICES } } }
}
