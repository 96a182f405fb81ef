import Database from 'better-sqlite3'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPriceTable } from '../src/main/budget/priceTable.ts'
import type { RunKeys } from '../src/main/gateway/currentKeys.ts'
import { openGateway } from '../src/main/gateway/openGateway.ts'
import type { SafetyDesk } from '../src/main/safety/desk/safetyDesk.ts'
import { createScanner } from '../src/main/safety/scan/createScanner.ts'
import { argon2id } from '../src/main/secrets/argon2id.ts'
import { createRunSecrets } from '../src/main/secrets/run/createRunSecrets.ts'
import { maskedView } from '../src/main/secrets/secretViews.ts'
import { ADMIN, bytes, openTestStore } from '../src/main/secrets/testStore.ts'
import { DATABASE_FILE } from '../src/main/state/openDatabase.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'
import { createTokenCounter } from '../src/main/tokens/createTokenCounter.ts'
import { commands } from '../src/shared/contract/contract.ts'
import { sampleAgent, samplePlan } from '../src/shared/domain/testAgents.ts'
import { openClient, requestBytes } from './gatewayClient.ts'
import { PLAIN_REQUEST } from './gatewayMessages.ts'
import { openUpstream } from './gatewayTargets.ts'
import { median, now, rounded } from './measure.ts'

/**
 * What secrets cost: ten thousand listed as a client gets them, one opened beside one bare Argon2id, and a call through the gateway of an
 * agent whose key is exchanged on the way, beside that of an agent without secrets; the last two in turns.
 */

const LISTED = 10_000
const LISTS = 15
const OPENED = 40
const ROUNDS = 12
const CALLS = 150

