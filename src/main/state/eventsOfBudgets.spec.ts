import Database from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Announcement } from '../../shared/domain/event.ts'
import { createTestClock } from '../access/testClock.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState } from './openState.ts'
import type { State } from './repositories.ts'
import { note } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const clock = createTestClock()
let dataFolder: string
let state: State
beforeEach(async () => {
  dataFolder = folders.make()
  state = await openState({ dataFolder, clock })
})
afterEach(() => state.close())

const progressed = (agentId: string, done: number): Announcement => ({
  name: 'agent.progressed',
  agentId,
  severity: 'DEBUG',
  message: `${done} leads.`,
  payload: { progress: { done, total: 100, unit: 'lead', failed: 0 } },
})

it('finds the last that an agent told of its progress, however much came after', async () => {
  const told = [progressed('lg-7a3f9c2d', 1), progressed('lg-7a3f9c2d', 2), progressed('ot-00000001', 9), note('later', 'lg-7a3f9c2d')]
  await state.events.append(told.map((announcement) => ({ announcement, at: clock.now() })))
  expect(await state.events.lastOfBudget('agent.progressed', 'lg-7a3f9c2d')).toMatchObject({ seq: 2, payload: { progress: { done: 2 } } })
  expect(await state.events.lastOfBudget('budget.exhausted', 'lg-7a3f9c2d')).toBeNull()
  expect(await state.events.lastOfBudget('agent.progressed', 'no-00000000')).toBeNull()
})

it('looks it up without reading an agent’s other events', () => {
  const database = new Database(join(dataFolder, DATABASE_FILE), { readonly: true })
  const plan = database.prepare(`EXPLAIN QUERY PLAN
    SELECT * FROM events WHERE agent_id = ? AND name = ? AND name IN ('agent.progressed', 'budget.exhausted') ORDER BY seq DESC LIMIT 1`)
  expect(plan.all('a', 'b')).toMatchObject([{ detail: 'SEARCH events USING INDEX events_of_budgets (agent_id=? AND name=?)' }])
  database.close()
})
