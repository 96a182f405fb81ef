import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { AppError } from '../../shared/errors.ts'
import { createEventFeed } from './eventFeed.ts'
import { agentChanged, createTestFrames, createTestRoom, createTestTiming, settle } from './testRoom.ts'

const event = (seq: number): Event => agentChanged(seq, sampleAgent())

function setUp(snapshotSeqs: number[] = [5, 3], isOpen = true) {
  const room = createTestRoom(isOpen ? { kind: 'open' } : { kind: 'connecting' })
  const frames = createTestFrames()
  const timing = createTestTiming()
  const problems: unknown[] = []
  const views = snapshotSeqs.map((seq) => ({
    loads: 0,
    failure: null as Error | null,
    received: [] as number[][],
    seq: () => seq,
    async load() {
      this.loads += 1
      if (this.failure) throw this.failure
    },
    receive(events: readonly Event[]) {
      this.received.push(events.map((one) => one.seq))
    },
  }))
  const feed = createEventFeed({
    connection: room.connection,
    views,
    requestFrame: frames.requestFrame,
    timing,
    onProblem: (problem) => problems.push(problem),
  })
  return { room, frames, timing, problems, views, feed }
}

describe('the feed of events', () => {
  it('follows from the oldest snapshot on', async () => {
    const { room, feed } = setUp()
    feed.start()
    await settle()
    expect(room.streams('event.follow').map((stream) => stream.input)).toEqual([{ after: 3 }])
  })

  it('hands on once a frame, however much comes', async () => {
    const { room, feed, frames, views } = setUp()
    feed.start()
    await settle()
    const [stream] = room.streams('event.follow')
    stream?.push({ kind: 'events', events: [event(4)] })
    stream?.push({ kind: 'events', events: [event(5), event(6)] })
    expect(views[0]?.received).toEqual([])
    frames.paint()
    expect(views[0]?.received).toEqual([[4, 5, 6]])
    expect(views[1]?.received).toEqual([[4, 5, 6]])
    frames.paint()
    expect(views[0]?.received).toHaveLength(1)
  })

  it('waits for a connection', async () => {
    const { room, feed, views } = setUp([5], false)
    feed.start()
    await settle()
    expect(views[0]?.loads).toBe(0)
    room.enter({ kind: 'open' })
    await settle()
    expect(room.streams('event.follow')).toHaveLength(1)
  })

  it('asks for exactly what it missed when the connection is back, without a new snapshot', async () => {
    const { room, feed, frames, views } = setUp([5])
    feed.start()
    await settle()
    room.streams('event.follow')[0]?.push({ kind: 'events', events: [event(6), event(7)] })
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.enter({ kind: 'open' })
    await settle()
    expect(room.streams('event.follow').map((stream) => stream.input)).toEqual([{ after: 7 }])
    expect(views[0]?.loads).toBe(1)
    frames.paint()
    expect(views[0]?.received).toEqual([[6, 7]])
  })

  it('takes a fresh snapshot when told to resynchronise, and goes on in the same stream', async () => {
    const { room, feed, frames, views } = setUp([5])
    feed.start()
    await settle()
    const [stream] = room.streams('event.follow')
    stream?.push({ kind: 'events', events: [event(6)] })
    stream?.push({ kind: 'resynchronise', latest: 900 })
    await settle()
    expect(views[0]?.loads).toBe(2)
    stream?.push({ kind: 'events', events: [event(901)] })
    frames.paint()
    // What was waiting from before the gap is in the snapshot.
    expect(views[0]?.received).toEqual([[901]])
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.enter({ kind: 'open' })
    await settle()
    expect(room.streams('event.follow').map((one) => one.input)).toEqual([{ after: 901 }])
  })

  it('takes the snapshots again that failed while it was to resynchronise, whatever happens until then', async () => {
    const { room, feed, timing, views, problems } = setUp([5])
    feed.start()
    await settle()
    const [stream] = room.streams('event.follow')
    if (views[0]) views[0].failure = new AppError('INTERNAL', 'Something went wrong.')
    stream?.push({ kind: 'resynchronise', latest: 900 })
    await settle()
    expect([problems.length, views[0]?.loads]).toEqual([1, 2])
    stream?.push({ kind: 'events', events: [event(901)] })
    if (views[0]) views[0].failure = null
    timing.pass(1_000)
    await settle()
    expect([views[0]?.loads, room.streams('event.follow').map(({ input }) => input)]).toEqual([3, [{ after: 5 }]])
  })

  it('takes them again after a connection that was lost while it was to resynchronise', async () => {
    const { room, feed, views, problems } = setUp([5])
    feed.start()
    await settle()
    const lost = Promise.withResolvers<void>()
    const [view] = views
    if (!view) return
    const { load } = view
    view.load = () => lost.promise
    room.streams('event.follow')[0]?.push({ kind: 'resynchronise', latest: 900 })
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    lost.reject(new AppError('UNAVAILABLE', 'The connection is lost.'))
    await settle()
    view.load = load
    room.enter({ kind: 'open' })
    await settle()
    expect([view.loads, problems, room.streams('event.follow').map(({ input }) => input)]).toEqual([2, [], [{ after: 5 }]])
  })

  it('tries again a second after a snapshot failed, and says why', async () => {
    const { room, feed, timing, problems, views } = setUp([5])
    if (views[0]) views[0].failure = new AppError('INTERNAL', 'Something went wrong.')
    feed.start()
    await settle()
    expect(problems).toHaveLength(1)
    expect(room.streams('event.follow')).toEqual([])
    if (views[0]) views[0].failure = null
    timing.pass(1_000)
    await settle()
    expect(room.streams('event.follow')).toHaveLength(1)
  })

  it('follows again when the room ended the stream', async () => {
    const { room, feed, timing, problems } = setUp([5])
    feed.start()
    await settle()
    room.streams('event.follow')[0]?.end(new AppError('INTERNAL', 'The events could not be read; follow them again.'))
    expect(problems).toHaveLength(1)
    timing.pass(1_000)
    await settle()
    expect(room.streams('event.follow').map((stream) => stream.input)).toEqual([{ after: 5 }])
  })

  it('says nothing of a lost connection: that has a place of its own', async () => {
    const { room, feed, timing, problems } = setUp([5])
    feed.start()
    await settle()
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    timing.pass(60_000)
    await settle()
    expect(problems).toEqual([])
  })

  it('leaves nothing behind when it stops', async () => {
    const { room, feed, frames, views } = setUp([5])
    feed.start()
    await settle()
    room.streams('event.follow')[0]?.push({ kind: 'events', events: [event(6)] })
    feed.stop()
    frames.paint()
    expect(views[0]?.received).toEqual([])
    expect(room.streams('event.follow')).toEqual([])
    room.enter({ kind: 'open' })
    await settle()
    expect(room.streams('event.follow')).toEqual([])
  })
})
