import { samplePlan } from '../src/shared/domain/testAgents.ts'
import { PRIVATE_TYPES } from '../src/shared/domain/privateTypes.ts'
import { PrivateType } from '../src/shared/domain/safetyRules.ts'
import { readPriceTable } from '../src/main/budget/priceTable.ts'
import { openGateway } from '../src/main/gateway/openGateway.ts'
import { createScanner } from '../src/main/safety/scan/createScanner.ts'
import type { SafetyDesk } from '../src/main/safety/desk/safetyDesk.ts'
import { createTokenCounter } from '../src/main/tokens/createTokenCounter.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The gateway alone, in a process of its own, with two agents before it: one whose texts are looked through for everything, and one for
 * whom every type is off. `node bench/safetyGateway.ts UPSTREAM_URL`; prints its URL.
 */

const [upstream = ''] = process.argv.slice(2)
const AGENTS: Readonly<Record<string, string>> = { on: 'on-00000001', off: 'off-00000002' }
const everything = createScanner({ types: new Set(PrivateType.options), secrets: ['an-invented-secret-value'] })
const nothing = createScanner({ types: new Set() })

const safety: SafetyDesk = {
  scannerFor: (agentId) => (agentId === AGENTS.on ? everything : nothing),
  judge: ({ matches }) => ({
    edits: matches.map(({ type, start, end }) => ({ start, end, replacement: PRIVATE_TYPES[type].marker })),
    blocked: null,
  }),
  report: () => null,
  permissionsOf: () => ({ models: null, tools: null, hosts: null, paths: null }),
}

const plan = samplePlan({ llm: { ...samplePlan().llm, mode: 'live', upstreams: { openai: upstream, anthropic: null } } })
const tokens = createTokenCounter()
const fail = (defect: unknown): never => {
  throw defect
}
const gateway = await openGateway({
  findRun: (token) => (AGENTS[token] === undefined ? null : { agentId: AGENTS[token], plan }),
  desk: {
    admit: async ({ worstCase }) => ({ outcome: 'admitted', reservation: { worstCase, settle: () => undefined, runs: () => undefined } }),
    finish: () => undefined,
    scopeOf: () => null,
  },
  safety,
  prices: readPriceTable(JSON.parse(readFileSync(join(import.meta.dirname, '../resources/pricing.json'), 'utf8'))),
  tokens,
  simulated: { send: () => fail(new Error('Nobody asked for it.')), close: async () => undefined },
  clock: systemClock,
  random: systemRandom,
  log: { write: () => undefined, flush: async () => undefined },
  environment: {},
  onDefect: fail,
})
console.log(gateway.url)
process.on('SIGTERM', () => void gateway.close().then(() => tokens.close()))
