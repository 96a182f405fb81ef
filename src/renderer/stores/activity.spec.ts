import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { sampleBudget } from '../cost/testBudgets.ts'
import { samplePerformance, sampleService } from '../services/testServices.ts'
import { agentChanged, createTestApp, createTestRoom, roomStarted } from '../room/testRoom.ts'
import { activitiesOf, appendActivity, MOST_ACTIVITIES, toActivity, useActivityStore, type Activity } from './activity.ts'

const event = (seq: number) => agentChanged(seq, sampleAgent())

describe('activity', () => {
  it('keeps the line and drops what it carries', () => {
    expect(toActivity(event(7))).toEqual({ seq: 7, at: 7, severity: 'INFO', agentId: 'lg-7a3f9c2d', message: 'lg-7a3f9c2d is running.' })
  })

  it('stays bounded, and loses the oldest', () => {
    let lines: readonly Activity[] = []
    for (let seq = 1; seq <= 3_000; seq++) lines = appendActivity(lines, event(seq))
    expect(lines.length).toBeGreaterThanOrEqual(MOST_ACTIVITIES)
    expect(lines.length).toBeLessThanOrEqual(MOST_ACTIVITIES + 200)
    expect(lines.at(-1)?.seq).toBe(3_000)
  })

  it('does not tell of budgets, services and performance four times a second', () => {
    const lines = [toActivity(event(1))]
    const snapshots: Event[] = [
      { ...event(2), name: 'budget.changed', payload: { budget: sampleBudget() } },
      { ...event(3), name: 'service.changed', payload: { service: sampleService() } },
      { ...event(4), name: 'performance.changed', payload: { performance: samplePerformance() } },
    ]
    for (const snapshot of snapshots) expect(appendActivity(lines, snapshot)).toBe(lines)
    expect(appendActivity(lines, { ...event(5), name: 'service.opened', payload: { service: sampleService() } })).toHaveLength(2)
  })

  it('is of one agent and of the room', () => {
    const lines = [toActivity(event(1)), toActivity(roomStarted(2)), toActivity(agentChanged(3, sampleAgent({ id: 'xx-00000001' })))]
    expect(activitiesOf(lines, 'lg-7a3f9c2d').map((line) => line.seq)).toEqual([1, 2])
    expect(activitiesOf(lines, null).map((line) => line.seq)).toEqual([2])
  })

  it('begins with the last thousand events', async () => {
    const room = createTestRoom()
    const activity = createTestApp(room).use(useActivityStore)
    room.answer('event.list', ({ after = 0, limit = 0 }) => ({
      events: Array.from({ length: Math.min(limit, 5_000 - after) }, (_, index) => event(after + index + 1)),
      latest: 5_000,
      resynchronise: false,
    }))
    await activity.view.load()
    expect(activity.activities.at(0)?.seq).toBe(4_001)
    expect(activity.activities.at(-1)?.seq).toBe(5_000)
    expect(activity.view.seq()).toBe(5_000)
  })

  it('counts the starts of the room that it lived through, not those it has read about', async () => {
    const room = createTestRoom()
    const activity = createTestApp(room).use(useActivityStore)
    room.answer('event.list', () => ({ events: [roomStarted(1)], latest: 1, resynchronise: false }))
    await activity.view.load()
    expect(activity.roomStarts).toBe(0)
    activity.view.receive([event(2), roomStarted(3)])
    expect(activity.roomStarts).toBe(1)
  })
})
