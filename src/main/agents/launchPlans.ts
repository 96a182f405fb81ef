import type { Agent, AgentId, LaunchPlan } from '../../shared/domain/agent.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { secretValuesIn } from '../safety/desk/secretVariables.ts'
import { redactJson } from '../safety/json/redactJson.ts'
import { withholding, type SinkRedactor } from '../safety/sinkRedactor.ts'
import { EnvelopeError, open, seal } from '../secrets/envelope.ts'
import type { State } from '../state/repositories.ts'
import { maskedArguments, MASK } from './maskedArguments.ts'

/** Keeps apart what an agent is started with and what of it may be announced, stored and shown. */
export interface LaunchPlans {
  /** Seals what is private of a plan, where there is a key; gives the plan as it may be shown. */
  keep(agentId: AgentId, plan: LaunchPlan): Promise<LaunchPlan>
  /** The agents of the database, each with the exact plan, or null where that is not known any more. Plans that an earlier version stored in the clear are cleaned. */
  recover(agents: readonly Agent[]): Promise<{ agent: Agent; plan: LaunchPlan | null }[]>
  /** Of an agent that was recovered without its exact plan, once a key has opened that; else null. */
  openedLater(agentId: AgentId): LaunchPlan | null
  /** A master key has come: what was only remembered is sealed, and what was sealed is opened. */
  keysOpened(): Promise<void>
  /** Values of its variables whose names say that they are secret. */
  secretsOf(agentId: AgentId): readonly string[]
  forget(agentId: AgentId): void
  /** What could not even be announced never was. */
  forgetStrays(): Promise<void>
  /** Never throws. */
  readonly redact: (text: string) => string
}

export interface LaunchPlansOptions {
  readonly state: Pick<State, 'launchPlans'>
  readonly sink: Pick<SinkRedactor, 'redact' | 'knowSecrets'>
  /** Null where there is no master key: then it is not kept beyond the room's life. One may come while the room runs. */
  readonly key: () => Buffer | null
}

/** What may hold something private; all the rest stands in the open. */
const PRIVATE_PARTS = ['script', 'name', 'command', 'interpreter', 'args', 'workingDirectory', 'variables', 'services'] as const
type PrivateParts = Pick<LaunchPlan, (typeof PRIVATE_PARTS)[number]>

/** A plan as it may be seen by anybody who sees the room's own words. */
export function shownPlan(plan: LaunchPlan, redact: (text: string) => string): LaunchPlan {
  return {
    ...plan,
    script: redact(plan.script),
    name: redact(plan.name),
    command: plan.command.map((part) => redact(part)),
    interpreter: redact(plan.interpreter),
    args: maskedArguments(plan.args, redact),
    workingDirectory: redact(plan.workingDirectory),
    variables: Object.fromEntries(Object.keys(plan.variables).map((name) => [redact(name), MASK])),
    services: plan.services.map((one) => (one.placeholder === undefined ? one : { ...one, placeholder: redactJson(one.placeholder as JsonValue, redact) })),
  }
}

export function createLaunchPlans({ state, sink, key }: LaunchPlansOptions): LaunchPlans {
  const redact = withholding(sink.redact)
  const secrets = new Map<AgentId, readonly string[]>()
  /** Kept for this room's life only, as long as there is no key. */
  const unsealed = new Map<AgentId, LaunchPlan>()
  const unopened = new Map<AgentId, Agent>()
  const opened = new Map<AgentId, LaunchPlan>()

  function knowSecrets(agentId: AgentId, plan: LaunchPlan | null): void {
    const values = secretValuesIn(plan?.variables ?? {})
    secrets.set(agentId, values)
    sink.knowSecrets(values)
  }

  function sealed(agentId: AgentId, plan: LaunchPlan): Buffer | null {
    const parts = Object.fromEntries(PRIVATE_PARTS.map((part) => [part, plan[part]]))
    const own = key()
    return own && seal(own, JSON.stringify(parts), contextOf(agentId))
  }

  function exact({ id, plan }: Agent, box: Buffer | null): LaunchPlan | null {
    const own = key()
    if (box === null || own === null) return null
    try {
      return { ...plan, ...(JSON.parse(open(own, box, contextOf(id)).toString('utf8')) as PrivateParts) }
    } catch (problem) {
      // Sealed with another key.
      if (problem instanceof EnvelopeError) return null
      throw problem
    }
  }

  return {
    redact,
    secretsOf: (agentId) => secrets.get(agentId) ?? [],
    openedLater: (agentId) => opened.get(agentId) ?? null,
    forget(agentId) {
      for (const known of [secrets, unsealed, unopened, opened]) known.delete(agentId)
    },
    async keep(agentId, plan) {
      knowSecrets(agentId, plan)
      const shown = shownPlan(plan, redact)
      if (!hasDifference(plan, shown)) return shown
      const box = sealed(agentId, plan)
      if (box === null) unsealed.set(agentId, plan)
      await state.launchPlans.save(agentId, box)
      return shown
    },
    async keysOpened() {
      for (const [agentId, plan] of unsealed) {
        const box = sealed(agentId, plan)
        if (box === null) return
        await state.launchPlans.save(agentId, box)
        unsealed.delete(agentId)
      }
      const boxes = await state.launchPlans.all()
      for (const [agentId, agent] of unopened) {
        const plan = exact(agent, boxes.get(agentId) ?? null)
        if (plan === null) continue
        knowSecrets(agentId, plan)
        opened.set(agentId, plan)
        unopened.delete(agentId)
      }
    },
    forgetStrays: () => state.launchPlans.forgetStrays(),
    async recover(agents) {
      await state.launchPlans.forgetStrays()
      const boxes = await state.launchPlans.all()
      const recovered = agents.map((agent) => ({ agent, plan: boxes.has(agent.id) ? exact(agent, boxes.get(agent.id) ?? null) : agent.plan }))
      for (const { agent, plan } of recovered) {
        knowSecrets(agent.id, plan)
        if (plan === null) unopened.set(agent.id, agent)
      }
      const old: { agent: Agent; sealed?: Buffer | null }[] = []
      const clean = recovered.map(({ agent, plan }) => {
        const shown = boxes.has(agent.id) ? agent : shownAgent(agent)
        if (shown === agent) return { agent, plan }
        old.push(hasDifference(agent.plan, shown.plan) ? { agent: shown, sealed: sealed(agent.id, agent.plan) } : { agent: shown })
        return { agent: shown, plan }
      })
      if (old.length > 0) await state.launchPlans.replace(old)
      return clean
    },
  }

  /** Of an agent without a sealed plan: the very same, unless an earlier version wrote down more than may be shown. */
  function shownAgent(agent: Agent): Agent {
    const plan = shownPlan(agent.plan, redact)
    const reason = agent.reason === null ? null : redact(agent.reason)
    const lastOutput = agent.lastOutput.map((line) => redact(line))
    const isClean = !hasDifference(agent.plan, plan) && reason === agent.reason && lastOutput.every((line, index) => line === agent.lastOutput[index])
    return isClean ? agent : { ...agent, plan, reason, lastOutput }
  }
}

function hasDifference(plan: LaunchPlan, shown: LaunchPlan): boolean {
  return PRIVATE_PARTS.some((part) => JSON.stringify(plan[part]) !== JSON.stringify(shown[part]))
}

function contextOf(agentId: AgentId): string {
  return `launch-plans:${agentId}`
}
