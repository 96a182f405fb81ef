import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Event, Severity } from '../../shared/domain/event.ts'
import { fitsKind, fitsWords, lineOf, LOG_PAGE, soughtWords, type EventFilter } from '../../shared/domain/eventFilter.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { USUAL_KINDS } from '../log/logChoice.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from './agents.ts'
import { useEventLogStore } from './eventLog.ts'
import { useNoticesStore } from './notices.ts'

const saved = vi.hoisted((): string[][] => [])
vi.mock('@/lib/saveText.ts', () => ({ saveText: (...file: string[]) => saved.push(file) }))

const LEAD = sampleAgent({ createdAt: 2 })
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', createdAt: 1 })

const written = (seq: number, agentId: string | null = LEAD.id, severity: Severity = 'INFO', message = `line ${seq}`): Event => ({ seq, at: seq, severity, agentId, message, name: 'log.written', payload: { fields: { seq } } })

const fits = (event: Event, filter: EventFilter): boolean => fitsKind(event, filter) && fitsWords(event, () => JSON.stringify(event.payload), soughtWords(filter.text))

/** A room that keeps what it tells. */
async function setUp(stored: readonly Event[] = Array.from({ length: 250 }, (_, index) => written(index + 1))) {
  const kept = [...stored]
  const room = createTestRoom()
  room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: kept.at(-1)?.seq ?? 0 }))
  room.answer('event.list', ({ after = 0, limit = 500 }) => ({ events: kept.filter(({ seq }) => seq > after).slice(0, limit), latest: kept.at(-1)?.seq ?? 0, resynchronise: false }))
  room.answer('event.outline', ({ until = 0, ...filter }) => {
    const found = kept.filter((event) => event.seq <= until && fits(event, filter))
    return { count: found.length, pages: found.filter((_, index) => index % LOG_PAGE === 0).map(({ seq }) => seq), until, isWhole: true }
  })
  room.answer('event.lines', ({ after = 0, limit = LOG_PAGE, ...filter }) => ({ lines: kept.filter((event) => event.seq > after && fits(event, filter)).slice(0, limit).map(lineOf) }))
  const { use } = createTestApp(room)
  const [agents, log, notices] = [use(useAgentsStore), use(useEventLogStore), use(useNoticesStore)]
  await agents.view.load()
  await log.view.load()
  await settle()
  /** What happens is stored, then told. */
  function happen(...events: Event[]): void {
    kept.push(...events)
    log.view.receive(events)
  }
  async function shownSeqs(): Promise<(number | undefined)[]> {
    log.want(0, log.shown)
    await settle()
    return Array.from({ length: log.shown }, (_, index) => log.line(index)?.seq)
  }
  const choose = async (changes: Parameters<typeof log.choose>[0]): Promise<void> => {
    log.choose(changes)
    vi.advanceTimersByTime(200)
    await settle()
  }
  return { room, kept, agents, log, notices, happen, shownSeqs, choose }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('the log', () => {
  it('holds nobody up before it knows its place, and asks for no lines that nobody sees', async () => {
    const room = createTestRoom()
    expect(createTestApp(room).use(useEventLogStore).view.seq()).toBe(Number.POSITIVE_INFINITY)
    const set = await setUp()
    expect([set.log.view.seq(), set.log.shown, set.log.isLoaded, set.room.asked('event.lines')]).toEqual([250, 250, true, []])
  })

  it('is what there was and what happens, each once, also when it happens while the room still looks', async () => {
    const { log, room, happen, shownSeqs, kept } = await setUp()
    expect(await shownSeqs()).toEqual(range(1, 250))
    log.choose({ kinds: USUAL_KINDS })
    vi.advanceTimersByTime(0)
    happen(written(251), written(252))
    await settle()
    happen(written(253))
    expect(await shownSeqs()).toEqual(range(1, 253))
    expect(room.asked('event.outline').map(({ until }) => until)).toEqual([250, 250])
    expect(kept).toHaveLength(253)
  })

  it('is about the agent that is looked at and about the room; figures stand in the panels', async () => {
    const budget: Event = { ...written(4), name: 'budget.changed', payload: {} as never } as Event
    const { log, agents, happen, shownSeqs } = await setUp([written(1), written(2, OTHER.id), written(3, null), budget])
    happen(written(5, OTHER.id), written(6, null), { ...budget, seq: 7 } as Event, written(8))
    expect(await shownSeqs()).toEqual([1, 3, 6, 8])
    agents.select(OTHER.id)
    expect([log.shown, log.isLoaded]).toEqual([0, false])
    await settle()
    expect(await shownSeqs()).toEqual([2, 3, 5, 6])
  })

  it('shows what is chosen, of what there was and of what happens', async () => {
    const { log, happen, shownSeqs, choose } = await setUp([written(1), written(2, LEAD.id, 'ERROR', 'It broke'), written(3, OTHER.id, 'ERROR')])
    await choose({ severities: new Set<Severity>(['ERROR']) })
    happen(written(4), written(5, LEAD.id, 'ERROR'))
    expect(await shownSeqs()).toEqual([2, 5])
    await choose({ text: 'BROKE' })
    happen(written(6, LEAD.id, 'ERROR'), written(7, LEAD.id, 'ERROR', 'broken again'))
    expect([await shownSeqs(), log.isFiltered]).toEqual([[2, 7], true])
    log.chooseUsual()
    vi.advanceTimersByTime(0)
    await settle()
    expect([await shownSeqs(), log.isFiltered]).toEqual([[1, 2, 4, 5, 6, 7], false])
    await choose({ scope: 'all' })
    expect(await shownSeqs()).toEqual(range(1, 7))
    await choose({ scope: 'agent', text: '"seq":3' })
    expect(await shownSeqs()).toEqual([])
  })

  it('looks once for a word, not for each of its letters', async () => {
    const { log, room } = await setUp()
    for (const text of ['l', 'li', 'lin']) {
      log.choose({ text })
      vi.advanceTimersByTime(50)
    }
    vi.advanceTimersByTime(200)
    await settle()
    expect(room.asked('event.outline').map(({ text }) => text)).toEqual([undefined, 'lin'])
  })

  it('looks for the last wish only while the room is busy with an earlier one', async () => {
    const { log, room, shownSeqs } = await setUp()
    for (const text of ['line 1', 'line 2', 'line 24']) {
      log.choose({ text })
      vi.advanceTimersByTime(200)
    }
    await settle()
    expect(room.asked('event.outline').map(({ text }) => text)).toEqual([undefined, 'line 1', 'line 24'])
    expect(await shownSeqs()).toEqual([24, 124, 224, ...range(240, 249)])
  })

  it('stops on demand, counts what is new, and goes on', async () => {
    const { log, happen, shownSeqs } = await setUp()
    log.stop()
    happen(written(251), written(252), written(253, OTHER.id))
    expect([log.shown, log.fresh, log.isStopped]).toEqual([250, 2, true])
    log.goOn()
    expect([log.shown, log.fresh, log.isStopped, (await shownSeqs()).at(-1)]).toEqual([252, 0, false, 252])
  })

  it('takes nothing twice, where the feed begins earlier than this view', async () => {
    const { log, kept, shownSeqs } = await setUp()
    kept.push(written(251))
    log.view.receive([written(249), written(250), written(251)])
    log.view.receive([written(251)])
    expect([await shownSeqs(), log.view.seq()]).toEqual([range(1, 251), 251])
  })

  it('looks again when it missed something', async () => {
    const { kept, happen, shownSeqs } = await setUp()
    kept.push(written(251), written(252))
    happen(written(253))
    await settle()
    expect(await shownSeqs()).toEqual(range(1, 253))
  })

  it('looks again when what it is about to show is forgotten', async () => {
    const { log, kept, shownSeqs } = await setUp()
    kept.splice(0, 120)
    log.want(0, 10)
    await settle()
    expect([log.shown, await shownSeqs()]).toEqual([130, range(121, 250)])
  })

  it('says what is wrong once, and looks again when the connection is back', async () => {
    const { log, room, notices, choose, shownSeqs } = await setUp()
    let isDown = true
    room.answer('event.outline', () => {
      if (isDown) throw new AppError('INTERNAL', 'It cannot be looked through.')
      return { count: 1, pages: [7], until: 250, isWhole: false }
    })
    await choose({ scope: 'all' })
    expect([notices.notices.map(({ sentence }) => sentence), log.shown]).toEqual([['It cannot be looked through.'], 250])
    isDown = false
    room.enter({ kind: 'open' })
    await settle()
    room.answer('event.lines', () => ({ lines: [lineOf(written(7))] }))
    expect([await shownSeqs(), log.isWhole]).toEqual([[7], false])
  })

  it('asks for the whole event when somebody unfolds it', async () => {
    const { log, kept } = await setUp()
    log.toggle(9, 8)
    expect(log.unfolded).toEqual([{ seq: 9, index: 8, event: null, problem: null }])
    await settle()
    log.toggle(5, 4)
    await settle()
    expect(log.unfolded).toEqual([{ seq: 5, index: 4, event: written(5), problem: null }, { seq: 9, index: 8, event: written(9), problem: null }])
    log.toggle(9, 8)
    kept.splice(0, 10)
    log.toggle(10, 9)
    await settle()
    expect(log.unfolded.map(({ seq, problem }) => [seq, problem])).toEqual([[5, null], [10, 'It is no longer kept.']])
  })

  it('gives what is chosen as a file', async () => {
    const { log, room, choose } = await setUp()
    await choose({ severities: new Set<Severity>(['WARN', 'ERROR']), text: ' line ' })
    room.answer('event.exportCsv', () => 'csv')
    room.answer('event.exportJsonLines', () => 'lines')
    await log.exportAs('csv')
    await log.exportAs('jsonl')
    expect(saved).toEqual([[`events-${LEAD.id}.csv`, 'text/csv;charset=utf-8', 'csv'], [`events-${LEAD.id}.jsonl`, 'application/x-ndjson;charset=utf-8', 'lines']])
    expect(room.asked('event.exportCsv')).toMatchObject([{ agentId: LEAD.id, withRoom: true, severities: ['WARN', 'ERROR'], text: 'line' }])
  })
})
