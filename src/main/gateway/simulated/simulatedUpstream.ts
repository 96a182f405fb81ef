import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Provider } from '../../../shared/domain/provider.ts'
import type { SimulatedFailure } from '../../../shared/domain/simulatedFailure.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Clock } from '../../ports.ts'
import { tokensByCharacters } from '../../tokens/characters.ts'
import type { TokenCounter } from '../../tokens/tokenCounter.ts'
import type { Upstream, UpstreamFlow, UpstreamRequest } from '../upstream.ts'
import { cutShort, errorAnswer, malformed, type Answer } from './answer.ts'
import { answerTo } from './answerTo.ts'
import { createDice } from './dice.ts'
import { createFailureQueue, type FailureQueue } from './failureQueue.ts'
import { playAnswer, playSilence } from './playAnswer.ts'

export interface SimulatedUpstream extends Upstream {
  /** Told failures wait for the agent's next attempts, if need be for those of its next run. */
  fail(agentId: AgentId, failures: readonly SimulatedFailure[]): void
  /** A process begins: attempts are counted from 1 again, and the plan's failures are all ahead. */
  beginRun(agentId: AgentId): void
  /** The agent is gone. */
  forget(agentId: AgentId): void
}

export interface SimulatedUpstreamOptions {
  readonly clock: Clock
  /** Without it, four characters are a token. */
  readonly tokens?: TokenCounter
  /** How long silence lasts before it is a time-out. */
  readonly idleMs?: Millis
  readonly onDefect?: (defect: unknown, where: string) => unknown
}

const IDLE_MS = 120_000
const USUAL_RETRY_AFTER_MS = 1_000
const MOST_FAILURES = 1_000

interface Position {
  attempts: number
  /** Those of the plan; null until the run's first attempt brings it. */
  planned: FailureQueue | null
  told: FailureQueue
}

/** A provider without key or network: the same request gives the same answer, and it fails when it is told to. */
export function createSimulatedUpstream({ clock, tokens, idleMs = IDLE_MS, onDefect }: SimulatedUpstreamOptions): SimulatedUpstream {
  const positions = new Map<AgentId, Position>()
  const flows = new Set<UpstreamFlow>()

  function positionOf(agentId: AgentId): Position {
    const known = positions.get(agentId)
    if (known) return known
    const position = { attempts: 0, planned: null, told: createFailureQueue() }
    positions.set(agentId, position)
    return position
  }

  const count = (provider: Provider, model: string, texts: readonly string[]): Promise<number> =>
    tokens ? tokens.count(provider, model, texts) : Promise.resolve(tokensByCharacters(texts))

  async function answerOf(request: UpstreamRequest, attempt: number, failure: SimulatedFailure | null): Promise<Answer> {
    const { seed } = request.run.plan.llm.simulation
    const requestId = createDice(seed, 'request', attempt).id('req_', 24)
    try {
      if (failure?.kind === 'rate-limit') return rateLimited(request.provider, requestId, failure.retryAfterMs ?? USUAL_RETRY_AFTER_MS)
      if (failure?.kind === 'server-error') return brokenDown(request.provider, requestId)
      const answer = await answerTo(request, { seed, attempt, requestId, now: clock.now(), count })
      return failure?.kind === 'cut' ? cutShort(answer) : failure?.kind === 'malformed' ? malformed(answer) : answer
    } catch (defect) {
      onDefect?.(defect, `simulated provider, ${request.endpoint}`)
      return brokenDown(request.provider, requestId)
    }
  }

  return {
    send(request, listener) {
      const { agentId, plan } = request.run
      const { delayMs, failures } = plan.llm.simulation
      const position = positionOf(agentId)
      position.planned ??= createFailureQueue(failures)
      const attempt = ++position.attempts
      const failure = position.planned.take(attempt, request.provider) ?? position.told.take(attempt, request.provider)
      const onOver = (): void => void flows.delete(flow)
      const isStreamed =
        typeof request.json === 'object' && request.json !== null && 'stream' in request.json && request.json.stream === true
      const flow: UpstreamFlow =
        failure?.kind === 'time-out'
          ? playSilence(listener, clock, idleMs, onOver)
          : playAnswer(answerOf(request, attempt, failure), listener, { clock, delayMs, isStreamed, onOver })
      flows.add(flow)
      return flow
    },

    fail(agentId, failures) {
      const { told } = positionOf(agentId)
      if (told.size + failures.length > MOST_FAILURES) {
        throw new AppError(
          'CONFLICT',
          `${told.size} failures wait for ${agentId} already, and no more than ${MOST_FAILURES} can; let it make some calls first.`,
        )
      }
      told.add(failures)
    },

    beginRun(agentId) {
      const position = positionOf(agentId)
      position.attempts = 0
      position.planned = null
    },

    forget: (agentId) => void positions.delete(agentId),

    close() {
      for (const flow of flows) flow.abort()
      return Promise.resolve()
    },
  }
}

function rateLimited(provider: Provider, requestId: string, retryAfterMs: Millis): Answer {
  const wait = ['retry-after', String(Math.ceil(retryAfterMs / 1_000)), 'retry-after-ms', String(retryAfterMs)]
  return provider === 'openai'
    ? errorAnswer(
        provider,
        requestId,
        {
          message: 'Rate limit reached for requests per minute. Please try again later.',
          status: 429,
          type: 'requests',
          code: 'rate_limit_exceeded',
        },
        wait,
      )
    : errorAnswer(
        provider,
        requestId,
        {
          message: 'This request would exceed your rate limit of requests per minute. Please try again later.',
          status: 429,
          type: 'rate_limit_error',
        },
        wait,
      )
}

function brokenDown(provider: Provider, requestId: string): Answer {
  return provider === 'openai'
    ? errorAnswer(provider, requestId, {
        message: 'The server had an error while processing your request. Sorry about that!',
        status: 500,
        type: 'server_error',
      })
    : errorAnswer(provider, requestId, { message: 'Internal server error', status: 500, type: 'api_error' })
}
