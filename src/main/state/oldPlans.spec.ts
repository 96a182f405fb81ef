import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Agent } from '../../shared/domain/agent.ts'
import { Event } from '../../shared/domain/event.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { createTestClock } from '../access/testClock.ts'
import { migrations } from './migrations/all.ts'
import { DATABASE_FILE, openDatabase } from './openDatabase.ts'
import { openState } from './openState.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const clock = createTestClock()
const IDS = { first: 'sa-00000001', second: 'sa-00000002' }

const without = (plan: object, ...names: string[]): object => Object.fromEntries(Object.entries(plan).filter(([name]) => !names.includes(name)))

/** A database of version 2 with an agent each of the versions before it. */
function olderDatabase(): string {
  const dataFolder = folders.make()
  const { fast, durable } = openDatabase({ dataFolder, migrations: migrations.slice(0, 2), now: 1, busyTimeoutMs: 0 })
  fast.close()
  durable.close()
  const database = new Database(join(dataFolder, DATABASE_FILE))
  const second = without(samplePlan({ variables: {} }), 'safety', 'services', 'secrets', 'sealSecrets')
  const first = without(second, 'atLimit', 'parkForMs', 'baselinePerUnit', 'llm')
  const write = (seq: number, id: string, plan: object, safetyMode: string, name: 'agents' | 'events'): void => {
    const payload = JSON.stringify({ agent: { ...sampleAgent({ id }), plan: { ...plan, safetyMode } } })
    if (name === 'events') database.prepare(`INSERT INTO events VALUES (?, 1, 'agent.changed', 'INFO', ?, '', ?)`).run(seq, id, payload)
    else database.prepare('INSERT INTO agents VALUES (?, 1, ?)').run(id, payload)
  }
  write(1, IDS.first, first, 'warn', 'events')
  write(2, IDS.second, second, 'block', 'events')
  // The migration before has brought both to its own plans.
  write(0, IDS.first, second, 'warn', 'agents')
  write(0, IDS.second, second, 'block', 'agents')
  database.prepare('UPDATE event_sequence SET reserved = 2').run()
  database.close()
  return dataFolder
}

it('agents from before there was a safety engine keep their mode', async () => {
  const state = await openState({ dataFolder: olderDatabase(), clock })
  const agents = await state.agents.all()
  for (const agent of agents) expect(Agent.parse(agent)).toEqual(agent)
  const safety = (mode: 'warn' | 'block'): object => ({
    rules: { mode, types: {}, directions: {}, unauthorised: 'refuse', injection: 'warn' },
    permissions: { models: null, tools: null, hosts: null, paths: null },
    notPrivate: [],
  })
  expect(agents.map(({ id, plan }) => [id, plan.safety])).toEqual([[IDS.first, safety('warn')], [IDS.second, safety('block')]])
  expect(JSON.stringify(agents)).not.toContain('safetyMode')
  await state.close()
})

it('events of any earlier version are read as events of today', async () => {
  const state = await openState({ dataFolder: olderDatabase(), clock })
  const events = await state.events.after(0, 10)
  expect(events.map((event) => Event.parse(event))).toEqual(events)
  expect(events.map((event) => event.name === 'agent.changed' && event.payload.agent.plan.safety.rules.mode)).toEqual(['warn', 'block'])
  await state.close()
})
