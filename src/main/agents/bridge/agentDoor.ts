import { commands } from '../../../shared/contract/contract.ts'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Caller } from '../../../shared/domain/roles.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Router } from '../../router/router.ts'
import type { Ask, Tell, ToAgent } from './bridgeMessages.ts'

/** The contract for one process of an agent: the same router as behind every door. */
export interface AgentDoor {
  /** `length` is that of its line. */
  ask(question: Ask, length: number): void
  tell(report: Tell, length: number): void
  /** Whether there is room for one more that is not answered yet. */
  readonly hasRoom: boolean
  /** Of what was told and was wrong. */
  readonly wrong: number
}

export interface AgentDoorOptions {
  readonly agentId: AgentId
  readonly request: Router['request']
  readonly mostUnderWay: number
  /** Of all that is under way together: what is long keeps the room busy for long. */
  readonly mostCharactersUnderWay: number
  readonly send: (message: ToAgent) => void
  /** There is room again after there was none. */
  readonly onRoom: () => void
  /** The first report that was wrong; the others are counted. */
  readonly onWrong: (command: string, error: AppError) => void
}

/** Whose input names an agent; an agent need not say which, for it is itself. */
const NAMES_AGENT: ReadonlySet<string> = new Set(
  Object.entries(commands).flatMap(([name, { input }]) => ('shape' in input && 'agentId' in input.shape ? [name] : [])),
)

export function createAgentDoor(options: AgentDoorOptions): AgentDoor {
  const { agentId, request, mostUnderWay, mostCharactersUnderWay, send, onRoom, onWrong } = options
  const caller: Caller = { role: 'agent', id: agentId }
  let underWay = 0
  let characters = 0
  let wrong = 0

  function inputFor(command: string, input: unknown): unknown {
    if (!NAMES_AGENT.has(command) || typeof input !== 'object' || input === null || Array.isArray(input)) return input
    const named = (input as { agentId?: unknown }).agentId
    if (named !== undefined && named !== agentId) throw new AppError('FORBIDDEN', 'An agent speaks for itself only; leave "agentId" out.')
    return { ...input, agentId }
  }

  async function asked(command: string, input: unknown): ReturnType<Router['request']> {
    return request(command, inputFor(command, input), caller)
  }

  const hasRoom = (): boolean => underWay < mostUnderWay && characters < mostCharactersUnderWay

  function begin(length: number): () => void {
    underWay++
    characters += length
    return () => {
      const wasFull = !hasRoom()
      underWay--
      characters -= length
      if (wasFull && hasRoom()) onRoom()
    }
  }

  return {
    ask({ id, command, input }, length) {
      const done = begin(length)
      asked(command, input).then(
        (output) => {
          done()
          send({ kind: 'answer', id, output })
        },
        (error: AppError) => {
          done()
          send({ kind: 'refusal', id, error: error.toBody() })
        },
      )
    },
    tell({ command, input }, length) {
      const done = begin(length)
      asked(command, input).then(done, (error: AppError) => {
        done()
        if (wrong++ === 0) onWrong(command, error)
      })
    },
    get hasRoom() {
      return hasRoom()
    },
    get wrong() {
      return wrong
    },
  }
}
