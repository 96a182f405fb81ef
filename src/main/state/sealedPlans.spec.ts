import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { createTestClock } from '../access/testClock.ts'
import { migrations } from './migrations/all.ts'
import { openDatabase } from './openDatabase.ts'
import { openState } from './openState.ts'
import { looking } from './testDatabase.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const clock = createTestClock()
const VALUE = 'an invented value of a variable'
const before = migrations.slice(0, 3)

/** A database as the version before left it: plans and a checkpoint in the clear. */
function fillOld(dataFolder: string): string {
  const database = openDatabase({ dataFolder, migrations: before, now: 1_000, busyTimeoutMs: 0 })
  const agent = sampleAgent({ plan: samplePlan({ variables: { REGION: VALUE, OTHER: VALUE } }) })
  const plain = sampleAgent({ id: 'pl-00000001' })
  const insert = database.durable.prepare(`INSERT INTO events VALUES (?, 1000, 'agent.changed', 'INFO', ?, 'It runs.', ?)`)
  for (const [index, one] of [agent, plain].entries()) {
    insert.run(index + 1, one.id, JSON.stringify({ agent: one }))
    database.durable.prepare('INSERT INTO agents VALUES (?, 1000, ?)').run(one.id, JSON.stringify({ agent: one }))
  }
  database.durable.prepare('INSERT INTO checkpoints VALUES (?, ?, 1000)').run(agent.id, JSON.stringify({ note: VALUE }))
  database.durable.exec('UPDATE event_sequence SET reserved = 2')
  database.fast.close()
  database.durable.close()
  return database.file
}

describe('a database from before plans were sealed', () => {
  it('loses the values of variables in its events, once; events stay unchangeable', async () => {
    const dataFolder = folders.make()
    const file = fillOld(dataFolder)
    await (await openState({ dataFolder, clock })).close()
    const payloads = looking(file, (database) => database.prepare('SELECT payload FROM events ORDER BY seq').pluck().all()) as string[]
    expect(payloads.map((payload) => (JSON.parse(payload) as { agent: { plan: unknown } }).agent.plan)).toMatchObject([
      { variables: { REGION: '[MASKED]', OTHER: '[MASKED]' }, name: 'lead_gen_agent.py' },
      { variables: {} },
    ])
    const state = await openState({ dataFolder, clock })
    await state.close()
    const database = openDatabase({ dataFolder, migrations, now: 1_000, busyTimeoutMs: 0 })
    expect(() => database.durable.exec(`UPDATE events SET message = ''`)).toThrow('never changed')
    database.fast.close()
    database.durable.close()
  })

  it('is wiped where agents and checkpoints are replaced: no page has the old bytes', async () => {
    const dataFolder = folders.make()
    fillOld(dataFolder)
    const state = await openState({ dataFolder, clock })
    const [agent] = (await state.agents.all()).filter(({ plan }) => plan.variables.REGION === VALUE)
    expect(await state.checkpoints.unlooked()).toEqual([agent?.id])
    if (!agent) throw new Error('no such agent')
    const shown = { ...agent, plan: { ...agent.plan, variables: { REGION: '[MASKED]', OTHER: '[MASKED]' } } }
    await state.launchPlans.replace([{ agent: shown, sealed: null }])
    await state.checkpoints.replace(agent.id, { document: { note: 'nothing' } })
    expect(await state.agents.all()).toContainEqual(shown)
    expect(await state.checkpoints.unlooked()).toEqual([])
    for (const name of readdirSync(dataFolder).filter((one) => one.startsWith('control-room.db'))) {
      expect(readFileSync(join(dataFolder, name)).includes(VALUE), name).toBe(false)
    }
    await state.close()
  })
})
