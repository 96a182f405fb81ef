import { describe, expect, it } from 'vitest'
import type { PerformancePoint } from '../../shared/domain/report.ts'
import { AppError } from '../../shared/errors.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { samplePerformance, serviceEvent } from '../services/testServices.ts'
import { useAgentsStore } from './agents.ts'
import { usePerformanceHistoryStore } from './performanceHistory.ts'

const LEAD = sampleAgent({ id: 'lg-7a3f9c2d', createdAt: 2 })
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', createdAt: 1 })
const point = (at: number, done: number): PerformancePoint => ({ at, done, perHour: 212, p50: 1_400, p95: 2_100, p99: 2_600 })
/** An event’s moment is its place in thousands here. */
const changed = (seconds: number, done: number, agentId = LEAD.id) => {
  const event = serviceEvent(seconds, 'performance.changed', { performance: samplePerformance({ agentId, done }) }, agentId)
  return { ...event, at: seconds * 1_000 }
}

async function open() {
  const room = createTestRoom()
  const answers: ((points: PerformancePoint[]) => void)[] = []
  room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: 5 }))
  room.answer('performance.history', () => new Promise((resolve) => answers.push((points) => resolve({ points, seq: 5 }))))
  const { use } = createTestApp(room)
  const agents = use(useAgentsStore)
  const history = use(usePerformanceHistoryStore)
  await agents.view.load()
  await settle()
  const seen = (): [number, number][] => history.points.map(({ at, done }) => [at / 1_000, done])
  return { room, agents, history, answers, seen }
}

describe('how the selected agent has worked', () => {
  it('is what the room remembers and what comes after it, in order', async () => {
    const { history, answers, seen } = await open()
    history.view.receive([changed(12, 3), changed(13, 9, OTHER.id)])
    expect(seen()).toEqual([])
    answers[0]?.([point(10_000, 1), point(11_000, 2)])
    await settle()
    history.view.receive([changed(14, 4)])
    expect(seen()).toEqual([[10, 1], [11, 2], [12, 3], [14, 4]])
  })

  it('is that of another as soon as another is looked at', async () => {
    const { agents, history, answers, seen } = await open()
    agents.select(OTHER.id)
    await settle()
    answers[1]?.([point(20_000, 7)])
    answers[0]?.([point(10_000, 1)])
    await settle()
    history.view.receive([changed(21, 1), changed(22, 8, OTHER.id)])
    expect(seen()).toEqual([[20, 7], [22, 8]])
  })

  it('begins with what comes where nothing is remembered', async () => {
    const { room, history, answers, seen } = await open()
    room.answer('performance.history', () => {
      throw new AppError('INTERNAL', 'Something went wrong.')
    })
    const again = history.view.load()
    history.view.receive([changed(12, 3)])
    await again
    answers[0]?.([])
    await settle()
    expect(seen()).toEqual([[12, 3]])
  })
})
