import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentMetrics } from '../../shared/contract/agents.ts'
import { sampleCall } from '../../shared/domain/testCalls.ts'
import { AGENT, CENT, DOLLAR, freshCallId, openTestDesk, type TestDesk } from '../budget/testDesk.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { readAgentMetrics } from './agentMetrics.ts'
import type { ProcessMetrics } from './supervisor.ts'

const folders = useTestFolders()
let test: TestDesk
beforeEach(async () => {
  test = await openTestDesk(folders.make())
})
afterEach(() => test.close())

const USED = { status: 'running', uptimeMs: 5_000, restarts: 1, processes: 2, residentBytes: 1_000, cpuMs: 30, outputBytes: 7 } as const
const WORK = { progress: '23 / 100 leads (23%)', success: '100% (23/23)', rate: '212 leads/hour', p50: null, p95: 'P95: 2.1s', p99: null, cacheHits: '34%', uptime: '99.8%', blocked: null, saved: null, viaFallback: null }
const processMetrics = async (agentId: string): Promise<ProcessMetrics> => ({ agentId, ...USED })
const read = async (): Promise<AgentMetrics> =>
  AgentMetrics.parse(await readAgentMetrics(AGENT, { supervisor: { processMetrics }, budgets: test.desk, performance: { of: () => ({ formatted: WORK }) }, calls: test.state.calls }))

it('tells what 23 of 100 leads have cost, in nanodollars and as people read it, by model and with what was refused', async () => {
  await test.launch(50 * DOLLAR, { baselinePerUnit: 3_050_000_000 })
  await test.charge(await test.hold(10 * DOLLAR), 500 * CENT, { usage: { input: 1_000, output: 200 } })
  await test.charge(await test.hold(10 * DOLLAR), 29 * CENT, { model: 'gpt-3.5-turbo', usage: { input: 90 } })
  test.desk.finish(sampleCall({ id: freshCallId(), outcome: 'refused', refusal: 'no-key', attempts: [], usage: {} }))
  test.desk.progress(AGENT, { done: 23, total: 100, unit: 'lead', failed: 0 })
  await test.settled()
  const metrics = await read()
  expect(metrics).toMatchObject({
    ...USED,
    usedPercent: 10.6,
    budget: { spent: 529 * CENT, limit: 50 * DOLLAR, average: 23 * CENT, projection: 23 * DOLLAR },
    formatted: {
      spent: '$5.29',
      limit: '$50.00',
      used: '10.6%',
      average: '$0.23 avg/lead',
      projection: 'Projection: $23.00 total',
      baseline: 'vs Baseline: $64.86 saved',
      ...WORK,
    },
    refusals: { 'no-key': 1 },
  })
  const byModel = Object.fromEntries(metrics.models.map(({ key, inputTokens, outputTokens, cost }) => [key, [inputTokens, outputTokens, cost]]))
  expect(byModel).toEqual({ 'gpt-4': [1_000, 200, 500 * CENT], 'gpt-3.5-turbo': [90, 0, 29 * CENT] })
})

it('leaves out what nobody can know yet', async () => {
  await test.launch(50 * DOLLAR)
  expect(await read()).toMatchObject({
    usedPercent: 0,
    formatted: { spent: '$0.00', limit: '$50.00', used: '0.0%', average: null, projection: null, baseline: null },
    models: [],
    refusals: {},
  })
})
