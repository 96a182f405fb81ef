// @vitest-environment happy-dom
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { AgentStatus, type Agent } from '../../shared/domain/agent.ts'
import type { SafetyMode } from '../../shared/domain/safetyRules.ts'
import { ATTACHED } from '../../shared/domain/attached.ts'
import { STATUS_LOOK } from '@/agents/statusLook.ts'
import AgentBar from './AgentBar.vue'

const show = (changes: Partial<Agent>, props: { now?: number; canAct?: boolean; isConnected?: boolean; safetyMode?: SafetyMode } = {}) =>
  mount(AgentBar, { props: { agent: sampleAgent(changes), now: 61_000, canAct: true, isConnected: true, underWay: null, budget: null, safetyMode: null, ...props } })

/** Without those of the facts. */
const deeds = (wrapper: ReturnType<typeof show>) => wrapper.findAll('button').filter((one) => one.text() !== 'Details' && !one.text().startsWith('lg-'))
const buttons = (wrapper: ReturnType<typeof show>): string[] => deeds(wrapper).map((one) => one.text())
const held = (wrapper: ReturnType<typeof show>): (string | undefined)[] => deeds(wrapper).map((one) => one.attributes('disabled'))

/** Facts by their terms; they stand behind a button. */
async function facts(wrapper: ReturnType<typeof show>): Promise<Record<string, string>> {
  await wrapper.get('button[aria-expanded="false"]').trigger('click')
  return Object.fromEntries(wrapper.findAll('dl > div').map((fact) => [fact.find('dt').text(), fact.find('dd').text()]))
}

describe('an agent’s head', () => {
  it('shows what an agent is and how it is', async () => {
    const wrapper = show({ startedAt: 1_000, restarts: 2 })
    expect(wrapper.attributes('aria-label')).toBe('Agent lg-7a3f9c2d')
    expect(wrapper.find('h1').text()).toBe('lead_gen_agent.py')
    expect(await facts(wrapper)).toEqual({
      Uptime: '01:00',
      PID: '4711',
      Restarts: '2',
      Budget: '$50.00',
      'LLM calls': 'Simulated',
      Safety: 'Redact',
      Environment: 'Development',
      'Working folder': '/invented/agents',
    })
  })

  it.each<[AgentStatus, string[]]>([
    ['running', ['Stop']],
    ['stopped', ['Remove']],
    ['blocked', ['Remove', 'Show what was found']],
  ])('of a process that came by itself and is %s offers no start: the room did not start it', async (status, names) => {
    const wrapper = show({ status, plan: samplePlan({ interpreter: ATTACHED }) })
    const found = await facts(wrapper)
    expect(found).toMatchObject({ Process: 'Attached' })
    expect(found).not.toHaveProperty('Restarts')
    expect(buttons(wrapper)).toEqual(names)
  })

  it('says nothing of who answers where that is the provider', async () => {
    const plan = samplePlan({ llm: { ...samplePlan().llm, mode: 'live' } })
    expect(await facts(show({ plan }))).not.toHaveProperty('LLM calls')
  })

  it.each(AgentStatus.options)('says %s in a word, not by a colour alone', (status) => {
    expect(show({ status }).text()).toContain(STATUS_LOOK[status].word)
  })

  it.each<[AgentStatus, string[]]>([
    ['starting', ['Restart', 'Stop']],
    ['running', ['Restart', 'Stop']],
    ['stopping', ['Restart', 'Stop']],
    ['restarting', ['Restart', 'Stop']],
    ['stopped', ['Remove', 'Restart']],
    ['crashed', ['Remove', 'Restart']],
    ['blocked', ['Remove', 'Start again', 'Show what was found']],
    ['over-budget', ['Remove', 'Restart']],
  ])('offers what fits %s', (status, names) => {
    expect(buttons(show({ status }))).toEqual(names)
  })

  it('holds everything while there is no connection, and Stop while it stops already', () => {
    expect(held(show({}, { isConnected: false }))).toEqual(['', ''])
    expect(held(show({ status: 'stopping' }))).toEqual(['', ''])
  })

  it('offers nothing to who may not act', () => {
    expect(buttons(show({}, { canAct: false }))).toEqual([])
  })

  it('says what is wanted of it, each by its button', async () => {
    const wrapper = show({ status: 'crashed' })
    for (const one of deeds(wrapper)) await one.trigger('click')
    expect(wrapper.emitted()).toMatchObject({ remove: [[]], restart: [[]] })
    const running = show({})
    await deeds(running).at(-1)?.trigger('click')
    expect(running.emitted('stop')).toHaveLength(1)
  })

  it('shows the last output of a crash, and the reason', () => {
    const wrapper = show({ status: 'crashed', reason: 'It ended with exit code 1.', lastOutput: ['Traceback', 'ValueError: no'] })
    expect(wrapper.text()).toContain('It ended with exit code 1.')
    expect(wrapper.find('[aria-label="Last output"]').text()).toContain('Last 2 lines of output')
    expect(wrapper.find('pre').text()).toBe('Traceback\nValueError: no')
    expect(show({ status: 'running', lastOutput: ['old'] }).find('pre').exists()).toBe(false)
  })

  it('counts down to the next start', () => {
    expect(show({ status: 'restarting', restartAt: 64_000 }).text()).toContain('Next start in 3 s.')
    expect(show({ status: 'restarting', restartAt: 60_000 }).text()).toContain('Restarting now.')
  })

  it('explains a block, leads to what was found, and starts again', async () => {
    const wrapper = show({ status: 'blocked', reason: 'An email address was found in a request.' })
    expect(wrapper.text()).toContain('An email address was found in a request.')
    expect(wrapper.text()).toContain('Where the rules stay, they will halt it again')
    await wrapper.findAll('button').find((one) => one.text() === 'Show what was found')?.trigger('click')
    expect(wrapper.emitted('explain')).toHaveLength(1)
    await wrapper.findAll('button').find((one) => one.text() === 'Start again')?.trigger('click')
    expect(wrapper.emitted('restart')).toHaveLength(1)
  })

  it('tells the safety mode that holds now, and what the file allows', async () => {
    const { safety } = samplePlan()
    const plan = samplePlan({ safety: { ...safety, permissions: { ...safety.permissions, hosts: ['*.company.example'] }, notPrivate: ['@company.example'] } })
    const shown = await facts(show({ plan }, { safetyMode: 'block' }))
    expect(shown).toMatchObject({ Safety: 'Block', 'Hosts allowed': '*.company.example', 'Not private': '@company.example' })
  })

  it('names what outlived a stop', () => {
    expect(show({ status: 'stopped', survivors: 1 }).text()).toContain('1 process outlived the last stop.')
    expect(show({ status: 'stopped', survivors: 0 }).text()).not.toContain('outlived')
  })

  it('copes with names that are too long for a line', () => {
    expect(show({ plan: samplePlan({ name: 'a'.repeat(200) }) }).find('h1').text()).toHaveLength(200)
  })
})