const folder = mkdtempSync(join(tmpdir(), 'control-room-bench-'))
try {
  const list = await measureList()
  const open = await measureOpen()
  const exchange = await measureExchange()
  console.log(`${LISTED.toLocaleString('en')} secrets listed: ${list.listMs} ms; one opened: ${open.openMs} ms beside ${open.argonMs} ms; a call: ${exchange.withUs} µs beside ${exchange.withoutUs} µs`)
  console.log(JSON.stringify({ bench: 'secrets', ...list, ...open, ...exchange }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measureList(): Promise<{ listMs: number }> {
  const test = await openTestStore(join(folder, 'list'))
  await test.store.create({ name: 'FIRST_KEY', environment: 'production', value: bytes('an invented value') }, ADMIN)
  const database = new Database(join(folder, 'list', DATABASE_FILE))
  database.exec(`
    WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ${LISTED - 1})
    INSERT INTO secrets SELECT printf('secret-%012x', n), 'KEY_' || n, 'staging', 1, 'value', '[]', 'inv...ted', n, n, NULL FROM numbers`)
  database.close()
  const took: number[] = []
  for (let index = 0; index < LISTS; index++) {
    const begin = now()
    const secrets = (await test.store.list({ deleted: false })).map(maskedView)
    JSON.stringify(commands['secret.list'].output.parse({ secrets, seq: 0 }))
    took.push(now() - begin)
    if (secrets.length !== LISTED) throw new Error(`${secrets.length} secrets were listed.`)
  }
  await test.close()
  return { listMs: rounded(median(took)) }
}

async function measureOpen(): Promise<{ openMs: number; argonMs: number; openToArgon: number }> {
  const test = await openTestStore(join(folder, 'open'))
  const ids: string[] = []
  for (let index = 0; index < OPENED; index++) ids.push((await test.store.create({ name: `KEY_${index}`, environment: 'production', value: bytes('an invented value') }, ADMIN)).id)
  await test.close()
  // Opened anew: nothing of them is known any more.
  const again = await openTestStore(join(folder, 'open'))
  const master = randomBytes(32)
  const [opened, bare]: [number[], number[]] = [[], []]
  for (const id of ids) {
    let begin = now()
    await argon2id(master, randomBytes(16))
    bare.push(now() - begin)
    begin = now()
    await again.store.get(id, ADMIN, true)
    opened.push(now() - begin)
  }
  await again.close()
  const [openMs, argonMs] = [median(opened), median(bare)]
  return { openMs: rounded(openMs), argonMs: rounded(argonMs), openToArgon: rounded(openMs / argonMs) }
}

async function measureExchange(): Promise<{ withUs: number; withoutUs: number; withToWithout: number }> {
  const upstream = await openUpstream()
  const plan = samplePlan({ llm: { ...samplePlan().llm, mode: 'live', upstreams: { openai: `${upstream.url.origin}/v1`, anthropic: null } } })
  const agents = { with: 'wi-00000001', without: 'wo-00000002' }
  const old = 'sk-proj-inventedOld0123456789abcdefghij'
  let value = old
  const keys = createRunSecrets({
    source: {
      open: async ({ id }) => (id === agents.with ? [{ id: 'secret-000000000001', name: 'OPENAI_API_KEY', value, version: value === old ? 1 : 2, delivery: 'value', hosts: [] }] : []),
      noteRead: async () => undefined,
      rollBack: async () => undefined,
    },
    bridge: () => ({ tellOfSecrets: async () => 'unreachable' }),
    announce: async () => undefined,
    know: () => undefined,
    onValues: () => undefined,
    onDefect: fail,
  })
  for (const id of [agents.with, agents.without]) await keys.inject(sampleAgent({ id, plan: { ...plan, secrets: null } }))
  value = 'sk-proj-inventedNew0123456789abcdefghij'
  await keys.rotate({ id: 'secret-000000000001', name: 'OPENAI_API_KEY', environment: plan.environment, version: 2 })
  const exchanged = { count: 0 }
  const runKeys: RunKeys = {
    currentOf: (...asked) => {
      const current = keys.currentOf(...asked)
      if (current !== null) exchanged.count += 1
      return current
    },
    refusalOf: (...asked) => keys.refusalOf(...asked),
    answered: (...asked) => keys.answered(...asked),
  }

  const tokens = createTokenCounter()
  const nothing = createScanner({ types: new Set() })
  const safety: SafetyDesk = {
    scannerFor: () => nothing,
    judge: () => ({ edits: [], blocked: null }),
    report: () => null,
    permissionsOf: () => ({ models: null, tools: null, hosts: null, paths: null }),
  }
  const gateway = await openGateway({
    findRun: (token) => (token === 'with' || token === 'without' ? { agentId: agents[token], plan } : null),
    desk: {
      admit: async ({ worstCase }) => ({ outcome: 'admitted', reservation: { worstCase, settle: () => undefined, runs: () => undefined } }),
      scopeOf: () => null,
      finish: () => undefined,
    },
    safety,
    keys: runKeys,
    prices: readPriceTable(JSON.parse(readFileSync(join(import.meta.dirname, '../resources/pricing.json'), 'utf8'))),
    tokens,
    simulated: { send: () => fail(new Error('Nobody asked for it.')), close: async () => undefined },
    clock: systemClock,
    random: systemRandom,
    log: { write: () => undefined, flush: async () => undefined },
    environment: {},
    onDefect: fail,
  })
  const took: Record<'with' | 'without', number[]> = { with: [], without: [] }
  const ratios: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
      const url = new URL(`${gateway.url}/run/${who}/openai/v1/chat/completions`)
      const client = await openClient(url, requestBytes(url, PLAIN_REQUEST, { authorization: `Bearer ${old}` }))
      const calls: number[] = []
      for (let call = 0; call < CALLS; call++) calls.push((await client.ask()).totalMs * 1_000)
      client.close()
      // The first round warms both.
      if (round > 0) took[who].push(median(calls))
    }
    const [last, beside] = [took.with.at(-1), took.without.at(-1)]
    if (last !== undefined && beside !== undefined) ratios.push(last / beside)
  }
  if (exchanged.count !== ROUNDS * CALLS) throw new Error(`${exchanged.count} keys were exchanged.`)
  await gateway.close()
  await tokens.close()
  await upstream.close()
  return { withUs: rounded(median(took.with)), withoutUs: rounded(median(took.without)), withToWithout: rounded(median(ratios)) }
}

function fail(defect: unknown): never {
  throw defect
}
