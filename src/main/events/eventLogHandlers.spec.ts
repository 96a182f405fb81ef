import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { LOG_PAGE } from '../../shared/domain/eventFilter.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import { readTable } from '../costs/testCsv.ts'
import type { State } from '../state/repositories.ts'
import { note } from '../state/testEvents.ts'
import { describeStores } from '../state/testStores.ts'
import { eventLogHandlers, MOST_LOOKED_AT } from './eventLogHandlers.ts'

const clock = createTestClock()
const VIEWER = { role: 'viewer', id: 'guest' } as const
const [ONE, OTHER] = ['lg-00000001', 'ma-00000002']
describeStores('the log of events', (kind) => {
  let state: State

  beforeEach(async () => {
    state = await (await kind.make()).open({ clock })
  })
  afterEach(() => state.close())

  type Handlers = ReturnType<typeof eventLogHandlers>
  const handlers = (): Handlers => eventLogHandlers({ eventLog: state.eventLog, events: state.events })
  const store = async (...announcements: Announcement[]): Promise<Event[]> => state.events.append(announcements.map((announcement) => ({ announcement, at: clock.now() })))
  const notes = (count: number, agentId: string | null = null): Announcement[] => Array.from({ length: count }, (_, index) => note(`note ${index}`, agentId))
  const warned = (message: string, agentId: string | null): Announcement => ({ ...note(message, agentId), severity: 'WARN' })
  const started: Announcement = { name: 'room.started', agentId: null, severity: 'INFO', message: 'The control room is open.', payload: { version: '1.0.0' } }

  type Outline = Parameters<Handlers['event.outline']>[0]
  const outline = async (input: Outline = {}): Promise<{ count: number; pages: number[]; until: number; isWhole: boolean }> => handlers()['event.outline'](input, VIEWER)
  const seqs = async (input: Outline & { after?: number; limit?: number } = {}): Promise<number[]> => (await handlers()['event.lines']({ after: 0, limit: LOG_PAGE, ...input }, VIEWER)).lines.map(({ seq }) => seq)

  describe('event.outline', () => {
    it('counts, and says where each page begins: what a page then holds are the lines after that place', async () => {
      await store(...notes(230, ONE), ...notes(5, OTHER), ...notes(120, ONE))
      const found = await outline({ agentId: ONE })
      expect(found).toEqual({ count: 350, pages: [1, 101, 201, 306], until: 355, isWhole: true })
      expect(await seqs({ agentId: ONE, after: 200 })).toEqual([...Array.from({ length: 30 }, (_, index) => 201 + index), ...Array.from({ length: 70 }, (_, index) => 236 + index)])
    })

    it('counts up to a place only: what comes after is told as it happens', async () => {
      await store(...notes(10))
      expect(await outline({ until: 4 })).toEqual({ count: 4, pages: [1], until: 4, isWhole: true })
      expect(await outline({ until: 99 })).toMatchObject({ count: 10, until: 10 })
    })

    it('begins with what is kept', async () => {
      await store(...notes(10))
      clock.advance(1)
      await state.events.forgetBefore(clock.now())
      await store(...notes(3))
      expect(await outline()).toEqual({ count: 3, pages: [11], until: 13, isWhole: true })
    })

    it('is nothing where nothing fits, and in an empty room', async () => {
      expect(await outline()).toEqual({ count: 0, pages: [], until: 0, isWhole: true })
      await store(...notes(3))
      expect(await outline({ text: 'elsewhere' })).toEqual({ count: 0, pages: [], until: 3, isWhole: true })
    })

    it('looks through so many places and no more, and says so', async () => {
      const looks: number[] = []
      const eventLog: State['eventLog'] = { ...state.eventLog, places: async ({ after, until }) => void looks.push(after, until) }
      const events = { bounds: async () => ({ oldest: 7, latest: MOST_LOOKED_AT + 50 }) }
      expect(await eventLogHandlers({ eventLog, events })['event.outline']({}, VIEWER)).toMatchObject({ isWhole: false })
      expect(looks).toEqual([50, MOST_LOOKED_AT + 50])
    })
  })

  describe('event.lines', () => {
    beforeEach(() => store(started, note('LinkedIn is kept away', ONE), warned('It is slow', ONE), warned('mail is slow', OTHER), note('Ünïcode "quoted"', ONE)))

    it.each<[Outline, number[]]>([
      [{}, [1, 2, 3, 4, 5]],
      [{ agentId: ONE }, [2, 3, 5]],
      [{ agentId: ONE, withRoom: true }, [1, 2, 3, 5]],
      [{ severities: ['WARN', 'ERROR'] }, [3, 4]],
      [{ names: ['room.started', 'agent.changed'] }, [1]],
      [{ agentId: OTHER, severities: ['WARN'], names: ['log.written'], text: 'MAIL slow' }, [4]],
      [{ text: 'slow' }, [3, 4]],
      [{ text: 'room. 1.0.0' }, [1]],
      [{ text: 'ÜNÏ "quoted"' }, [5]],
      [{ text: '100%' }, []],
      [{ text: 'l_nked' }, []],
    ])('for %j gives %j', async (filter, expected) => {
      expect(await seqs(filter)).toEqual(expected)
      expect((await outline(filter)).count).toBe(expected.length)
    })

    it('gives a stretch of them', async () => {
      expect([await seqs({ after: 2 }), await seqs({ after: 1, until: 3 }), await seqs({ limit: 2 }), await seqs({ limit: 1, text: 'slow' })]).toEqual([[3, 4, 5], [2, 3], [1, 2], [3]])
    })

    it('ends where the events do, whatever place is asked for', async () => {
      const asked: number[] = []
      const eventLog: State['eventLog'] = {
        ...state.eventLog,
        lines: async ({ until }) => (asked.push(until), []),
        each: async ({ until }) => void asked.push(until),
      }
      const far = { after: 0, until: Number.MAX_SAFE_INTEGER }
      const own = eventLogHandlers({ eventLog, events: state.events })
      await own['event.lines']({ ...far, limit: 1 }, VIEWER)
      await own['event.exportCsv'](far, VIEWER)
      await own['event.exportJsonLines'](far, VIEWER)
      expect(asked).toEqual([5, 5, 5])
    })

    it('gives lines without what the events carry', async () => {
      const { lines } = await handlers()['event.lines']({ after: 1, limit: 1 }, VIEWER)
      expect(lines).toEqual([{ seq: 2, at: clock.now(), severity: 'INFO', agentId: ONE, name: 'log.written', message: 'LinkedIn is kept away' }])
      expect(await handlers()['event.lines']({ after: 1, limit: 1, text: 'linkedin' }, VIEWER)).toEqual({ lines })
    })

    it('goes over more than one stretch, in the order of the sequence', async () => {
      await store(...notes(3_000), warned('the last one', ONE))
      expect(await seqs({ severities: ['WARN'] })).toEqual([3, 4, 3_006])
      expect(await seqs({ text: 'last one' })).toEqual([3_006])
    })

    it('lets others have their turn', async () => {
      await store(...notes(5_000))
      const turns: string[] = []
      const looking = seqs({ text: 'nothing of this kind' }).then(() => turns.push('looked'))
      setImmediate(() => turns.push('another'))
      await looking
      expect(turns).toEqual(['another', 'looked'])
    })
  })

  describe('an export', () => {
    it('has what fits, whole: as CSV and as JSON lines', async () => {
      const [, second] = await store(started, warned('say "no", =1', ONE), note('other', OTHER))
      const jsonLines = await handlers()['event.exportJsonLines']({ after: 0, agentId: ONE }, VIEWER)
      expect(jsonLines.split('\n').filter(Boolean).map((text: string) => JSON.parse(text))).toEqual([second])
      expect(readTable(await handlers()['event.exportCsv']({ after: 0, severities: ['WARN'] }, VIEWER))).toEqual([
        { number: '2', at: new Date(clock.now()).toISOString(), severity: 'WARN', name: 'log.written', agent_id: ONE, message: 'say "no", =1', payload: JSON.stringify(second?.payload) },
      ])
      expect(await handlers()['event.exportCsv']({ after: 3 }, VIEWER)).toBe('number,at,severity,name,agent_id,message,payload\r\n')
      expect(await handlers()['event.exportJsonLines']({ after: 0, until: 0 }, VIEWER)).toBe('')
    })

    it('carries nothing that the contract does not know', async () => {
      await store({ ...started, payload: { version: '1.0.0', more: 'hidden' } } as Announcement, { ...started, payload: { old: 'hidden' } } as never)
      const text = await handlers()['event.exportJsonLines']({ after: 0 }, VIEWER)
      expect(text).toContain('"version":"1.0.0"')
      expect(text.split('\n')).toHaveLength(3)
      expect(text).not.toContain('hidden')
    })

    it('is refused in a sentence where it would be too large for one answer', async () => {
      await store(...notes(50))
      const small = eventLogHandlers({ eventLog: state.eventLog, events: state.events, largestExport: 2_000 })
      await expect(small['event.exportCsv']({ after: 0 }, VIEWER)).rejects.toMatchObject({ code: 'TOO_LARGE', message: 'There are more events than fit into one export; take them in parts, with "after" and "until".' })
    })
  })
})
