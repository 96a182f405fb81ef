// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { sampleDemo, sampleEngine, sampleRun } from '../demo/testDemo.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from './agents.ts'
import { useDemoStore } from './demo.ts'
import { useNoticesStore } from './notices.ts'
import { useRoomStore } from './room.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 })
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => vi.useRealTimers())

async function setUp(role: 'admin' | 'viewer' = 'admin') {
  const room = createTestRoom()
  const as = { role }
  room.answer('room.identity', () => ({ caller: { role: as.role, id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  const { use } = createTestApp(room)
  const demo = use(useDemoStore)
  await settle()
  return { room, as, use, demo, notices: use(useNoticesStore) }
}

describe('the demo, for whoever presents it', () => {
  it('is followed by an admin, and a viewer never asks for it', async () => {
    const { room, demo } = await setUp()
    expect(room.streams('demo.follow').map(({ input }) => input)).toEqual([{}])
    room.streams('demo.follow')[0]?.push(sampleDemo({ run: sampleRun({ lead: 24 }) }))
    expect([demo.demo?.run?.lead, demo.isStripShown]).toEqual([24, true])
    const viewer = await setUp('viewer')
    expect(viewer.room.streams('demo.follow')).toEqual([])
    expect(viewer.demo.demo).toBeNull()
  })

  it('is followed again after an interruption, and shown as it was meanwhile', async () => {
    const { room, demo } = await setUp()
    room.streams('demo.follow')[0]?.push(sampleDemo({ run: sampleRun({ lead: 24 }) }))
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 2_000 })
    expect(demo.demo?.run?.lead).toBe(24)
    room.enter({ kind: 'open' })
    await settle()
    expect(room.streams('demo.follow')).toHaveLength(1)
    room.streams('demo.follow')[0]?.push(sampleDemo({ run: sampleRun({ lead: 30 }) }))
    expect(demo.demo?.run?.lead).toBe(30)
  })

  it('is gone with the right to see it', async () => {
    const { room, as, use, demo } = await setUp()
    room.streams('demo.follow')[0]?.push(sampleDemo({ run: sampleRun() }))
    room.answer('demo.show', () => sampleDemo())
    await demo.openCard()
    as.role = 'viewer'
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 2_000 })
    room.enter({ kind: 'open' })
    await settle()
    expect(use(useRoomStore).isAdmin).toBe(false)
    expect([demo.demo, demo.isCardOpen, demo.isStripShown, room.streams('demo.follow').length]).toEqual([null, false, false, 0])
  })

  it('is asked for again when the room ends it, but not where it says that one may not', async () => {
    const { room, demo } = await setUp()
    room.streams('demo.follow')[0]?.end(new AppError('INTERNAL', 'Something is wrong with the demo.'))
    expect([demo.problem, room.streams('demo.follow').length]).toEqual(['Something is wrong with the demo.', 0])
    vi.advanceTimersByTime(1_000)
    room.streams('demo.follow')[0]?.push(sampleDemo())
    expect([demo.problem, demo.hasRun]).toEqual([null, false])
    room.streams('demo.follow')[0]?.end(new AppError('FORBIDDEN', 'Only an admin may.'))
    vi.advanceTimersByTime(10_000)
    expect(room.streams('demo.follow')).toEqual([])
  })

  it('does not go back to an answer that is older than what has been told since', async () => {
    const { room, demo } = await setUp()
    const late = Promise.withResolvers<ReturnType<typeof sampleDemo>>()
    room.answer('demo.pace', () => late.promise)
    void demo.pace({ isPaused: true })
    room.streams('demo.follow')[0]?.push(sampleDemo({ at: 3_000, run: sampleRun({ lead: 31 }) }))
    late.resolve(sampleDemo({ at: 2_000, run: sampleRun({ phase: 'paused', lead: 30 }) }))
    await settle()
    expect(demo.demo?.run).toMatchObject({ phase: 'running', lead: 31 })
  })

  it('tells where all can read it why the room refused, and asks once at a time', async () => {
    const { room, demo, notices } = await setUp()
    room.answer('demo.fire', () => {
      throw new AppError('CONFLICT', 'It has come already, at lead 34.')
    })
    void demo.fire({ trigger: 'rate-limit' })
    await demo.fire({ trigger: 'rate-limit' })
    await settle()
    expect(room.asked('demo.fire')).toEqual([{ trigger: 'rate-limit' }])
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['It has come already, at lead 34.'])
    expect(demo.underWay.size).toBe(0)
  })
})

describe('the demo’s card', () => {
  const AGENT = sampleAgent({ id: 'lg-0000abcd' })

  it('says what was changed, starts at the chosen speed, and brings the agent in front', async () => {
    const { room, use, demo } = await setUp()
    const order: string[] = []
    room.answer('demo.change', ({ trigger }) => (order.push(`change ${trigger}`), sampleDemo()))
    room.answer('demo.start', ({ speed }) => (order.push(`start ${speed}`), sampleDemo({ run: sampleRun({ agentId: AGENT.id, phase: 'starting', lead: 0 }) })))
    room.answer('agent.status', () => AGENT)
    room.streams('demo.follow')[0]?.push(sampleDemo())
    demo.choose('max')
    await demo.start([{ trigger: 'rotation', isOn: false }])
    expect(order).toEqual(['change rotation', 'start max'])
    expect(use(useAgentsStore).selected?.id).toBe(AGENT.id)
    expect(demo.hasRun).toBe(true)
  })

  it('has the room look anew for what the agent is made with, and says why it could not', async () => {
    const { room, demo } = await setUp()
    room.answer('demo.show', () => sampleDemo({ engine: sampleEngine({ kind: 'sdk', langchainVersion: null }) }))
    await demo.openCard()
    expect([demo.isCardOpen, demo.demo?.engine.kind]).toEqual([true, 'sdk'])
    room.answer('demo.show', () => {
      throw new AppError('UNAVAILABLE', 'The room is not open yet.')
    })
    await demo.openCard()
    expect(demo.problem).toBe('The room is not open yet.')
  })

  it('lets what was interrupted go on, and only shows what runs', async () => {
    const { room, use, demo } = await setUp()
    room.answer('demo.goOn', () => sampleDemo({ at: 3_000, run: sampleRun({ agentId: AGENT.id }) }))
    room.answer('agent.status', () => AGENT)
    room.streams('demo.follow')[0]?.push(sampleDemo({ at: 2_000, run: sampleRun({ phase: 'interrupted', lead: 57 }) }))
    await demo.resume()
    await demo.resume()
    expect(room.asked('demo.goOn')).toEqual([{}])
    expect(use(useAgentsStore).selected?.id).toBe(AGENT.id)
  })

  it('gives the room’s refusal to whoever asked', async () => {
    const { room, demo } = await setUp()
    room.answer('demo.start', () => {
      throw new AppError('CONFLICT', 'The demo needs Python 3.10 or newer; install it and try again.')
    })
    await expect(demo.start([])).rejects.toThrow('The demo needs Python 3.10 or newer')
  })

  it('remembers how fast in this browser, and that the strip is hidden in this page', async () => {
    const { demo } = await setUp()
    demo.choose(10)
    demo.toggleStrip()
    const again = await setUp()
    expect([again.demo.speed, again.demo.isHidden]).toEqual([10, true])
    again.demo.toggleStrip()
    localStorage.setItem('iron-cage.demo-speed', 'like the wind')
    const third = await setUp()
    expect([third.demo.speed, third.demo.isHidden]).toEqual([1, false])
  })
})
