// @vitest-environment happy-dom
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { AgentStatus, type Agent } from '../../shared/domain/agent.ts'
import { ATTACHED } from '../../shared/domain/attached.ts'
import AgentHead from './AgentHead.vue'
import { STATUS_LOOK } from './statusLook.ts'

const show = (changes: Partial<Agent>, props: { now?: number; canAct?: boolean; isConnected?: boolean } = {}) =>
  mount(AgentHead, { props: { agent: sampleAgent(changes), now: 61_000, canAct: true, isConnected: true, underWay: null, ...props } })

const buttons = (wrapper: ReturnType<typeof show>): string[] => wrapper.findAll('button').map((one) => one.text())

/** Facts by their terms. */
const facts = (wrapper: ReturnType<typeof show>): Record<string, string> =>
  Object.fromEntries(wrapper.findAll('dl > div').map((fact) => [fact.find('dt').text(), fact.find('dd').text()]))

describe('an agent’s head', () => {
  it('shows what an agent is and how it is', () => {
    const wrapper = show({ startedAt: 1_000, restarts: 2 })
    expect(wrapper.attributes('aria-label')).toBe('Agent lg-7a3f9c2d')
    expect(wrapper.find('h1').text()).toBe('lead_gen_agent.py')
    expect(facts(wrapper)).toEqual({
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
  ])('of a process that came by itself and is %s offers no start: the room did not start it', (status, names) => {
    const wrapper = show({ status, plan: samplePlan({ interpreter: ATTACHED }) })
    expect(facts(wrapper)).toMatchObject({ Process: 'Attached' })
    expect(facts(wrapper)).not.toHaveProperty('Restarts')
    expect(buttons(wrapper).filter((name) => name !== '' && !name.startsWith('lg-'))).toEqual(names)
    expect(wrapper.text()).not.toContain('nothing of it runs')
  })

  it('says nothing of who answers where that is the provider', () => {
    const plan = samplePlan({ llm: { ...samplePlan().llm, mode: 'live' } })
    expect(facts(show({ plan }))).not.toHaveProperty('LLM calls')
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
    expect(buttons(show({ status })).slice(1)).toEqual(names)
  })

  it('holds everything while there is no connection, and Stop while it stops already', () => {
    expect(show({}, { isConnected: false }).findAll('button').slice(1).map((one) => one.attributes('disabled'))).toEqual(['', ''])
    expect(show({ status: 'stopping' }).findAll('button').slice(1).map((one) => one.attributes('disabled'))).toEqual(['', ''])
  })

  it('offers nothing to who may not act', () => {
    expect(buttons(show({}, { canAct: false }))).toHaveLength(1)
  })

  it('restarts what does not run without asking', async () => {
    const wrapper = show({ status: 'crashed' })
    await wrapper.findAll('button').at(-1)?.trigger('click')
    expect(wrapper.emitted('act')).toEqual([['agent.restart']])
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

  it('explains a block, leads to what was found, and starts again without asking', async () => {
    const wrapper = show({ status: 'blocked', reason: 'An email address was found in a request.' })
    expect(wrapper.text()).toContain('An email address was found in a request.')
    expect(wrapper.text()).toContain('where the rules stay, they will halt it again')
    await wrapper.findAll('button').at(-1)?.trigger('click')
    expect(wrapper.emitted('explain')).toHaveLength(1)
    await wrapper.findAll('button').at(-2)?.trigger('click')
    expect(wrapper.emitted('act')).toEqual([['agent.restart']])
  })

  it('tells the safety mode that holds now, and what the file allows', () => {
    const { safety } = samplePlan()
    const plan = samplePlan({ safety: { ...safety, permissions: { ...safety.permissions, hosts: ['*.company.example'] }, notPrivate: ['@company.example'] } })
    const shown = facts(mount(AgentHead, { props: { agent: sampleAgent({ plan }), now: 1, canAct: true, isConnected: true, underWay: null, safetyMode: 'block' } }))
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
