import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { createEventBus } from '../events/eventBus.ts'
import { openState } from '../state/openState.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { sampleCall } from '../../shared/domain/testCalls.ts'
import { changed, note } from '../state/testEvents.ts'
import { useTestFolders } from '../state/testFolder.ts'
import type { LogEntry } from './log.ts'
import { logEvents } from './logEvents.ts'

const folders = useTestFolders()

it('writes every event down, without the environment and the output of an agent', async () => {
  const clock = createTestClock()
  const state = await openState({ dataFolder: folders.make(), clock })
  const bus = await createEventBus({ events: state.events, clock, onDefect: () => {} })
  const entries: LogEntry[] = []
  const stop = logEvents(bus, { write: (entry) => void entries.push(entry), flush: async () => {} })

  await bus.announce(note('A line worth keeping.', 'lg-7a3f9c2d'))
  const agent = sampleAgent({ status: 'crashed', lastOutput: ['swordfish'], exit: { code: 1, signal: null } })
  agent.plan.variables = { WORD: 'swordfish' }
  await bus.announce({ ...changed(agent), severity: 'ERROR', message: 'It crashed.' })
  await bus.announce({ name: 'agent.exited', agentId: agent.id, severity: 'WARN', message: 'It ended.', payload: { exit: { code: 1, signal: null }, survivors: 0 } })
  stop()
  await bus.announce(note('unheard'))
  await state.close()

  expect(entries).toEqual([
    { level: 'INFO', event: 'log.written', msg: 'A line worth keeping.', agentId: 'lg-7a3f9c2d', fields: { seq: 1, message: 'A line worth keeping.' } },
    {
      level: 'ERROR',
      event: 'agent.changed',
      msg: 'It crashed.',
      agentId: 'lg-7a3f9c2d',
      fields: { seq: 2, status: 'crashed', reason: null, pid: 4711, restarts: 0, exit: { code: 1, signal: null }, survivors: null },
    },
    { level: 'WARN', event: 'agent.exited', msg: 'It ended.', agentId: 'lg-7a3f9c2d', fields: { seq: 3, exit: { code: 1, signal: null }, survivors: 0 } },
  ])
})

it('writes down of a call what it came to; its attempts and receipts are in the database', async () => {
  const clock = createTestClock()
  const state = await openState({ dataFolder: folders.make(), clock })
  const bus = await createEventBus({ events: state.events, clock, onDefect: () => {} })
  const entries: LogEntry[] = []
  logEvents(bus, { write: (entry) => void entries.push(entry), flush: async () => {} })
  const call = sampleCall({ attempts: [], usage: { input: 10 }, cost: 0 })
  await bus.announce({ name: 'llm.callFinished', agentId: call.agentId, severity: 'INFO', message: 'It answered.', payload: { call } })
  await state.close()

  const { provider, endpoint, model, outcome, refusal, status, durationMs } = call
  const figures = { attempts: 0, usage: { input: 10 }, cost: 0 }
  const fields = { seq: 1, callId: call.id, provider, endpoint, model, outcome, refusal, status, durationMs, ...figures }
  expect(entries).toEqual([{ level: 'INFO', event: 'llm.callFinished', msg: 'It answered.', agentId: call.agentId, fields }])
})
