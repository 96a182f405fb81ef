import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { AppError } from '../../shared/errors.ts'
import { createTestClock } from '../access/testClock.ts'
import { createEventBus, type RunningEventBus } from './eventBus.ts'
import { createEventRedactor } from './eventRedactor.ts'
import { openState } from '../state/openState.ts'
import type { EventStore, State } from '../state/repositories.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { changed, note } from '../state/testEvents.ts'
import { useTestFolders } from '../state/testFolder.ts'

const folders = useTestFolders()
const clock = createTestClock()
let state: State
let bus: RunningEventBus
let defects: { defect: unknown; where: string }[]
let appended: number[]

beforeEach(async () => {
  state = await openState({ dataFolder: folders.make(), clock })
  defects = []
  appended = []
  bus = await createBus(watched(state.events))
})
afterEach(() => state.close())

function createBus(events: EventStore): Promise<RunningEventBus> {
  return createEventBus({ events, clock, onDefect: (defect, where) => defects.push({ defect, where }) })
}

/** The real store, with the sizes of what it was given. */
function watched(events: EventStore): EventStore {
  return {
    ...events,
    append: (pending) => {
      appended.push(pending.length)
      return events.append(pending)
    },
  }
}

function collect(): { batches: (readonly Event[])[]; seqs(): number[] } {
  const batches: (readonly Event[])[] = []
  bus.listen((batch) => batches.push(batch))
  return { batches, seqs: () => batches.flat().map(({ seq }) => seq) }
}

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

describe('announcing', () => {
  it('resolves with the stored event, when listeners have it and the store has it', async () => {
    const { batches } = collect()
    const event = await bus.announce(note('one', 'sa-00000001'))
    expect(event).toEqual({ seq: 1, at: clock.now(), ...note('one', 'sa-00000001') })
    expect(batches).toEqual([[event]])
    expect(await state.events.after(0, 10)).toEqual([event])
    expect(bus.latest()).toBe(1)
  })

  it('redacts first: nobody stores or hears anything else, and nobody can change it', async () => {
    const redact = createEventRedactor((text) => text.replaceAll('ceo@acme.test', '[EMAIL_REDACTED]'))
    bus = await createEventBus({ events: watched(state.events), clock, redact, onDefect: (defect, where) => defects.push({ defect, where }) })
    const { batches } = collect()
    const fields = { when: { toJSON: () => 'for ceo@acme.test' } as never, list: ['ceo@acme.test'] }
    const event = await bus.announce({ ...note('to ceo@acme.test'), name: 'log.written', payload: { fields } })
    expect(event).toMatchObject({ message: 'to [EMAIL_REDACTED]', payload: { fields: { when: 'for [EMAIL_REDACTED]', list: ['[EMAIL_REDACTED]'] } } })
    expect(batches).toEqual([[event]])
    expect(await state.events.after(0, 10)).toEqual([event])
    expect(Object.isFrozen((event.payload as { fields: { list: unknown } }).fields.list)).toBe(true)
  })

  it('stores what is announced in one turn in one transaction, in order', async () => {
    const { batches } = collect()
    const events = await Promise.all(upTo(40).map((index) => bus.announce(note(`event ${index}`))))
    expect(events.map(({ seq, message }) => [seq, message])).toEqual(upTo(40).map((index) => [index, `event ${index}`]))
    expect(appended).toEqual([40])
    expect(batches).toEqual([events])
  })

  it('stores a flood in batches of at most 256, and lets others have their turn between them', async () => {
    const { batches, seqs } = collect()
    let turns = 0
    const count = (): void => {
      turns++
      if (batches.length < 4) setImmediate(count)
    }
    setImmediate(count)
    await Promise.all(upTo(1000).map(() => bus.announce(note('flood'))))
    expect(appended).toEqual([256, 256, 256, 232])
    expect(seqs()).toEqual(upTo(1000))
    expect(turns).toBeGreaterThanOrEqual(4)
  })

  it('keeps what happened as it was at that moment, whatever its announcer changes afterwards', async () => {
    const agent = sampleAgent({ status: 'starting' })
    const first = bus.announce(changed(agent))
    agent.status = 'running'
    agent.plan.args.push('--later')
    const second = bus.announce(changed(agent))
    const live = await Promise.all([first, second])
    expect(live.map(({ payload }) => (payload as { agent: typeof agent }).agent.status)).toEqual(['starting', 'running'])
    expect(await state.events.after(0, 10)).toEqual(live)
  })

  it('takes the moment of the announcement, not of the storing', async () => {
    const before = clock.now()
    const announced = bus.announce(note('one'))
    clock.advance(50)
    expect((await announced).at).toBe(before)
  })

  it('goes on where the store left off', async () => {
    await bus.announce(note('one'))
    bus = await createBus(state.events)
    expect(bus.latest()).toBe(1)
    expect((await bus.announce(note('two'))).seq).toBe(2)
  })

  it('refuses what is no JSON, and hurts nobody else in that turn', async () => {
    const broken = bus.announce({ ...note('broken'), payload: { fields: { big: 1n } } } as never)
    const sound = bus.announce(note('sound'))
    await expect(broken).rejects.toThrow('expected a JSON value, found a bigint')
    expect((await sound).seq).toBe(1)
  })

  it('says when everything is settled', async () => {
    const { seqs } = collect()
    await bus.settled()
    for (let i = 0; i < 300; i++) void bus.announce(note('one'))
    await bus.settled()
    expect(seqs()).toEqual(upTo(300))
  })
})

