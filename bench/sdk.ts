import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSettled } from '../src/shared/domain/agentStatus.ts'
import type { Agent } from '../src/shared/domain/agent.ts'
import { composeControlRoom } from '../src/main/compose.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'
import { distribution, pause, rounded } from './measure.ts'

/** What the Python SDK adds to an empty function, in an agent that a whole room runs: `node bench/sdk.ts [calls]` */

const CALLS = process.argv[2] ?? '3000'
const OWNER = { role: 'admin', id: 'owner' } as const
const NAMES = ['plain', 'protected', 'nested', 'ask', 'service', 'serviceKept', 'tool', 'progress'] as const

const folder = mkdtempSync(join(tmpdir(), 'iron-cage-bench-'))
const result = join(folder, 'sdk.json')
const room = await composeControlRoom({
  clock: systemClock,
  random: systemRandom,
  dataFolder: join(folder, 'data'),
  host: 'browser',
  version: '0.0.0',
  environment: { PATH: process.env.PATH, HOME: folder },
  flags: {},
  onStopRequested: (problem) => console.error(problem),
})
try {
  const request = { script: join(import.meta.dirname, 'python', 'sdk.py'), args: [result, CALLS], provider: 'simulated', restart: 'never' }
  let agent = (await room.router.request('agent.start', request, OWNER)) as Agent
  while (!isSettled(agent.status)) {
    await pause(100)
    agent = (await room.router.request('agent.status', { agentId: agent.id }, OWNER)) as Agent
  }
  if (agent.status !== 'stopped') throw new Error(`The agent has ${agent.status}:\n${agent.lastOutput.join('\n')}`)
  const { imported, used, ...measured } = JSON.parse(readFileSync(result, 'utf8')) as Record<(typeof NAMES)[number], number[]> & { imported: number; used: number }
  const spent = Object.fromEntries(NAMES.map((name) => [name, distribution(measured[name])]))
  console.table(Object.fromEntries(NAMES.map((name) => [name, { 'p50 ms': spent[name]?.p50, 'p99 ms': spent[name]?.p99 }])))
  console.log(JSON.stringify({ bench: 'sdk', ...spent, importMs: rounded(imported), useMs: rounded(used) }))
} finally {
  await room.stop()
  rmSync(folder, { recursive: true, force: true })
}
