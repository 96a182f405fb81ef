import { describe, expect, it } from 'vitest'
import type { EventLine } from '../../shared/domain/eventFilter.ts'
import { settle } from '../room/testRoom.ts'
import { createLogPages, type LogPages } from './logPages.ts'

const line = (seq: number): EventLine => ({ seq, at: seq, severity: 'INFO', agentId: null, name: 'log.written', message: `line ${seq}` })
/** Every second place holds an event that fits. */
const seqAt = (index: number): number => index * 2 + 1

function setUp(count: number) {
  const asked: number[] = []
  const answers: (() => void)[] = []
  const told = { lines: 0, lost: 0 }
  const server = { count }
  const fetch = (after: number): Promise<EventLine[]> => {
    asked.push(after)
    return new Promise((resolve) => {
      answers.push(() => {
        const first = after / 2
        resolve(Array.from({ length: Math.max(0, Math.min(100, server.count - first)) }, (_, index) => line(seqAt(first + index))))
      })
    })
  }
  const starts = Array.from({ length: Math.ceil(count / 100) }, (_, page) => seqAt(page * 100))
  const pages = createLogPages({ count, pages: starts, fetch, onLines: () => (told.lines += 1), onLost: () => (told.lost += 1) })
  return {
    pages,
    asked,
    told,
    server,
    async answer() {
      for (const one of answers.splice(0)) one()
      await settle()
    },
    /** Events that happen: the room stores them, then tells. */
    happen(number: number) {
      const fresh = Array.from({ length: number }, (_, index) => line(seqAt(server.count + index)))
      server.count += number
      pages.append(fresh)
    },
  }
}

const seqsOf = (pages: LogPages, first: number, last: number): (number | null)[] => Array.from({ length: last - first + 1 }, (_, index) => pages.line(first + index)?.seq ?? null)
const expected = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, index) => seqAt(first + index))

describe('a list too long for a page', () => {
  it('asks for what is in sight, and for nothing else', async () => {
    const { pages, asked, told, answer } = setUp(100_000)
    pages.want(50_090, 50_110)
    expect([asked, pages.line(50_090)]).toEqual([[100_000, 100_200], null])
    await answer()
    expect(seqsOf(pages, 50_090, 50_110)).toEqual(expected(50_090, 50_110))
    expect(told).toEqual({ lines: 2, lost: 0 })
    pages.want(50_091, 50_111)
    expect(asked).toHaveLength(2)
  })

  it('asks for three pages at once at most; what was passed in the meantime is not asked for', async () => {
    const { pages, asked, answer } = setUp(100_000)
    for (let index = 0; index < 100_000; index += 1_000) pages.want(index, index + 30)
    expect(asked).toEqual([0, 2_000, 4_000])
    await answer()
    expect(asked).toEqual([0, 2_000, 4_000, 198_000])
  })

  it('keeps few of them', async () => {
    const { pages, asked, answer } = setUp(100_000)
    for (let page = 0; page < 60; page++) {
      pages.want(page * 100, page * 100)
      await answer()
    }
    expect([pages.line(0), pages.line(5_900)?.seq]).toEqual([null, seqAt(5_900)])
    pages.want(0, 0)
    expect(asked).toHaveLength(61)
  })

  it('grows at its end: what stands at an index stays there', async () => {
    const { pages, asked, answer, happen } = setUp(250)
    pages.want(240, 249)
    await answer()
    happen(3)
    expect([pages.count(), seqsOf(pages, 240, 252)]).toEqual([253, expected(240, 252)])
    happen(200)
    pages.want(240, 452)
    expect([pages.count(), seqsOf(pages, 240, 452), asked.length]).toEqual([453, expected(240, 452), 1])
  })

  it('grows from nothing', () => {
    const { pages, asked, happen } = setUp(0)
    pages.want(0, 30)
    happen(101)
    pages.want(0, 100)
    expect([seqsOf(pages, 0, 100), asked]).toEqual([expected(0, 100), []])
  })

  it('shows what happened before what is still on its way, and then both', async () => {
    const { pages, answer, happen } = setUp(150)
    pages.want(100, 150)
    happen(2)
    expect(seqsOf(pages, 149, 151)).toEqual([null, seqAt(150), seqAt(151)])
    await answer()
    expect(seqsOf(pages, 100, 151)).toEqual(expected(100, 151))
  })

  it('asks again for a page that became full on its way', async () => {
    const { pages, asked, server, answer, happen } = setUp(150)
    pages.want(100, 149)
    const { count } = server
    happen(60)
    server.count = count
    await answer()
    server.count = count + 60
    pages.want(100, 205)
    await answer()
    expect([seqsOf(pages, 100, 209), asked]).toEqual([expected(100, 209), [200, 200]])
  })

  it('says once when some of it is forgotten, and asks for nothing more', async () => {
    const { pages, asked, told, server, answer } = setUp(150)
    server.count = 80
    pages.want(0, 149)
    await answer()
    pages.want(0, 149)
    expect([told, asked]).toEqual([{ lines: 0, lost: 1 }, [0, 200]])
  })
})
