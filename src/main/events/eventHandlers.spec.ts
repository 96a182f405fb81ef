import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventStreams } from '../../shared/contract/events.ts'
import type { StreamItem } from '../../shared/contract/contract.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import { createTestClock } from '../access/testClock.ts'
import { createEventBus, type RunningEventBus } from './eventBus.ts'
import { createEventHandlers, MOST_MISSED, type EventHandlers } from './eventHandlers.ts'
import type { Subscription } from '../router/router.ts'
import { openState } from '../state/openState.ts'
import type { EventStore, State } from '../state/repositories.ts'
import { closeAsIfKilled } from '../state/testCrash.ts'
import { note } from '../state/testEvents.ts'
import { useTestFolders } from '../state/testFolder.ts'

type Item = StreamItem<'event.follow'>

const folders = useTestFolders()
const clock = createTestClock()
const caller: Caller = { role: 'viewer', id: 'somebody' }
let dataFolder: string
let state: State
let bus: RunningEventBus
let handlers: EventHandlers
let defects: unknown[]

beforeEach(async () => {
  dataFolder = folders.make()
  state = await openState({ dataFolder, clock })
  await stand(state.events)
})
afterEach(() => state.close())

async function stand(events: EventStore): Promise<void> {
  defects = []
  const onDefect = (defect: unknown): number => defects.push(defect)
  bus = await createEventBus({ events, clock, onDefect })
  handlers = createEventHandlers({ events, bus, clock, onDefect })
}

interface Follower {
  items: Item[]
  ended: (AppError | undefined)[]
  subscription: Subscription
  seqs(): number[]
  /** Resolves when it has heard of this place. */
  reached(seq: number): Promise<void>
}

function follow(after?: number, onItem: (item: Item) => void = () => {}): Follower {
  const items: Item[] = []
  let waiting: { seq: number; resolve: () => void }[] = []
  const seqs = (): number[] => items.flatMap((item) => (item.kind === 'events' ? item.events.map(({ seq }) => seq) : []))
  const place = (item: Item): number => (item.kind === 'events' ? (item.events.at(-1)?.seq ?? 0) : item.latest)
  const ended: (AppError | undefined)[] = []
  const subscription = handlers.streamHandlers['event.follow']({ after }, caller, {
    push(item) {
      items.push(item)
      for (const one of waiting) if (place(item) >= one.seq) one.resolve()
      waiting = waiting.filter(({ seq }) => place(item) < seq)
      onItem(item)
    },
    end: (error) => ended.push(error),
  })
  return {
    items,
    ended,
    subscription,
    seqs,
    reached: (seq) => new Promise((resolve) => (items.some((item) => place(item) >= seq) ? resolve() : waiting.push({ seq, resolve }))),
  }
}

