import type { Agent, AgentId } from '../../../shared/domain/agent.ts'
import type { Announcement } from '../../../shared/domain/event.ts'
import type { RotationOutcome, SecretDelivery, SecretId } from '../../../shared/domain/secret.ts'
import { formatCount } from '../../../shared/format.ts'
import type { AgentBridge } from '../../agents/bridge.ts'
import type { RunSecrets } from '../runSecrets.ts'
import { goesThroughGateway, mayLeaveFor, type Host } from './boundHosts.ts'
import { neededOf } from './neededOf.ts'
import { placeholderFor } from './placeholder.ts'
import { worthHiding } from './worthHiding.ts'

export interface CurrentSecret {
  readonly id: SecretId
  readonly name: string
  readonly value: string
  readonly version: number
  readonly delivery: SecretDelivery
  readonly hosts: readonly string[]
}

/** Where secrets are kept. */
export interface SecretSource {
  /** Opens what a run is to have: all of its environment, or these. It stands in the audit by then; throws where that or anything else cannot be. */
  open(agent: Agent, names: readonly string[] | null): Promise<readonly CurrentSecret[]>
  /** Writes down that an agent has fetched them once more. */
  noteRead(agent: Agent, names: readonly string[]): Promise<void>
  /** Gives a secret the value of an earlier version again, and tells whom it concerns. */
  rollBack(id: SecretId, version: number): Promise<unknown>
}

type RotationEvent = 'secret.rotating' | 'secret.reachedAgent' | 'secret.rotated'

