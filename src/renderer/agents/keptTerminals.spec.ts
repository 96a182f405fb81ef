import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import type { Agent } from '../../shared/domain/agent.ts'
import { MOST_TERMINALS, useKeptTerminals } from './keptTerminals.ts'

const agent = (n: number): Agent => sampleAgent({ id: `lg-${String(n).padStart(8, '0')}` })
const idOf = (n: number): string => agent(n).id

function setUp(count: number) {
  const agents = shallowRef<readonly Agent[]>(Array.from({ length: count }, (_, n) => agent(n)))
  const selected = shallowRef<string | null>(idOf(0))
  const kept = effectScope().run(() =>
    useKeptTerminals(
      () => agents.value,
      () => selected.value,
    ),
  )
  return { agents, selected, ids: () => kept?.value.map((one) => one.id) }
}

describe('terminals that stay alive', () => {
  it('begins with the one that is looked at, and keeps those that were', async () => {
    const { selected, ids } = setUp(3)
    expect(ids()).toEqual([idOf(0)])
    selected.value = idOf(2)
    await nextTick()
    expect(ids()).toEqual([idOf(0), idOf(2)])
  })

  it('gives up the one not seen for longest', async () => {
    const { selected, ids } = setUp(MOST_TERMINALS + 2)
    for (let n = 0; n <= MOST_TERMINALS; n++) {
      selected.value = idOf(n)
      await nextTick()
    }
    expect(ids()).toHaveLength(MOST_TERMINALS)
    expect(ids()).not.toContain(idOf(0))
    expect(ids()).toContain(idOf(MOST_TERMINALS))
  })

  it('lets go of an agent that is gone, and shows the others as they are now', async () => {
    const { agents, selected, ids } = setUp(3)
    selected.value = idOf(1)
    await nextTick()
    agents.value = [agent(1)]
    await nextTick()
    expect(ids()).toEqual([idOf(1)])
  })
})
