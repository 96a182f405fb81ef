import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { expect } from 'vitest'
import type { LaunchPlan } from '../../../shared/domain/agent.ts'
import type { Call } from '../../../shared/domain/llm.ts'
import type { ProviderMode } from '../../../shared/domain/provider.ts'
import type { SimulatedFailure } from '../../../shared/domain/simulatedFailure.ts'
import { AGENT } from '../../budget/testDesk.ts'
import type { Clock } from '../../ports.ts'
import { systemClock } from '../../systemPorts.ts'
import { PLACEHOLDER_KEY } from '../placeholderKey.ts'
import { createSimulatedUpstream } from '../simulated/simulatedUpstream.ts'
import { createTestGateway, type TestGateway } from '../testGateway.ts'
import { serveUpstream } from './testServedUpstream.ts'

/** The providers' own SDKs before a gateway that calls the simulated provider in process, or over HTTP as it would a live one. */
export interface TestClients {
  readonly openai: OpenAI
  readonly anthropic: Anthropic
  readonly test: TestGateway
  fail(...failures: SimulatedFailure[]): void
  /** The one call that was made, once the ledger has it: its cost is what the budget was charged. */
  onlyCall(): Promise<Call>
  close(): Promise<void>
}

export interface TestClientsOptions {
  readonly mode: ProviderMode
  readonly plan?: Partial<LaunchPlan>
  readonly delayMs?: number
  readonly clock?: Clock
}

export async function createTestClients({ mode, plan, delayMs = 0, clock = systemClock }: TestClientsOptions): Promise<TestClients> {
  const simulated = createSimulatedUpstream({
    clock,
    onDefect: (defect) => {
      throw defect
    },
  })
  const simulation = { seed: 3, delayMs, failures: [] }
  const server = await serveUpstream(simulated, { agentId: AGENT, simulation })
  const upstreams = { openai: `${server.url}/v1`, anthropic: server.url }
  const test = await createTestGateway({
    plan,
    llm: { mode, simulation, upstreams: mode === 'live' ? upstreams : { openai: null, anthropic: null } },
    simulated,
  })

  return {
    openai: new OpenAI({ baseURL: test.openai, apiKey: PLACEHOLDER_KEY }),
    anthropic: new Anthropic({ baseURL: test.anthropic, apiKey: PLACEHOLDER_KEY }),
    test,
    fail: (...failures) => simulated.fail(AGENT, failures),
    async onlyCall() {
      const [call] = await test.finished(1)
      await test.desk.settled()
      const calls = test.desk.heard('llm.callFinished').map(({ payload }) => payload.call)
      expect(calls).toHaveLength(1)
      expect(test.desk.desk.status(AGENT)).toMatchObject({ spent: call?.cost, reserved: 0, openCalls: 0 })
      expect((await test.desk.state.ledger.totals()).find(({ agentId }) => agentId === AGENT)?.spent).toBe(call?.cost)
      if (!call) throw new Error('no call was finished')
      return call
    },
    async close() {
      await test.close()
      await server.close()
      await simulated.close()
    },
  }
}

/** Time that runs until so many timers have been set, and then stands still. */
export function createStallingClock(timers: number): Clock {
  let left = timers
  return {
    now: () => 0,
    after(_delayMs, action) {
      if (left-- <= 0) return { cancel: () => undefined }
      const immediate = setImmediate(action)
      return { cancel: () => clearImmediate(immediate) }
    },
  }
}
