import { describe, expect, it } from 'vitest'
import type { DemoSpeed } from '../../../shared/domain/demo.ts'
import { sampleTrigger } from '../../../shared/domain/testDemo.ts'
import { AppError } from '../../../shared/errors.ts'
import { createTestClock } from '../../access/testClock.ts'
import { LONGEST_SILENCE_MS } from './eventFeed.ts'
import { beginRun, type RunRecord } from './rehearseOnce.ts'
import { event, sampleBudget, sampleService } from './testRehearsal.ts'
import { atLead, createTestStage, done, ended } from './testStage.ts'

async function begun({ speed = 'max', isApproving = true }: { speed?: DemoSpeed; isApproving?: boolean } = {}) {
  const stage = createTestStage()
  const clock = createTestClock()
  const run = await beginRun({ client: stage.client, clock, speed, isApproving })
  const finished = run.finish()
  finished.catch(() => undefined)
  /** Everything that can be done without waiting for somebody is done. */
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn++) await Promise.resolve()
  }
  await turns()
  const end = async (): Promise<RunRecord> => {
    stage.tell(ended())
    return finished
  }
  return { ...stage, clock, finished, turns, end }
}

describe('a run of a rehearsal', () => {
  it('is held after each lead until it was read, and then let go to the next', async () => {
    const { asked, tell, turns, end } = await begun()
    for (let lead = 1; lead <= 100; lead++) {
      tell(done(lead))
      await turns()
    }
    const paces = asked.filter(([name]) => name === 'demo.pace').map(([, input]) => input)
    expect(paces.slice(0, 2)).toEqual([
      { isPaused: true, skipTo: 2 },
      { isPaused: true, skipTo: 3 },
    ])
    expect(paces.slice(98, 100)).toEqual([{ isPaused: true, skipTo: 100 }, { isPaused: false }])
    const { figures, leadEnds, events } = await end()
    expect(Object.keys(figures)).toEqual(['#23', '#34', '#50', '#67', '#85', 'end'])
    expect(leadEnds.slice(0, 3)).toEqual([1, 2, 3])
    expect(events.at(-1)?.name).toBe('agent.removed')
  })

  it('is held nowhere at a speed that has pauses, and rotates the key once when that is due', async () => {
    const { asked, tell, show, turns, end } = await begun({ speed: 10 })
    const due = atLead(50, { triggers: [sampleTrigger({ id: 'rotation', lead: 50, state: 'due' })] })
    show(due)
    show(due)
    tell(done(22), done(23))
    await turns()
    const { figures, leadEnds } = await end()
    expect(asked).toEqual([
      ['demo.start', { speed: 10 }],
      ['demo.fire', { trigger: 'rotation' }],
      ['demo.reset', {}],
    ])
    expect(Object.keys(figures)).toEqual(['#23', 'end'])
    expect(leadEnds).toEqual([])
  })

  it('notes at which lead the room told of each trigger, and at which the director says it was', async () => {
    const { tell, show, turns, end } = await begun()
    show(atLead(35, { triggers: [sampleTrigger({ state: 'fired', firedAtLead: 34 })] }))
    tell(event('service.opened', { service: sampleService() }))
    await turns()
    show(atLead(36, { triggers: [sampleTrigger({ state: 'fired', firedAtLead: 34 })] }))
    tell(event('service.opened', { service: sampleService() }))
    await turns()
    expect((await end()).triggers).toEqual({ 'rate-limit': { firedAt: 34, seenAt: 35 } })
  })

  it('approves what is recommended', async () => {
    const { asked, tell, turns, end } = await begun()
    tell(event('budget.warned', { budget: sampleBudget({ spent: 45_030_000_000 }) }))
    await turns()
    expect(asked.at(-1)).toEqual(['budget.raise', { agentId: 'lg-7a3f9c2d', by: 25_000_000_000, reason: 'The rehearsal approves what is recommended' }])
    expect((await end()).figures.warning).toMatchObject({ spent: '$45.03 / $50.00' })
  })

  it('approves nothing and declines what waits, where it was told so', async () => {
    const { asked, tell, turns, end } = await begun({ isApproving: false })
    tell(event('budget.warned', { budget: sampleBudget() }))
    tell(event('budget.callParked', { parked: { callId: 'call-7a3f9c2d01b2c3d4', model: 'o1', worstCase: 1, parkedAt: 1, until: 2 } }))
    await turns()
    expect(asked.map(([name]) => name)).toEqual(['demo.start', 'demo.pace', 'budget.decline'])
    expect((await end()).figures.end).toMatchObject({ limit: 'kept to $50.00' })
  })

  it('fails where nothing is heard for too long', async () => {
    const { clock, finished, tell, turns } = await begun()
    let hasFailed = false
    finished.catch(() => (hasFailed = true))
    clock.advance(LONGEST_SILENCE_MS - 1)
    tell(done(1))
    await turns()
    clock.advance(LONGEST_SILENCE_MS - 1)
    await turns()
    expect(hasFailed).toBe(false)
    clock.advance(1)
    await expect(finished).rejects.toThrow('The demo stands still: nothing was heard of it for 2 min.')
    expect(clock.waiting()).toBe(0)
  })

  it('does not begin where the room refuses it', async () => {
    const { client, refuse } = createTestStage()
    const clock = createTestClock()
    refuse('demo.start', new AppError('UNAVAILABLE', 'No Python was found.'))
    await expect(beginRun({ client, clock, speed: 'max', isApproving: true })).rejects.toThrow('No Python was found.')
    expect(clock.waiting()).toBe(0)
  })
})