describe('listening', () => {
  it('gives every listener the very same frozen batch', async () => {
    const [one, other] = [collect(), collect()]
    await Promise.all([bus.announce(note('one')), bus.announce(note('two'))])
    expect(one.batches[0]).toBe(other.batches[0])
    expect(Object.isFrozen(one.batches[0])).toBe(true)
  })

  it('ends at once, also in the middle of a batch', async () => {
    const heard: string[] = []
    const leaveFirst = bus.listen(() => {
      heard.push('first')
      leaveSecond()
    })
    const leaveSecond = bus.listen(() => heard.push('second'))
    await bus.announce(note('one'))
    leaveFirst()
    await bus.announce(note('two'))
    expect(heard).toEqual(['first'])
  })

  it('begins after the batch in which it was asked for, where latest() stands', async () => {
    const heard: number[][] = []
    const leave = bus.listen(() => {
      leave()
      const from = bus.latest()
      bus.listen((batch) => heard.push([from, ...batch.map(({ seq }) => seq)]))
    })
    await Promise.all([bus.announce(note('one')), bus.announce(note('two'))])
    await bus.announce(note('three'))
    expect(heard).toEqual([[2, 3]])
  })

  it('counts each listener, even the same function twice', async () => {
    let calls = 0
    const listener = (): void => void calls++
    const leave = bus.listen(listener)
    bus.listen(listener)
    await bus.announce(note('one'))
    leave()
    await bus.announce(note('two'))
    expect(calls).toBe(3)
  })

  it('survives a listener that throws: the defect is told, the others hear', async () => {
    const mishap = new Error('an invented mishap')
    bus.listen(() => {
      throw mishap
    })
    const { seqs } = collect()
    await bus.announce(note('one'))
    await bus.announce(note('two'))
    expect(seqs()).toEqual([1, 2])
    expect(defects).toEqual([
      { defect: mishap, where: 'event listener' },
      { defect: mishap, where: 'event listener' },
    ])
  })

  it('keeps the order when a listener announces something itself', async () => {
    const leave = bus.listen((batch) => {
      if (batch.some(({ message }) => message === 'one')) void bus.announce(note('answer'))
    })
    const { batches } = collect()
    await bus.announce(note('one'))
    await bus.settled()
    leave()
    expect(batches.flat().map(({ message }) => message)).toEqual(['one', 'answer'])
  })
})

describe('a store that fails', () => {
  it('rejects what it could not keep, tells the defect once, and goes on when it works again', async () => {
    const full = new AppError('UNAVAILABLE', 'The disk is full.')
    let isFull = true
    bus = await createBus({ ...state.events, append: async (pending) => (isFull ? Promise.reject(full) : state.events.append(pending)) })
    const { seqs } = collect()
    const lost = [bus.announce(note('lost')), bus.announce(note('lost too'))]
    await expect(Promise.allSettled(lost)).resolves.toEqual(lost.map(() => ({ status: 'rejected', reason: full })))
    expect(defects).toEqual([{ defect: full, where: 'event store' }])
    isFull = false
    await bus.announce(note('kept'))
    expect(seqs()).toEqual([1])
  })

  it('does not take the process down when nobody waits for the answer', async () => {
    bus = await createBus({ ...state.events, append: async () => Promise.reject(new Error('an invented mishap')) })
    const unhandled: unknown[] = []
    const listen = (problem: unknown): void => void unhandled.push(problem)
    process.on('unhandledRejection', listen)
    void bus.announce(note('lost'))
    await bus.settled()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
})

describe('a bus with patience', () => {
  const patient = { canWait: ({ severity }: { severity: string }) => severity === 'DEBUG', longestMs: 4 }
  const small = (message: string) => ({ ...note(message), severity: 'DEBUG' as const })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const announced = async (...messages: string[]) => {
    for (const message of messages) {
      void bus.announce(small(message))
      await turn()
      await turn()
    }
  }

  beforeEach(async () => {
    bus = await createEventBus({ events: watched(state.events), clock, onDefect: () => {}, patience: patient })
  })

  it('stores what may wait together, once its time is up', async () => {
    await announced('one', 'two', 'three')
    expect(appended).toEqual([])
    clock.advance(4)
    await bus.settled()
    expect(appended).toEqual([3])
  })

  it('lets nothing that is urgent wait, and keeps the order', async () => {
    const heard: string[] = []
    bus.listen((events) => heard.push(...events.map(({ message }) => message)))
    await announced('one')
    await bus.announce(note('urgent'))
    expect(heard).toEqual(['one', 'urgent'])
    expect(appended).toEqual([2])
    expect(clock.waiting()).toBe(0)
  })

  it('waits no longer when there is enough to store, or when it is asked for all', async () => {
    await announced(...Array.from({ length: 32 }, (_, index) => `call ${index}`))
    expect(appended).toEqual([32])
    await announced('last')
    await bus.settled()
    expect(appended).toEqual([32, 1])
  })
})
