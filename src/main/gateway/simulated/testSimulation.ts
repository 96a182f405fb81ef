import type { LlmPlan } from '../../../shared/domain/agent.ts'
import type { Endpoint } from '../../../shared/domain/llm.ts'
import type { Provider } from '../../../shared/domain/provider.ts'
import { samplePlan } from '../../../shared/domain/testAgents.ts'
import { systemClock } from '../../systemPorts.ts'
import { tokensByCharacters } from '../../tokens/characters.ts'
import { headerOf } from '../headers.ts'
import type { UpstreamFlow, UpstreamProblem, UpstreamRequest } from '../upstream.ts'
import { createSimulatedUpstream, type SimulatedUpstream, type SimulatedUpstreamOptions } from './simulatedUpstream.ts'

export const AGENT = 'lg-7a3f9c2d'

const PATHS: Record<Endpoint, string> = {
  'chat/completions': '/chat/completions',
  responses: '/responses',
  completions: '/completions',
  embeddings: '/embeddings',
  models: '/models',
  messages: '/v1/messages',
  'messages/count_tokens': '/v1/messages/count_tokens',
  unknown: '/nowhere',
}

/** One call to the simulated provider, as it came. For specs only. */
export interface Heard {
  readonly flow: UpstreamFlow
  status: number | null
  headers: readonly string[]
  readonly chunks: string[]
  problem: UpstreamProblem | null
  isEnded: boolean
  /** In the order in which it was told. */
  readonly told: string[]
  /** Resolves when so many chunks have come. */
  chunk(number: number): Promise<void>
  /** Resolves after end or problem. */
  readonly over: Promise<void>
  text(): string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs look into answers of every shape
  json(): any
  header(name: string): string | null
  /** The data of a stream's events, without the closing [DONE]. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs look into events of every shape
  events(): any[]
}

export interface TestSimulation {
  readonly upstream: SimulatedUpstream
  send(endpoint: Endpoint, json: unknown, more?: Partial<UpstreamRequest>): Heard
  /** Sends and waits for the end. */
  ask(endpoint: Endpoint, json: unknown, more?: Partial<UpstreamRequest>): Promise<Heard>
}

export function createTestSimulation(
  simulation: Partial<LlmPlan['simulation']> = {},
  options: Partial<SimulatedUpstreamOptions> = {},
): TestSimulation {
  const onDefect = (defect: unknown): never => {
    throw defect
  }
  const upstream = createSimulatedUpstream({ clock: systemClock, onDefect, ...options })
  const base = samplePlan()
  const plan = samplePlan({ llm: { ...base.llm, simulation: { ...base.llm.simulation, ...simulation } } })
  const run = { agentId: AGENT, plan }

  function send(endpoint: Endpoint, json: unknown, more: Partial<UpstreamRequest> = {}): Heard {
    const provider: Provider = endpoint.startsWith('messages') ? 'anthropic' : 'openai'
    const body = json === null ? null : Buffer.from(JSON.stringify(json))
    const request = { run, provider, endpoint, method: body ? 'POST' : 'GET', path: PATHS[endpoint], headers: [], body, json, ...more }
    let finish = (): void => undefined
    const over = new Promise<void>((resolve) => (finish = resolve))
    let watchers: { number: number; resolve: () => void }[] = []
    const flow = upstream.send(request, {
      head(status, headers) {
        heard.told.push('head')
        heard.status = status
        heard.headers = headers
      },
      data(chunk) {
        heard.told.push('data')
        heard.chunks.push(chunk.toString())
        for (const watcher of watchers) if (watcher.number <= heard.chunks.length) watcher.resolve()
        watchers = watchers.filter(({ number }) => number > heard.chunks.length)
      },
      end() {
        heard.told.push('end')
        heard.isEnded = true
        finish()
      },
      problem(problem) {
        heard.told.push('problem')
        heard.problem = problem
        finish()
      },
    })
    const heard: Heard = {
      flow,
      status: null,
      headers: [],
      chunks: [],
      problem: null,
      isEnded: false,
      told: [],
      over,
      chunk: (number) => new Promise((resolve) => (heard.chunks.length >= number ? resolve() : void watchers.push({ number, resolve }))),
      text: () => heard.chunks.join(''),
      json: () => JSON.parse(heard.text()),
      header: (name) => headerOf(heard.headers, name),
      events: () =>
        heard
          .text()
          .split('\n\n')
          .flatMap((event) => /^data: (\{.*\})$/m.exec(event)?.[1] ?? [])
          .map((data) => JSON.parse(data)),
    }
    return heard
  }

  return {
    upstream,
    send,
    async ask(endpoint, json, more) {
      const heard = send(endpoint, json, more)
      await heard.over
      return heard
    },
  }
}

export const tokensOf = (...texts: string[]): number => tokensByCharacters(texts)
