import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../../access/testClock.ts'
import type { Event } from '../../../shared/domain/event.ts'
import { systemClock } from '../../systemPorts.ts'
import { nextTurn } from '../../nextTurn.ts'
import { openState } from '../openState.ts'
import type { EventStore, State } from '../repositories.ts'
import { note } from '../testEvents.ts'
import { useTestFolders } from '../testFolder.ts'
import { createEventRelay, type EventRelay } from './eventRelay.ts'
import { hasRedis, startRedis, type TestRedis } from './testRedis.ts'

const folders = useTestFolders()
const isHere = hasRedis()

describe.skipIf(!isHere)(`events between instances, over Redis${isHere ? '' : ' (not installed here: redis-server)'}`, () => {
  let server: TestRedis
  let state: State
  let relays: EventRelay[]
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    relays = []
    state = await openState({ dataFolder: folders.make(), clock: systemClock })
  })
  afterEach(async () => {
    for (const relay of relays) await relay.close()
    await state.close()
  })

  interface Instance {
    readonly relay: EventRelay
    readonly heard: Event[]
    /** Resolves when it has heard so many. */
    until(count: number): Promise<number[]>
  }

  async function open(clock = systemClock, events: Pick<EventStore, 'after' | 'bounds'> = state.events): Promise<Instance> {
    const heard: Event[] = []
    let onHeard = (): void => {}
    const relay = await createEventRelay({
      url: server.url,
      group: 'invented',
      events,
      clock,
      hear(events) {
        heard.push(...events)
        onHeard()
      },
      onDefect(defect) {
        throw defect
      },
    })
    relays.push(relay)
    return {
      relay,
      heard,
      async until(count) {
        while (heard.length < count) await new Promise<void>((resolve) => (onHeard = resolve))
        return heard.map(({ seq }) => seq)
      },
    }
  }
  async function store(by: Instance, count: number): Promise<void> {
    await state.events.append(Array.from({ length: count }, (_, index) => ({ announcement: note(`invented ${index}`), at: 1 })))
    by.relay.nudge()
  }
  /** Lets time pass for one of them whenever it waits, until this is done. */
  async function passing<R>(clock: TestClock, action: Promise<R>): Promise<R> {
    let isDone = false
    void action.finally(() => (isDone = true))
    while (!isDone) {
      if (clock.waiting() > 0) clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return action
  }
  const places = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

  it('are heard by each, once, in the order of their places, from where it came in', async () => {
    const one = await open()
    await store(one, 3)
    await one.until(3)
    const other = await open()
    await Promise.all([store(one, 700), store(other, 5), store(one, 2)])
    expect(await one.until(710)).toEqual(places(1, 710))
    expect(await other.until(707)).toEqual(places(4, 710))
  })

  it('are heard once who waits for them is told so, at whatever moment of a look he asks', async () => {
    let onRead = (): void => {}
    const far = {
      ...state.events,
      async after(...query: Parameters<EventStore['after']>) {
        const found = await state.events.after(...query)
        await nextTurn()
        onRead()
        return found
      },
    }
    const one = await open(createTestClock(), far)
    for (let ticks = 0; ticks < 16; ticks++) {
      const isRead = new Promise<void>((resolve) => (onRead = resolve))
      void one.relay.caughtUp()
      await isRead
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
      // Stored when it returns.
      void state.events.append([{ announcement: note('invented'), at: 1 }])
      await one.relay.caughtUp()
      expect(one.heard.length, `${ticks} ticks after`).toBe(ticks + 1)
    }
  })

  it('are heard a little later while the server is away', async () => {
    const away = createTestClock()
    const [one, other] = [await open(), await open(away)]
    await server.kill()
    await store(one, 2)
    expect(await one.until(2)).toEqual([1, 2])
    expect(other.heard).toEqual([])
    expect(await passing(away, other.until(2))).toEqual([1, 2])
    await server.start()
    await store(one, 3)
    expect(await passing(away, other.until(5))).toEqual(places(1, 5))
  })

  it('are told of nothing after closing', async () => {
    const [one, other] = [await open(), await open()]
    await other.relay.close()
    await store(one, 1)
    await one.until(1)
    expect(other.heard).toEqual([])
  })
})