export interface RunSecretsOptions {
  readonly source: SecretSource
  readonly bridge: () => Pick<AgentBridge, 'tellOfSecrets'>
  readonly announce: (announcement: Announcement<RotationEvent>) => Promise<unknown>
  /** Values that are private from now on. */
  readonly know: (values: readonly string[]) => void
  /** An agent's private values are others now. */
  readonly onValues: (agentId: AgentId) => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

interface Held {
  readonly secret: CurrentSecret
  /** What the agent has in its stead; null where it has the value itself. */
  readonly placeholder: string | null
  /** Until the first call with it has come through: where to go back to if the provider does not take it. */
  readonly previous: CurrentSecret | null
}

interface Run {
  readonly agent: Agent
  readonly held: Map<SecretId, Held>
  /** Whose stead what an agent may still send stands in: superseded values and placeholders. */
  readonly stands: Map<string, SecretId>
  values: readonly string[]
  generation: number
}

export function createRunSecrets(options: RunSecretsOptions): RunSecrets {
  const { source, bridge, announce, know, onValues, onDefect } = options
  const runs = new Map<AgentId, Run>()
  /** Values that their provider has taken before anybody got them. */
  const probed = new Map<SecretId, string>()
  /** Deleted in the store while somebody may still have them. */
  const withdrawn = new Set<SecretId>()
  let rotations = 0

  function refresh(run: Run): void {
    const all = [...[...run.held.values()].map(({ secret }) => secret.value), ...run.stands.keys()]
    run.values = worthHiding(all)
    know(run.values)
    onValues(run.agent.id)
  }

  function sealed({ agent }: Run | { agent: Agent }, secret: CurrentSecret): boolean {
    return secret.delivery === 'sealed' || agent.plan.sealSecrets
  }

  /** What the agent itself has or gets. */
  function givenTo(run: Run): Record<string, string> {
    const given = [...run.held.values()].filter(({ secret }) => !withdrawn.has(secret.id))
    return Object.fromEntries(given.map(({ secret, placeholder }) => [secret.name, placeholder ?? secret.value]))
  }

  function supersede(run: Run, next: CurrentSecret, previous: CurrentSecret | null): void {
    const before = run.held.get(next.id)
    if (!before) return
    // What is current again stands for nothing else.
    run.stands.delete(next.value)
    if (before.placeholder === null && before.secret.value !== next.value) run.stands.set(before.secret.value, next.id)
    run.held.set(next.id, { secret: next, placeholder: before.placeholder, previous })
    refresh(run)
  }

  async function tell(run: Run, secret: CurrentSecret): Promise<RotationOutcome> {
    // Its placeholder stays the same.
    if (typeof run.held.get(secret.id)?.placeholder === 'string') return 'swapped'
    run.generation++
    const answer = await bridge().tellOfSecrets(run.agent.id, run.generation)
    if (answer !== 'unreachable') return answer
    return goesThroughGateway(secret) ? 'swapped' : 'at-restart'
  }

  return {
    async inject(agent) {
      const { variables } = agent.plan
      const { names } = neededOf(agent.plan)
      let opened: readonly CurrentSecret[]
      let seen: number
      do {
        seen = rotations
        opened = await source.open(agent, names)
        // What has changed while it was opened would be missed by both.
      } while (seen !== rotations)
      const run: Run = { agent, held: new Map(), stands: new Map(), values: [], generation: 0 }
      for (const secret of opened) {
        if (Object.hasOwn(variables, secret.name)) continue
        const placeholder = sealed(run, secret) ? placeholderFor(secret.value) : null
        run.held.set(secret.id, { secret, placeholder, previous: null })
        if (placeholder !== null) run.stands.set(placeholder, secret.id)
      }
      runs.set(agent.id, run)
      refresh(run)
      return givenTo(run)
    },

    valuesOf: (agentId) => runs.get(agentId)?.values ?? [],
    generationOf: (agentId) => runs.get(agentId)?.generation ?? 0,

    async forAgent(agentId) {
      const run = runs.get(agentId)
      if (!run) return { secrets: {}, generation: 0 }
      const secrets = givenTo(run)
      await source.noteRead(run.agent, Object.keys(secrets))
      return { secrets, generation: run.generation }
    },

    currentOf(agentId, sent, host) {
      const run = runs.get(agentId)
      return run === undefined || run.stands.size === 0 ? null : currentOf(run, sent, host)
    },

    refusalOf(agentId, sent) {
      if (withdrawn.size === 0) return null
      const run = runs.get(agentId)
      const id = run?.stands.get(sent)
      const held = id === undefined || !withdrawn.has(id) ? undefined : run?.held.get(id)
      if (held?.placeholder !== sent) return null
      return `The secret ${held.secret.name} was deleted, and its placeholder stands for nothing any more: restore it, or start the agent again with another.`
    },

    withdraw: (id) => void withdrawn.add(id),
    giveBack: (id) => void withdrawn.delete(id),

    answered(agentId, { sent, used, host, status }) {
      const run = runs.get(agentId)
      if (!run) return false
      const held = [...run.held.values()].find(({ secret }) => secret.value === used)
      if (status !== 401) {
        if (held?.previous && status < 400) confirm(held.secret)
        return false
      }
      if (held?.previous && mayLeaveFor(host, held.secret)) {
        goBack(held.secret, held.previous)
        return true
      }
      // Another value is the current one since it was sent.
      return (currentOf(run, sent, host) ?? sent) !== used
    },

    noteProbed: (id, value) => void probed.set(id, value),

    async rotate(rotated) {
      rotations++
      const isOf = (run: Run): boolean => run.held.has(rotated.id)
      const accepted = probed.get(rotated.id)
      probed.delete(rotated.id)
      const concerned = [...runs.values()].filter(isOf)
      if (concerned.length === 0) return []
      const what = { secretId: rotated.id, name: rotated.name, version: rotated.version }
      const agentIds = concerned.map(({ agent }) => agent.id)
      const whom = formatCount(agentIds.length, 'running agent')
      await tellProgress({ name: 'secret.rotating', agentId: null, severity: 'DEBUG', message: `${rotated.name} (${rotated.environment}) goes to ${whom}.`, payload: { ...what, agentIds } })
      const agents = await Promise.all(
        concerned.map(async (run) => {
          const taken = await renew(run, rotated, accepted)
          const message = `${run.agent.plan.name} ${REACHED[taken.outcome]} of ${rotated.name}.`
          await tellProgress({ name: 'secret.reachedAgent', agentId: run.agent.id, severity: 'DEBUG', message, payload: { ...what, outcome: taken.outcome } })
          return taken
        }),
      )
      const message = `${rotated.name} (${rotated.environment}) has another value: ${tellOutcomes(agents.map(({ outcome }) => outcome))}.`
      await announce({ name: 'secret.rotated', agentId: null, severity: 'INFO', message, payload: { ...what, agents } })
      return agents
    },

    forget(agentId) {
      if (!runs.delete(agentId)) return
      onValues(agentId)
    },
  }

  /** A rotation goes on, whoever could not be told how far it is. */
  async function tellProgress(announcement: Announcement<RotationEvent>): Promise<void> {
    try {
      await announce(announcement)
    } catch (problem) {
      onDefect(problem, 'telling how far a rotation is')
    }
  }

  async function renew(run: Run, { id, name }: { id: SecretId; name: string }, accepted: string | undefined): Promise<{ agentId: AgentId; outcome: RotationOutcome }> {
    const agentId = run.agent.id
    try {
      const next = (await source.open(run.agent, [name])).find((secret) => secret.id === id)
      const before = run.held.get(id)
      // Ended, started again, or overtaken by a later value meanwhile.
      if (!next || !before || runs.get(agentId) !== run || before.secret.version >= next.version) return { agentId, outcome: 'at-restart' }
      const isNew = next.value !== before.secret.value
      supersede(run, next, isNew && accepted === next.value ? before.secret : null)
      return { agentId, outcome: await tell(run, next) }
    } catch (problem) {
      onDefect(problem, `rotating ${name} under ${agentId}`)
      return { agentId, outcome: 'at-restart' }
    }
  }

  function currentOf(run: Run, sent: string, host: Host): string | null {
    const id = run.stands.get(sent)
    const held = id === undefined || withdrawn.has(id) ? undefined : run.held.get(id)
    if (!held || !mayLeaveFor(host, { ...held.secret, delivery: held.placeholder === null ? 'value' : 'sealed' })) return null
    // Another secret of the run has this very value: that one is meant.
    for (const other of run.held.values()) if (other.placeholder === null && other.secret.value === sent) return null
    return held.secret.value
  }

  function confirm({ id, value }: CurrentSecret): void {
    for (const run of runs.values()) {
      const held = run.held.get(id)
      if (held?.previous && held.secret.value === value) run.held.set(id, { ...held, previous: null })
    }
  }

  /** At once for every call that follows; what is kept comes after. */
  function goBack(refused: CurrentSecret, previous: CurrentSecret): void {
    for (const run of runs.values()) {
      const held = run.held.get(refused.id)
      if (held?.secret.value === refused.value) supersede(run, { ...previous, version: refused.version }, null)
    }
    source.rollBack(refused.id, previous.version).catch((problem: unknown) => onDefect(problem, `going back to the former value of ${refused.name}`))
  }
}

const REACHED: Readonly<Record<RotationOutcome, string>> = {
  applied: 'has the new value',
  told: 'was told of the new value',
  swapped: 'gets the gateway to put in the new value',
  'at-restart': 'gets at its next start the new value',
}

function tellOutcomes(outcomes: readonly RotationOutcome[]): string {
  const WORDS: Record<RotationOutcome, string> = {
    applied: 'have it',
    told: 'were told of it',
    swapped: 'get it put in by the gateway',
    'at-restart': 'get it when they start again',
  }
  const kinds = [...new Set(outcomes)]
  return kinds.map((kind) => `${outcomes.filter((outcome) => outcome === kind).length} of ${outcomes.length} running agents ${WORDS[kind]}`).join(', ')
}