const announce = (count: number): Promise<unknown> => Promise.all(Array.from({ length: count }, (_, index) => bus.announce(note(`event ${index}`))))
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('event.follow', () => {
  it('begins now when nothing else is said', async () => {
    await announce(3)
    const follower = follow()
    await announce(2)
    expect(follower.seqs()).toEqual([4, 5])
  })

  it('gives exactly what was missed, in pages, then goes on live', async () => {
    await announce(1203)
    const follower = follow(2)
    await follower.reached(1203)
    await announce(2)
    expect(follower.seqs()).toEqual(range(3, 1205))
    expect(follower.items.map((item) => (item.kind === 'events' ? item.events.length : 0))).toEqual([500, 500, 201, 2])
  })

  it('gives items that the contract knows', async () => {
    await announce(2)
    const follower = follow(0)
    await follower.reached(2)
    await announce(1)
    for (const item of follower.items) expect(eventStreams['event.follow'].item.parse(item)).toEqual(item)
  })

  it('gives every live subscriber the very same item, for a door to write down once', async () => {
    const followers = [follow(), follow(0), follow()]
    await announce(5)
    await Promise.all(followers.map((follower) => follower.reached(5)))
    await announce(5)
    const [one, ...others] = followers.map(({ items }) => items.at(-1))
    for (const other of others) expect(other).toBe(one)
    expect(Object.isFrozen(one)).toBe(true)
  })

  it('gathers for many subscribers what comes at short intervals; none misses or repeats a place, whenever it joined', async () => {
    const early = Array.from({ length: 100 }, () => follow())
    await announce(1)
    await announce(2)
    const late = follow()
    const later = follow(1)
    await later.reached(3)
    await announce(1)
    expect(early.map((follower) => follower.seqs())).toEqual(early.map(() => [1]))
    clock.advance(5)
    expect(early.map((follower) => follower.seqs())).toEqual(early.map(() => [1, 2, 3, 4]))
    expect(new Set(early.map(({ items }) => items.at(-1))).size).toBe(1)
    expect([late.seqs(), later.seqs()]).toEqual([[4], [2, 3, 4]])
    expect(defects).toEqual([])
  })

  it('has no gap and nothing twice, however catching up and announcing interleave', async () => {
    await announce(1700)
    let isDone = false
    const announcing = (async () => {
      for (let round = 0; round < 60; round++) {
        await announce(1 + (round % 40))
        if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      isDone = true
    })()
    const followers: { from: number; follower: Follower }[] = []
    while (!isDone) {
      const from = Math.floor((bus.latest() * (followers.length % 10)) / 9)
      followers.push({ from, follower: follow(from) })
      clock.advance(1)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await announcing
    clock.advance(1000)
    const latest = bus.latest()
    await Promise.all(followers.map(({ follower }) => follower.reached(latest)))
    expect(followers.length).toBeGreaterThan(50)
    for (const { from, follower } of followers) expect(follower.seqs()).toEqual(range(from + 1, latest))
  })

  it('has nothing twice when the store is ahead of the bus', async () => {
    await announce(1)
    // The batch is stored and read by the one who catches up before the bus hands it out.
    let follower: Follower | null = null
    const events: EventStore = {
      ...state.events,
      append: async (pending) => {
        const stored = await state.events.append(pending)
        follower ??= follow(0)
        await follower.reached(3)
        return stored
      },
    }
    await stand(events)
    await announce(2)
    await announce(1)
    expect((follower as Follower | null)?.seqs()).toEqual([1, 2, 3, 4])
  })

  it('reads on when the page ended before what the bus has handed out meanwhile', async () => {
    let isFirst = true
    await stand({
      ...state.events,
      after: async (...query) => {
        const page = await state.events.after(...query)
        if (isFirst) {
          isFirst = false
          await announce(3)
        }
        return page
      },
    })
    await announce(2)
    const follower = follow(0)
    await follower.reached(5)
    expect(follower.seqs()).toEqual([1, 2, 3, 4, 5])
  })

  it('tells to resynchronise who missed what is forgotten, and goes on live from there', async () => {
    await announce(5)
    clock.advance(1)
    await state.events.forgetBefore(clock.now())
    await announce(2)
    const [late, justInTime] = [follow(4), follow(5)]
    await Promise.all([late.reached(7), justInTime.reached(7)])
    expect(late.items).toEqual([{ kind: 'resynchronise', latest: 7 }])
    expect(justInTime.seqs()).toEqual([6, 7])
    await announce(1)
    expect(late.seqs()).toEqual([8])
  })

  it('tells to resynchronise who comes from a place that does not exist', async () => {
    await announce(5)
    const follower = follow(6)
    await follower.reached(5)
    await announce(2)
    expect(follower.items[0]).toEqual({ kind: 'resynchronise', latest: 5 })
    expect(follower.seqs()).toEqual([6, 7])
  })

  it('tells to resynchronise who missed too much to be told one by one', async () => {
    const append = (count: number): Promise<unknown> =>
      state.events.append(Array.from({ length: count }, () => ({ announcement: note('invented'), at: 1 })))
    await append(MOST_MISSED + 1)
    await stand(state.events)
    const [tooMuch, enough] = [follow(0), follow(1)]
    await Promise.all([tooMuch.reached(MOST_MISSED + 1), enough.reached(MOST_MISSED + 1)])
    expect(tooMuch.items).toEqual([{ kind: 'resynchronise', latest: MOST_MISSED + 1 }])
    expect(enough.seqs()).toEqual(range(2, MOST_MISSED + 1))
  })

  it('joins live where the last places hold no event', async () => {
    await announce(2)
    await closeAsIfKilled(state, dataFolder)
    state = await openState({ dataFolder, clock })
    await stand(state.events)
    const follower = follow(1)
    await follower.reached(2)
    const { seq } = await bus.announce(note('next'))
    expect(follower.seqs()).toEqual([2, seq])
    expect(seq).toBeGreaterThan(3)
  })

  it('is silent once closed: live, after catching up, between two pages and while one is read', async () => {
    await announce(1200)
    const live = follow()
    const caughtUp = follow(1100)
    await caughtUp.reached(1200)
    const between = follow(0, () => between.subscription.close())
    await between.reached(500)
    for (const follower of [live, caughtUp]) follower.subscription.close()
    await announce(2)
    clock.advance(1000)
    expect(live.items).toEqual([])
    expect(caughtUp.seqs()).toEqual(range(1101, 1200))
    expect(between.seqs()).toEqual(range(1, 500))

    const reading: Promise<Follower> = new Promise((resolve) => {
      const after: EventStore['after'] = async (...query) => {
        follower.subscription.close()
        resolve(follower)
        return state.events.after(...query)
      }
      handlers = createEventHandlers({ events: { ...state.events, after }, bus, clock, onDefect: () => {} })
      const follower = follow(0)
    })
    const { items } = await reading
    await new Promise((resolve) => setImmediate(resolve))
    expect(items).toEqual([])
  })

  it('stays closed when its last page or the call to resynchronise closes it', async () => {
    await announce(5)
    const followers = [0, 99].map((after) => {
      const follower = follow(after, () => follower.subscription.close())
      return follower
    })
    await Promise.all(followers.map((follower) => follower.reached(5)))
    await announce(2)
    clock.advance(1000)
    expect(followers.map(({ items }) => items.length)).toEqual([1, 1])
  })

  it('ends with an error when the events cannot be read', async () => {
    const damaged = new AppError('UNAVAILABLE', 'The database is damaged.')
    await stand({ ...state.events, after: async () => Promise.reject(damaged) })
    await announce(1)
    const known = await new Promise((resolve) => handlers.streamHandlers['event.follow']({ after: 0 }, caller, { push: () => {}, end: resolve }))
    expect(known).toBe(damaged)

    const mishap = new Error('an invented mishap')
    await stand({ ...state.events, after: async () => Promise.reject(mishap) })
    const unknown = await new Promise((resolve) => handlers.streamHandlers['event.follow']({ after: 0 }, caller, { push: () => {}, end: resolve }))
    expect(unknown).toMatchObject({ code: 'INTERNAL' })
    expect(defects).toEqual([mishap])
  })

  it('lets go of a subscriber whose door throws, and of no other', async () => {
    const mishap = new Error('an invented mishap')
    const broken = follow(undefined, () => {
      throw mishap
    })
    const sound = follow()
    await announce(1)
    await announce(1)
    expect(broken.seqs()).toEqual([1])
    expect(sound.seqs()).toEqual([1, 2])
    expect(defects).toEqual([mishap])
  })
})

describe('event.list', () => {
  const list = (input: { after?: number; limit?: number; agentId?: string }): Promise<{ events: { seq: number }[]; latest: number; resynchronise: boolean }> =>
    Promise.resolve(handlers.commandHandlers['event.list']({ after: 0, limit: 500, ...input }, caller))

  it('gives a page after a place', async () => {
    await announce(10)
    const page = await list({ after: 3, limit: 4 })
    expect({ ...page, events: page.events.map(({ seq }) => seq) }).toEqual({ events: [4, 5, 6, 7], latest: 10, resynchronise: false })
  })

  it('gives those of one agent', async () => {
    await bus.announce(note('one', 'sa-00000001'))
    await bus.announce(note('two', 'sa-00000002'))
    await bus.announce(note('three', 'sa-00000001'))
    expect((await list({ agentId: 'sa-00000001' })).events.map(({ seq }) => seq)).toEqual([1, 3])
  })

  it('says when something in between is no longer kept, and gives what is', async () => {
    await announce(5)
    clock.advance(1)
    await state.events.forgetBefore(clock.now())
    await announce(2)
    const page = await list({ after: 1 })
    expect({ ...page, events: page.events.map(({ seq }) => seq) }).toEqual({ events: [6, 7], latest: 7, resynchronise: true })
    expect(await list({ after: 99 })).toEqual({ events: [], latest: 7, resynchronise: true })
  })
})
