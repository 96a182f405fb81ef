import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import type { Agent } from '../../shared/domain/agent.ts'
import { createTestTiming } from '../room/testRoom.ts'
import { useStatusNews } from './statusNews.ts'

function setUp(first: readonly Agent[]) {
  const agents = shallowRef<readonly Agent[]>(first)
  const timing = createTestTiming()
  const text = effectScope().run(() => useStatusNews(() => agents.value, timing))
  return { agents, timing, text: () => text?.value }
}

describe('news for a screen reader', () => {
  it('says nothing of how things were at first', async () => {
    const { timing, text } = setUp([sampleAgent()])
    await nextTick()
    timing.pass(60_000)
    expect(text()).toBe('')
  })

  it('waits a moment and says only how it ended', async () => {
    const { agents, timing, text } = setUp([sampleAgent()])
    agents.value = [sampleAgent({ status: 'stopping' })]
    await nextTick()
    agents.value = [sampleAgent({ status: 'stopped' })]
    await nextTick()
    expect(text()).toBe('')
    timing.pass(1_500)
    expect(text()).toBe('lead_gen_agent.py lg-7a3f9c2d: Stopped.')
  })

  it('does not repeat an agent that has only changed its pid', async () => {
    const { agents, timing, text } = setUp([sampleAgent()])
    agents.value = [sampleAgent({ pid: 5 })]
    await nextTick()
    timing.pass(1_500)
    expect(text()).toBe('')
  })

  it('counts what would be too much to hear', async () => {
    const many = (status: Agent['status']): Agent[] => [1, 2, 3, 4, 5].map((n) => sampleAgent({ id: `lg-0000000${n}`, status }))
    const { agents, timing, text } = setUp(many('running'))
    agents.value = many('crashed')
    await nextTick()
    timing.pass(1_500)
    expect(text()).toContain('lg-00000003: Crashed. 2 more agents have changed.')
  })
})
