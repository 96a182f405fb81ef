import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { State } from './repositories.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { changed, note, removed } from './testEvents.ts'
import { describeStores, type Place } from './testStores.ts'

const clock = createTestClock()
describeStores('events', (store) => {
  let place: Place
  let state: State

  beforeEach(async () => {
    place = await store.make()
    state = await place.open({ clock })
  })
  afterEach(() => state.close())

  const append = (...announcements: Announcement[]): Promise<Event[]> =>
    state.events.append(announcements.map((announcement) => ({ announcement, at: clock.now() })))

  const seqs = (events: readonly Event[]): number[] => events.map(({ seq }) => seq)

  async function reopenAfterCrash(): Promise<void> {
    await place.kill(state)
    state = await place.open({ clock })
  }

  describe('appending', () => {
    it('gives each event the next place, and gives back what a reader finds later', async () => {
      const first = await append(note('one'))
      const rest = await append(note('two', 'sa-00000001'), changed(sampleAgent()))
      expect(seqs([...first, ...rest])).toEqual([1, 2, 3])
      expect(await state.events.after(0, 10)).toEqual([...first, ...rest])
      expect(rest[0]).toEqual({ seq: 2, at: clock.now(), ...note('two', 'sa-00000001') })
      expect(await append()).toEqual([])
      expect(await state.events.bounds()).toEqual({ oldest: 1, latest: 3 })
    })

    it('gives events that nobody can change', async () => {
      const [stored] = await append(note('one'))
      const [read] = await state.events.after(0, 1)
      expect([Object.isFrozen(stored), Object.isFrozen(read)]).toEqual([true, true])
    })

    it.each([1, 7, 8, 9, 64, 100, 1025])('stores a batch of %i in order', async (size) => {
      const announcements = Array.from({ length: size }, (_, index) => note(`event ${index}`, index % 3 === 0 ? 'sa-00000001' : null))
      const stored = await append(...announcements)
      expect(seqs(stored)).toEqual(announcements.map((_, index) => index + 1))
      expect(await state.events.after(0, 5000)).toEqual(stored)
    })

    it('takes all of a batch or none of it', async () => {
      await append(note('before'))
      const broken = { ...changed(sampleAgent({ id: 'sa-0000000b' })), payload: { agent: { id: 'sa-0000000b', createdAt: null } } } as unknown as Announcement
      await expect(append(note('one', 'sa-00000007'), broken)).rejects.toThrow()
      expect(await state.events.after(0, 10)).toHaveLength(1)
      expect(await state.agents.all()).toEqual([])
      const [after] = await append(note('after', 'sa-00000007'))
      expect(after?.seq).toBe(2)
      expect(await state.events.after(0, 10, 'sa-00000007')).toEqual([after])
    })
  })

  describe('the view of agents', () => {
    it('moves with its events, newest agent first', async () => {
      const older = sampleAgent({ id: 'sa-0000000a', createdAt: 1 })
      const newer = sampleAgent({ id: 'sa-0000000b', createdAt: 2 })
      await append(changed(older), changed(newer))
      await append(changed({ ...older, status: 'stopped', pid: null }))
      expect(await state.agents.all()).toEqual([newer, { ...older, status: 'stopped', pid: null }])
      await append(removed(newer.id))
      expect(await state.agents.all()).toEqual([{ ...older, status: 'stopped', pid: null }])
    })

    it('survives a restart', async () => {
      await append(changed(sampleAgent()))
      await state.close()
      state = await place.open({ clock })
      expect(await state.agents.all()).toEqual([sampleAgent()])
    })

    it('takes the checkpoint of a removed agent along, and no other', async () => {
      await append(changed(sampleAgent()))
      await state.checkpoints.save('sa-00000001', { document: { step: 1 } }, 5)
      await state.checkpoints.save('sa-00000002', { document: { step: 2 } }, 5)
      await append(removed('sa-00000001'))
      expect(await state.checkpoints.load('sa-00000001')).toBeNull()
      expect(await state.checkpoints.load('sa-00000002')).toMatchObject({ kept: { document: { step: 2 } } })
    })
  })

  describe('reading', () => {
    it('goes on after a place, page by page', async () => {
      const stored = await append(...Array.from({ length: 25 }, (_, index) => note(`event ${index}`)))
      expect(await state.events.after(3, 10)).toEqual(stored.slice(3, 13))
      expect(await state.events.after(25, 10)).toEqual([])
      expect(await state.events.countAfter(3, 100)).toBe(22)
      expect(await state.events.countAfter(3, 10)).toBe(10)
    })

    it('finds the events of one agent wherever they lie, across restarts and forgetting', async () => {
      const agents = ['sa-0000000a', 'sa-0000000b', 'sa-0000000c', null]
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.constantFrom(...agents)), { maxLength: 6 }), fc.nat(), async (runs, distance) => {
          const kept: Event[] = []
          for (const [length, agentId] of runs) {
            kept.push(...(await append(...Array.from({ length }, () => note('invented', agentId)))))
            await state.close()
            state = await place.open({ clock })
          }
          const { oldest, latest } = await state.events.bounds()
          const all = await state.events.after(0, 1_000_000)
          const after = oldest - 1 + (distance % (latest - oldest + 2))
          for (const agentId of agents) {
            if (agentId === null) continue
            const expected = all.filter((event) => event.agentId === agentId && event.seq > after)
            expect(seqs(await state.events.after(after, 1_000_000, agentId))).toEqual(seqs(expected))
            expect(seqs(await state.events.after(after, 5, agentId))).toEqual(seqs(expected.slice(0, 5)))
          }
          clock.advance(1000)
          await state.events.forgetBefore(clock.now())
        }),
        { numRuns: store.name === 'SQLite' ? 10 : 4 },
      )
    })
  })

  describe('the sequence is append-only in the database itself', () => {
    it.each([
      [`UPDATE events SET message = 'other' WHERE seq = 1`, 'events are never changed'],
      ['DELETE FROM events WHERE seq = 1', 'events are kept until retention forgets them'],
      ['DELETE FROM events', 'events are kept until retention forgets them'],
      ['UPDATE event_sequence SET kept_from = 0', 'the sequence of events never goes back'],
      ...(store.name === 'SQLite'
        ? [
            [`INSERT OR REPLACE INTO events VALUES (1, 0, 'x', 'INFO', NULL, 'other', '{}')`, 'events are only ever appended'],
            [`REPLACE INTO events VALUES (2, 0, 'x', 'INFO', NULL, 'other', '{}')`, 'events are only ever appended'],
            ['UPDATE event_sequence SET reserved = 1', 'the sequence of events never goes back'],
          ]
        : [
            [`INSERT INTO events VALUES (1, 0, 'x', 'INFO', NULL, 'other', '{}') ON CONFLICT DO NOTHING`, 'events are only ever appended'],
            [`INSERT INTO events VALUES (2, 0, 'x', 'INFO', NULL, 'other', '{}') ON CONFLICT (seq) DO UPDATE SET message = 'other'`, 'events are only ever appended'],
            ['UPDATE event_sequence SET latest = 1', 'the sequence of events never goes back'],
            ['DELETE FROM event_sequence', 'the sequence of events is kept'],
            ['TRUNCATE events', 'events are kept until retention forgets them'],
          ]),
    ])('%s is refused', async (sql, reason) => {
      await append(note('one'), note('two'))
      const before = await state.events.after(0, 10)
      await expect(place.change(sql)).rejects.toThrow(reason)
      expect(await state.events.after(0, 10)).toEqual(before)
    })
  })

  /** A server takes back nothing that it has acknowledged: no places are set aside there. */
  const itInSqlite = it.runIf(store.name === 'SQLite')

  describe('the sequence goes on', () => {
    it('without a gap after closing', async () => {
      await append(note('one'), note('two'))
      await state.close()
      state = await place.open({ clock })
      expect(await state.events.canContinueFrom(2)).toBe(true)
      expect(seqs(await append(note('three')))).toEqual([3])
      expect(await state.events.canContinueFrom(3)).toBe(true)
      expect(await state.events.canContinueFrom(4)).toBe(false)
    })

    itInSqlite('behind every place that was set aside, after a crash', async () => {
      await append(note('one'), note('two'))
      await reopenAfterCrash()
      expect(await state.events.bounds()).toEqual({ oldest: 1, latest: 10_001 })
      expect(seqs(await append(note('three')))).toEqual([10_002])
    })

    itInSqlite('so that who saw an event that a loss of power took back is told, and nobody else', async () => {
      await append(note('one'), note('two'), note('lost to the power'))
      // As if their pages had never reached the disk.
      await place.change('DROP TRIGGER events_are_kept; DELETE FROM events WHERE seq >= 3')
      await reopenAfterCrash()
      const can = (seq: number): Promise<boolean> => state.events.canContinueFrom(seq)
      expect(await Promise.all([0, 1, 2, 3, 4, 10_000, 10_001, 10_002].map(can))).toEqual([true, true, true, false, false, false, true, false])
      const [next] = await append(note('next'))
      expect(await can(next?.seq ?? 0)).toBe(true)
    })

    itInSqlite('after several crashes in a row without an event between', async () => {
      await append(note('one'))
      for (let i = 0; i < 3; i++) await reopenAfterCrash()
      const { latest } = await state.events.bounds()
      expect(latest).toBe(30_003)
      expect(await state.events.canContinueFrom(1)).toBe(true)
      expect(await state.events.canContinueFrom(2)).toBe(false)
      expect(await state.events.canContinueFrom(latest)).toBe(true)
    })

    itInSqlite('when more places are needed than were set aside, durably before they are used', async () => {
      for (let i = 0; i < 11; i++) await append(...Array.from({ length: 1000 }, () => note('invented')))
      const { latest } = await state.events.bounds()
      expect(latest).toBe(11_000)
      await reopenAfterCrash()
      expect((await state.events.bounds()).latest).toBeGreaterThan(11_000)
      expect(await state.events.canContinueFrom(11_000)).toBe(true)
    })

    it.runIf(store.name === 'PostgreSQL')('without a gap after a crash', async () => {
      await append(note('one'), note('two'))
      await reopenAfterCrash()
      expect(await state.events.bounds()).toEqual({ oldest: 1, latest: 2 })
      expect(await state.events.canContinueFrom(2)).toBe(true)
      expect(seqs(await append(note('three')))).toEqual([3])
    })

    it('when everything was forgotten', async () => {
      await append(note('one'), note('two'))
      clock.advance(1)
      expect(await state.events.forgetBefore(clock.now())).toBe(2)
      await state.close()
      state = await place.open({ clock })
      expect(await state.events.bounds()).toEqual({ oldest: 3, latest: 2 })
      expect(await state.events.canContinueFrom(2)).toBe(true)
      expect(seqs(await append(note('three')))).toEqual([3])
    })
  })

  describe('retention', () => {
    const at = (moment: number, count: number): Promise<Event[]> =>
      state.events.append(Array.from({ length: count }, () => ({ announcement: note('invented', 'sa-00000001'), at: moment })))

    it('forgets what is older, in steps, and says how much', async () => {
      await at(100, 5000)
      await at(200, 10)
      expect(await state.events.forgetBefore(200)).toBe(5000)
      expect(await state.events.bounds()).toEqual({ oldest: 5001, latest: 5010 })
      expect(await state.events.after(0, 100)).toHaveLength(10)
      expect(await state.events.after(0, 100, 'sa-00000001')).toHaveLength(10)
      expect(await state.events.canContinueFrom(5000)).toBe(true)
      expect(await state.events.canContinueFrom(4999)).toBe(false)
      expect(await state.events.forgetBefore(200)).toBe(0)
    })

    itInSqlite('lets others have their turn between two steps', async () => {
      await at(100, 5000)
      const forgetting = state.events.forgetBefore(200)
      const [during] = await at(300, 1)
      expect(await state.events.countAfter(0, 10_000)).toBe(3001)
      expect(await forgetting).toBe(5000)
      expect(await state.events.after(0, 100)).toEqual([during])
    })

    it('never punches a hole when the clock was set back', async () => {
      await at(100, 1)
      await at(300, 1)
      await at(50, 1)
      await at(400, 1)
      expect(await state.events.forgetBefore(200)).toBe(1)
      expect(seqs(await state.events.after(0, 10))).toEqual([2, 3, 4])
      expect(await state.events.forgetBefore(350)).toBe(2)
      expect(seqs(await state.events.after(0, 10))).toEqual([4])
    })
  })
})
