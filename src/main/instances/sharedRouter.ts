import { commands } from '../../shared/contract/contract.ts'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import { toAppError, type Router } from '../router/router.ts'
import type { InstanceId, Instances } from '../state/repositories.ts'
import type { AskInstances } from './askInstances.ts'

export interface SharedRouterOptions {
  readonly router: Router
  readonly instances: Pick<Instances, 'own' | 'ownerOf' | 'living' | 'agentsOfOthers'>
  readonly asking: Pick<AskInstances, 'ask'>
  readonly isOwn: (agentId: AgentId) => boolean
  readonly onDefect: (defect: unknown, where: string) => string
}

/** What is answered from what all instances share: nobody need ask the agent's own. */
const FROM_STATE: ReadonlySet<string> = new Set([
  'call.list', 'call.get', 'cost.breakdown', 'cost.history', 'cost.export', 'event.list', 'event.outline', 'event.lines', 'event.exportCsv', 'event.exportJsonLines',
  'finding.list', 'finding.open', 'audit.verify', 'audit.exportCsv', 'audit.exportJsonLines', 'token.create', 'checkpoint.load',
])

/** Where each instance knows a part, and what that is called. */
const IN_PARTS: Readonly<Record<string, string>> = {
  'budget.list': 'budgets',
  'performance.list': 'performances',
  'safety.list': 'agents',
  'service.list': 'services',
}

/** A machine that sleeps hears a question, and does not answer: nobody looks at an empty list for as long as it may. */
const PART_PATIENCE_MS = 3_000

/** The same commands for all agents, whichever instance they belong to. */
export function createSharedRouter({ router, instances, asking, isOwn, onDefect }: SharedRouterOptions): Router {
  async function ownerOf(agentId: AgentId): Promise<InstanceId | null> {
    const owner = await instances.ownerOf(agentId)
    return owner === instances.own ? null : owner
  }

  /** An instance that does not answer is left out: its agents stand in the list of agents all the same. */
  async function withOthers(name: string, part: string, input: unknown, caller: Caller): Promise<JsonValue> {
    const answer = (await router.request(name, input, caller)) as Record<string, JsonValue>
    const others = await Promise.all(
      (await instances.living()).map(async (instance) => {
        try {
          return ((await asking.ask(instance, { name, input, caller }, PART_PATIENCE_MS)) as Record<string, JsonValue>)[part] as JsonValue[]
        } catch (problem) {
          if (!(problem instanceof AppError)) onDefect(problem, name)
          return []
        }
      }),
    )
    return { ...answer, [part]: [...(answer[part] as JsonValue[]), ...others.flat()] }
  }

  async function allAgents(input: unknown, caller: Caller): Promise<JsonValue> {
    const { agents, seq } = (await router.request('agent.list', input, caller)) as unknown as { agents: Agent[]; seq: number }
    const all = [...agents, ...(await instances.agentsOfOthers())].sort((one, other) => other.createdAt - one.createdAt)
    return commands['agent.list'].output.parse({ agents: all, seq }) as unknown as JsonValue
  }

  async function answered(name: string, input: unknown, caller: Caller): Promise<JsonValue> {
    const agentId = agentIdOf(input)
    if (agentId !== null && !isOwn(agentId) && !FROM_STATE.has(name)) {
      const owner = await ownerOf(agentId)
      if (owner !== null) return asking.ask(owner, { name, input, caller })
    }
    if (name === 'agent.list') return allAgents(input, caller)
    const part = Object.hasOwn(IN_PARTS, name) ? IN_PARTS[name] : undefined
    return part !== undefined && agentId === null ? withOthers(name, part, input, caller) : router.request(name, input, caller)
  }

  return {
    request: (name, input, caller) =>
      answered(name, input, caller).catch((problem: unknown) => {
        throw toAppError(problem, name, onDefect)
      }),

    open(name, input, caller, sink) {
      const agentId = agentIdOf(input)
      if (agentId === null || isOwn(agentId)) return router.open(name, input, caller, sink)
      ownerOf(agentId).then(
        (owner) => sink.end(owner === null ? new AppError('AGENT_NOT_FOUND', `There is no agent ${agentId}.`) : elsewhere(agentId, owner)),
        (problem: unknown) => sink.end(toAppError(problem, name, onDefect)),
      )
      return { close: () => {} }
    },
  }
}

function elsewhere(agentId: AgentId, owner: InstanceId): AppError {
  return new AppError('CONFLICT', `${agentId} belongs to the control room ${owner}; what it shows can be followed there only.`)
}

function agentIdOf(input: unknown): AgentId | null {
  if (typeof input !== 'object' || input === null || !('agentId' in input)) return null
  return typeof input.agentId === 'string' ? input.agentId : null
}
