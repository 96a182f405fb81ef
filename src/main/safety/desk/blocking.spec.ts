import { afterEach, beforeEach, expect, it } from 'vitest'
import { NO_RULES } from '../../../shared/domain/safetyRules.ts'
import { samplePlan } from '../../../shared/domain/testAgents.ts'
import { createTestSupervisor, planOf, type TestSupervisor } from '../../agents/testSupervisor.ts'
import type { Event } from '../../../shared/domain/event.ts'
import { createEventBus } from '../../events/eventBus.ts'
import { keysOfMaster } from '../../secrets/testKeys.ts'
import { openState } from '../../state/openState.ts'
import { useTestFolders } from '../../state/testFolder.ts'
import { systemClock, systemRandom } from '../../systemPorts.ts'
import { createSafetyDesk } from './createSafetyDesk.ts'
import type { RunningSafetyDesk } from './runningSafetyDesk.ts'
import { createScanner } from '../scan/createScanner.ts'

const folders = useTestFolders()
let agents: TestSupervisor
let desk: RunningSafetyDesk
let close: () => Promise<void>

/** A real supervisor, and a desk that hears of its agents. */
beforeEach(async () => {
  agents = await createTestSupervisor(folders.make())
  const state = await openState({ dataFolder: folders.make(), clock: systemClock })
  const defects: unknown[] = []
  const onDefect = (defect: unknown): void => void defects.push(defect)
  const bus = await createEventBus({ events: state.events, clock: systemClock, onDefect })
  desk = await createSafetyDesk({
    state,
    bus,
    clock: systemClock,
    random: systemRandom,
    keys: await keysOfMaster({ environment: {}, keychain: null }),
    halt: (agentId, reason) => agents.supervisor.stop(agentId, 'blocked', reason),
    secretsOf: () => [],
    createScanner,
    onDefect,
    onFailure: onDefect,
  })
  close = async () => {
    await desk.close()
    await bus.settled()
    await state.close()
    expect(defects).toEqual([])
  }
  tell = async (event) => void (await bus.announce({ ...event } as never))
})
let tell: (event: Event) => Promise<void>

afterEach(async () => {
  await agents.close()
  await close()
})

it('a finding that is blocked halts the real process, and the agent is blocked for the reason', async () => {
  const safety = { ...samplePlan().safety, rules: { ...NO_RULES, mode: 'block' as const } }
  const { id } = await agents.supervisor.launch(planOf('sh', 'echo ready; exec sleep 600', { safety, gracePeriodMs: 1_000 }))
  for (const event of agents.events) if (event.name === 'agent.changed') await tell(event)
  const { pid } = await agents.reached(id, 'running')
  await agents.shown(id, 'ready')

  const text = 'Contact ceo@acme.com'
  const matches = desk.scannerFor(id).scan(text)
  const { blocked } = desk.judge({ agentId: id, callId: null, direction: 'terminal', place: 'terminal', text, base: 0, matches })
  expect(blocked).toContain('An email address was found in the terminal')

  const agent = await agents.reached(id, 'blocked')
  expect(agent).toMatchObject({ status: 'blocked', survivors: 0, reason: 'An email address was found in the terminal, and its safety rules say "block".' })
  expect(() => process.kill(pid!, 0)).toThrow('ESRCH')
})
