// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import type { Agent } from '../../shared/domain/agent.ts'
import type { Performance } from '../../shared/domain/report.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { roomConnectionKey } from '../room/connection.ts'
import { createTestRoom } from '../room/testRoom.ts'
import { samplePerformance } from '../services/testServices.ts'
import LivePanel from './LivePanel.vue'

function show({ agent = {}, performance = {}, isLarge = false, now = 248_000 }: { agent?: Partial<Agent>; performance?: Partial<Performance> | null; isLarge?: boolean; now?: number } = {}) {
  const wrapper = mount(LivePanel, {
    props: { agent: sampleAgent(agent), performance: performance && samplePerformance(performance), isLarge, now },
    global: { plugins: [createPinia()], provide: { [roomConnectionKey as symbol]: createTestRoom().connection } },
  })
  const figure = (key: string): string | null => {
    const found = wrapper.find(`[data-figure="${key}"]`)
    return found.exists() ? found.text() : null
  }
  return { wrapper, figure, text: () => wrapper.text().replace(/\s+/g, ' ') }
}

describe.each([['small', false], ['large', true]])('live metrics, %s', (_size, isLarge) => {
  it('say whether it runs, how far it is and how well', () => {
    const { figure, wrapper } = show({ isLarge, agent: { restarts: 2 }, performance: { step: 'Using score' } })
    const keys = ['status', 'progress', 'success', 'restarts', 'step', 'ran', 'uptime', 'timeLeft']
    expect(Object.fromEntries(keys.map((key) => [key, figure(key)]))).toEqual({
      status: 'Running',
      progress: '23 / 100 leads (23%)',
      success: '100% (23/23)',
      restarts: '2',
      step: 'Using score',
      ran: '04:07',
      uptime: '100%',
      timeLeft: 'about 21 min 47 s left',
    })
    // The colour has its word, and a sign.
    expect(wrapper.get('.text-good').find('svg').exists()).toBe(true)
  })

  it('draw what is done well apart from what failed, and say it', () => {
    const { wrapper } = show({ isLarge, performance: { done: 60, failed: 10 } })
    const bar = wrapper.get('[role="progressbar"]')
    expect(bar.attributes()).toMatchObject({ 'aria-valuenow': '60', 'aria-valuemax': '100', 'aria-valuetext': '23 / 100 leads (23%)' })
    const widthOf = (part: string) => wrapper.get<HTMLElement>(`[data-part="${part}"]`).element.style.width
    expect([widthOf('well'), widthOf('failed')]).toEqual(['50%', '10%'])
  })

  it('have no bar where nobody knows how much there is, and say that nothing is known', () => {
    expect(show({ isLarge, performance: { total: null } }).wrapper.find('[role="progressbar"]').exists()).toBe(false)
    const { formatted } = samplePerformance()
    for (const performance of [null, { formatted: { ...formatted, progress: null } }]) expect(show({ isLarge, performance }).text()).toContain('It has told no progress yet.')
    expect(show({ isLarge, agent: { startedAt: null, uptime: null } }).figure('uptime')).toBe('–')
  })

  it('count down to the next start, and know of no step while nothing runs', () => {
    const restarting = show({ isLarge, agent: { status: 'restarting', restartAt: 252_000 }, performance: { step: 'Using score' } })
    expect([restarting.figure('status'), restarting.figure('step'), restarting.figure('timeLeft')]).toEqual(['Restarting', 'Next start in 4 s', null])
    expect(show({ isLarge, agent: { status: 'stopped' }, performance: { step: 'Using score' } }).figure('step')).toBeNull()
  })
})
