import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import type { Call } from '../../shared/domain/llm.ts'
import { LARGEST_BUDGET } from '../../shared/domain/money.ts'
import { findApplication } from '../application.ts'
import { createBudgetDesk } from '../budget/budgetDesk.ts'
import { readPriceList } from '../configuration/priceList.ts'
import { CALLS_WAIT } from '../events/callsWait.ts'
import { createEventBus } from '../events/eventBus.ts'
import { openState } from '../state/openState.ts'
import { changed } from '../state/testEvents.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { createTokenCounter } from '../tokens/createTokenCounter.ts'
import { openGateway } from './openGateway.ts'
import { runAddresses } from './runAddress.ts'
import { createTestSafetyDesk } from './testSafetyDesk.ts'
import type { Upstream } from './upstream.ts'

/**
 * What of a room has to do with money, as a process that can be killed: state, bus, budget desk and gateway, the room's own, composed
 * as in compose.ts; no supervisor, doors or page. Arguments: data folder, the upstream's URL. For specs only.
 */

const [dataFolder = '', upstreamUrl = ''] = process.argv.slice(2)
const AGENT = 'lg-7a3f9c2d'
const TOKEN = '0123456789abcdef0123456789abcdef'

/** What is in the data folder once recovery is through, and where the gateway is. */
export interface MortalReport {
  readonly openai: string
  readonly openReservations: number
  readonly spent: number
  readonly calls: readonly Pick<Call, 'id' | 'outcome' | 'attempts' | 'cost'>[]
}

const onDefect = (defect: unknown, where: string): void => {
  process.stderr.write(`${where}: ${String(defect)}\n`)
  process.exit(3)
}
const clock = systemClock
const random = systemRandom
const log = { write: () => undefined, flush: async () => undefined }

const state = await openState({ dataFolder, clock })
const bus = await createEventBus({ events: state.events, clock, onDefect, patience: CALLS_WAIT })
const onFailure = (problem: unknown): void => onDefect(problem, 'keeping account')
const desk = await createBudgetDesk({ state, bus, clock, atLimit: 'end', endRun: async () => undefined, onDefect, onFailure })
const upstreams = { openai: `${upstreamUrl}/v1`, anthropic: null }
const plan = samplePlan({ budget: LARGEST_BUDGET, llm: { ...samplePlan().llm, mode: 'live', upstreams } })
if (desk.list().length === 0) await bus.announce(changed(sampleAgent({ id: AGENT, plan })))

const simulated: Upstream = {
  send() {
    throw new Error('Nothing is simulated here.')
  },
  close: async () => undefined,
}
const gateway = await openGateway({
  findRun: (token) => (token === TOKEN ? { agentId: AGENT, plan } : null),
  desk,
  safety: createTestSafetyDesk(),
  prices: await readPriceList(findApplication().folder, null),
  tokens: createTokenCounter(),
  simulated,
  clock,
  random,
  log,
  environment: {},
  onDefect,
})

const calls: Call[] = []
await state.calls.each({}, (call) => calls.push(call))
const report: MortalReport = {
  openai: runAddresses(gateway.url, TOKEN).openai,
  openReservations: (await state.ledger.openReservations()).length,
  spent: (await state.ledger.totals())[0]?.spent ?? 0,
  calls: calls.map(({ id, outcome, attempts, cost }) => ({ id, outcome, attempts, cost })),
}
// Whoever asked may be gone already.
process.send?.(report, undefined, undefined, () => undefined)
process.on('disconnect', () => process.exit(0))
