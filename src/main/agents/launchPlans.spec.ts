import { describe, expect, it } from 'vitest'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { createTestClock } from '../access/testClock.ts'
import { createScanner } from '../safety/scan/createScanner.ts'
import { createSinkRedactor } from '../safety/sinkRedactor.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { createLaunchPlans, type LaunchPlans } from './launchPlans.ts'

const folders = useTestFolders()
const KEY = Buffer.alloc(32, 7)
const ID: AgentId = 'lg-7a3f9c2d'
const exact = samplePlan({
  script: '/invented/ceo@acme.test/agent.py',
  name: 'agent.py',
  command: ['/usr/bin/python3', '/invented/ceo@acme.test/agent.py'],
  args: ['--to', 'ceo@acme.test', '--api-key', 'short'],
  workingDirectory: '/invented/ceo@acme.test',
  variables: { REGION: 'eu', SMTP_PASSWORD: 'hunter2-invented' },
})
const shown = {
  ...exact,
  script: '/invented/[EMAIL_REDACTED]/agent.py',
  command: ['/usr/bin/python3', '/invented/[EMAIL_REDACTED]/agent.py'],
  args: ['--to', '[EMAIL_REDACTED]', '--api-key', '[MASKED]'],
  workingDirectory: '/invented/[EMAIL_REDACTED]',
  variables: { REGION: '[MASKED]', SMTP_PASSWORD: '[MASKED]' },
}

async function withState(action: (state: State) => Promise<void>): Promise<void> {
  const state = await openState({ dataFolder: folders.make(), clock: createTestClock() })
  try {
    await action(state)
  } finally {
    await state.close()
  }
}

const plansOf = (state: State, key: Buffer | null): LaunchPlans => createLaunchPlans({ state, sink: createSinkRedactor(createScanner), key: () => key })

async function store(state: State, agent: Agent): Promise<void> {
  await state.events.append([{ announcement: { name: 'agent.changed', agentId: agent.id, severity: 'INFO', message: '', payload: { agent } }, at: 1 }])
}

describe('what an agent is started with', () => {
  it('is shown with its values masked and its words redacted', () =>
    withState(async (state) => {
      expect(await plansOf(state, KEY).keep(ID, exact)).toEqual(shown)
      const box = (await state.launchPlans.all()).get(ID)
      for (const word of ['acme', 'hunter2', 'eu', 'short']) expect(box?.includes(word)).toBe(false)
    }))

  it('is known exactly after a restart with the same key, and not at all with none or another', () =>
    withState(async (state) => {
      const agent = sampleAgent({ id: ID, plan: await plansOf(state, KEY).keep(ID, exact) })
      await store(state, agent)
      expect(await plansOf(state, KEY).recover([agent])).toEqual([{ agent, plan: exact }])
      expect(await plansOf(state, null).recover([agent])).toEqual([{ agent, plan: null }])
      expect(await plansOf(state, Buffer.alloc(32, 8)).recover([agent])).toEqual([{ agent, plan: null }])
    }))

  it('belongs to one agent: it opens for no other', () =>
    withState(async (state) => {
      const plans = plansOf(state, KEY)
      await plans.keep(ID, exact)
      const other = sampleAgent({ id: 'ot-00000001', plan: shown })
      await store(state, other)
      await state.launchPlans.save(other.id, (await state.launchPlans.all()).get(ID) ?? null)
      expect(await plans.recover([other])).toEqual([{ agent: other, plan: null }])
    }))

  it('is not kept anywhere where nothing of it is private', () =>
    withState(async (state) => {
      const plan = samplePlan({ args: ['--quick'] })
      const agent = sampleAgent({ id: ID, plan: await plansOf(state, KEY).keep(ID, plan) })
      await store(state, agent)
      expect(await state.launchPlans.all()).toEqual(new Map())
      expect(await plansOf(state, null).recover([agent])).toEqual([{ agent, plan }])
    }))

  it('is forgotten where its agent never came to be', () =>
    withState(async (state) => {
      await plansOf(state, KEY).keep(ID, exact)
      await plansOf(state, KEY).recover([])
      expect(await state.launchPlans.all()).toEqual(new Map())
    }))

  it('tells the secrets among its variables to the sinks, and to whoever asks, until it is forgotten', () =>
    withState(async (state) => {
      const sink = createSinkRedactor(createScanner)
      const plans = createLaunchPlans({ state, sink, key: () => KEY })
      await plans.keep(ID, exact)
      expect(plans.secretsOf(ID)).toEqual(['hunter2-invented'])
      expect(sink.redact('it said hunter2-invented')).toBe('it said [SECRET_REDACTED]')
      plans.forget(ID)
      expect(plans.secretsOf(ID)).toEqual([])
      await store(state, sampleAgent({ id: ID, plan: shown }))
      await plans.recover(await state.agents.all())
      expect(plans.secretsOf(ID)).toEqual(['hunter2-invented'])
    }))
})

describe('agents that an earlier version stored in the clear', () => {
  const old = sampleAgent({ id: ID, plan: exact, status: 'crashed', pid: null, reason: 'ceo@acme.test was not there.', lastOutput: ['all is well', 'to ceo@acme.test'] })
  const cleaned = { ...old, plan: shown, reason: '[EMAIL_REDACTED] was not there.', lastOutput: ['all is well', 'to [EMAIL_REDACTED]'] }

  it.each([
    ['are cleaned, and still start', KEY, exact],
    // Until the room closes: then there is nothing left to start them with.
    ['are cleaned without a key too, and start as long as the room is open', null, exact],
  ])('%s', (_what, key, plan) =>
    withState(async (state) => {
      await store(state, old)
      expect(await plansOf(state, key).recover(await state.agents.all())).toEqual([{ agent: cleaned, plan }])
      expect(await state.agents.all()).toEqual([cleaned])
      expect(await plansOf(state, key).recover(await state.agents.all())).toEqual([{ agent: cleaned, plan: key && exact }])
    }))

  it('still start when only what they said was private', () =>
    withState(async (state) => {
      const said = { ...old, plan: samplePlan() }
      await store(state, said)
      await plansOf(state, null).recover(await state.agents.all())
      expect(await plansOf(state, null).recover(await state.agents.all())).toEqual([{ agent: { ...cleaned, plan: said.plan }, plan: said.plan }])
    }))
})
