import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createEventBus } from '../src/main/events/eventBus.ts'
import { createServiceDesk } from '../src/main/reliability/serviceDesk.ts'
import { openState } from '../src/main/state/openState.ts'
import { changed } from '../src/main/state/testEvents.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'
import { sampleAgent } from '../src/shared/domain/testAgents.ts'
import { distribution, rounded } from './measure.ts'

/**
 * Microseconds that a breaker adds to a call of a service, in the room: begin and end together, on a real database that is written to
 * meanwhile. Beside it the least that could be said of a call: a count in a map. And what a million calls leave in memory.
 */

const CALLS = 20_000
const ROUNDS = 50
const AGENT = 'lg-7a3f9c2d'

const folder = mkdtempSync(join(tmpdir(), 'control-room-bench-'))
const fail = (defect: unknown): never => {
  throw defect
}
try {
  const state = await openState({ dataFolder: folder, clock: systemClock })
  const bus = await createEventBus({ events: state.events, clock: systemClock, onDefect: fail })
  const desk = await createServiceDesk({
    state,
    bus,
    clock: systemClock,
    random: systemRandom,
    key: () => null,
    redact: (text) => text,
    unitOf: () => 'call',
    refusalOf: () => null,
    onDefect: fail,
  })
  await bus.announce(changed(sampleAgent({ id: AGENT })))

  const call = (): void => {
    const { callId } = desk.begin({ agentId: AGENT, service: 'linkedin', endpoint: '', key: null })
    desk.end({ agentId: AGENT, callId, outcome: 'ok', detail: null, retryAfterMs: null })
  }
  const blocked = (): void => void desk.begin({ agentId: AGENT, service: 'down', endpoint: '', key: null })
  const counts = new Map<string, number>()
  const bare = (): void => void counts.set('linkedin', (counts.get('linkedin') ?? 0) + 1)

  for (let i = 0; i < 5; i++) {
    const { callId } = desk.begin({ agentId: AGENT, service: 'down', endpoint: '', key: null })
    desk.end({ agentId: AGENT, callId, outcome: 'failed', detail: '503', retryAfterMs: 3_600_000 })
  }

  async function measure(action: () => void): Promise<number> {
    const begun = process.hrtime.bigint()
    for (let i = 0; i < CALLS; i++) action()
    const us = Number(process.hrtime.bigint() - begun) / 1e3 / CALLS
    // Others have their turn: what is written and told holds nobody up.
    await new Promise((resolve) => setTimeout(resolve, 1))
    return us
  }

  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const heldBytes = (): number => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  for (let i = 0; i < 5; i++) for (const action of [call, blocked, bare]) await measure(action)
  const before = heldBytes()
  const rounds = { call: [] as number[], blocked: [] as number[], bare: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    rounds.call.push(await measure(call))
    rounds.blocked.push(await measure(blocked))
    rounds.bare.push(await measure(bare))
  }
  const grownBytes = heldBytes() - before
  const report = { call: distribution(rounds.call), blocked: distribution(rounds.blocked), bare: distribution(rounds.bare) }
  console.table(Object.fromEntries(Object.entries(report).map(([name, { p50, p99 }]) => [`${name}, µs`, { p50, p99 }])))
  const calls = CALLS * ROUNDS
  console.log(JSON.stringify({ bench: 'reliability', callUs: rounded(report.call.p50), blockedUs: rounded(report.blocked.p50), bareUs: rounded(report.bare.p50), calls, grownBytesPerCall: Math.max(0, rounded(grownBytes / calls)) }))
  desk.close()
  await bus.settled()
  await state.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
