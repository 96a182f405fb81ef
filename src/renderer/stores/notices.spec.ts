import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EVERY_NOTICE, filtered, type News } from '../notices/notice.ts'
import { createTestApp, createTestRoom } from '../room/testRoom.ts'
import { MOST_NOTICES, QUIET_MS, useNoticesStore } from './notices.ts'

beforeEach(() => void vi.useFakeTimers({ now: 5_000 }))
afterEach(() => void vi.useRealTimers())

const open = () => createTestApp(createTestRoom()).use(useNoticesStore)

function news(changes: Partial<News> = {}): News {
  return { about: 'a', kind: 'safety', weight: 'passing', tone: 'caution', agentId: null, title: 'One was taken out', sentence: 'Email.', at: 5_000, ...changes }
}

describe('notices', () => {
  it('of what went wrong stay until they are closed, three in sight at most and the others behind them', () => {
    const store = open()
    for (const text of ['one', 'two', 'three', 'four']) store.fail(new Error(text))
    vi.advanceTimersByTime(1_000_000)
    expect(store.shown.map(({ sentence }) => sentence)).toEqual(['four', 'three', 'two'])
    expect(store.waiting).toBe(1)
    store.close(store.shown[0]?.id ?? 0)
    expect(store.shown.map(({ sentence }) => sentence)).toEqual(['three', 'two', 'one'])
    expect(store.notices).toHaveLength(3)
  })

  it('say the same thing once, and count it', () => {
    const store = open()
    for (let time = 0; time < 5; time++) store.fail(new Error('The connection is lost.'))
    expect(store.notices.map(({ times }) => times)).toEqual([5])
  })

  it('are kept after they went by themselves, unread, and read once somebody put them away', () => {
    const store = open()
    store.tell(news())
    store.tell(news({ about: 'b' }))
    store.putAway([store.notices[0]?.id ?? 0])
    vi.advanceTimersByTime(8_000)
    expect(store.shown).toEqual([])
    expect(store.notices.map(({ about, isRead }) => [about, isRead])).toEqual([['b', true], ['a', false]])
    expect(store.unread).toBe(1)
    expect(filtered(store.notices, { ...EVERY_NOTICE, isUnreadOnly: true }).map(({ about }) => about)).toEqual(['a'])
    store.readAll()
    expect(store.unread).toBe(0)
  })

  it('of what was refused here are not kept once they are closed', () => {
    const store = open()
    store.putAway([store.fail(new Error('It has stopped already.'))])
    expect(store.notices).toEqual([])
  })

  it('are first and unread again when there is news of the same', () => {
    const store = open()
    const id = store.tell(news())
    store.tell(news({ about: 'b' }))
    store.readAll()
    store.tell(news({ title: 'Two were taken out' }))
    expect(store.notices.map(({ about, title, isRead, times }) => [about, title, isRead, times])).toEqual([
      ['a', 'Two were taken out', false, 2],
      ['b', 'One was taken out', true, 1],
    ])
    expect(store.notices[0]?.id).toBe(id)
  })

  it('do not come before the eyes again for a minute after they went, unless it is worse', () => {
    const store = open()
    const id = store.tell(news())
    store.putAway([id])
    store.tell(news())
    expect(store.shown).toEqual([])
    store.tell(news({ weight: 'notable' }))
    expect(store.shown).toHaveLength(1)
    store.putAway([id])
    vi.advanceTimersByTime(QUIET_MS - 1)
    store.tell(news({ weight: 'notable' }))
    expect(store.shown).toEqual([])
    vi.advanceTimersByTime(1)
    store.tell(news({ weight: 'notable' }))
    expect(store.shown).toHaveLength(1)
    store.putAway([id])
    store.tell(news({ weight: 'urgent' }))
    store.putAway([id])
    store.tell(news({ weight: 'urgent' }))
    expect(store.shown).toHaveLength(1)
  })

  it('disturb nobody where that is not wanted', () => {
    const store = open()
    store.tell(news({ isSilent: true }))
    store.tell(news({ about: 'b', isSeen: true }))
    expect(store.shown).toEqual([])
    expect(store.notices.map(({ isRead }) => isRead)).toEqual([true, false])
    store.tell(news())
    store.tell(news({ isSeen: true }))
    expect(store.shown).toEqual([])
  })

  it('change what they say without being told anew', () => {
    const store = open()
    store.tell(news())
    store.readAll()
    store.amend('a', { facts: [{ word: 'Calls', value: '33' }] })
    expect(store.notices[0]).toMatchObject({ isRead: true, times: 1, facts: [{ word: 'Calls', value: '33' }] })
  })

  it('are kept up to a number, and cleared', () => {
    const store = open()
    for (let one = 0; one <= MOST_NOTICES; one++) store.tell(news({ about: `${one}` }))
    expect(store.notices).toHaveLength(MOST_NOTICES)
    expect([store.shown.length, store.waiting]).toEqual([3, MOST_NOTICES - 3])
    store.clear(store.notices.map(({ id }) => id))
    expect([store.notices.length, store.shown.length, store.waiting]).toEqual([0, 0, 0])
  })

  it('come back where they were once somebody wants back what was cleared, read, and never beside news of the same', () => {
    const store = open()
    store.tell(news({ about: 'old', at: 1 }))
    store.tell(news({ about: 'told again', at: 2 }))
    store.tell(news({ about: 'new', at: 3 }))
    const cleared = store.notices.slice(1)
    store.clear(cleared.map(({ id }) => id))
    store.tell(news({ about: 'told again', at: 4 }))
    store.putBack(cleared)
    expect(store.notices.map(({ about, at, isRead }) => [about, at, isRead])).toEqual([['told again', 4, false], ['new', 3, false], ['old', 1, true]])
  })

  it('are said aloud at leisure, a few at once; what is urgent says itself', () => {
    const store = open()
    store.tell(news({ title: 'One' }))
    expect(store.spoken).toBe('One.')
    for (const title of ['Two', 'Three', 'Four', 'Five']) store.tell(news({ about: title, title }))
    store.tell(news({ about: 'Two', title: 'Two and more' }))
    store.tell(news({ about: 'worst', title: 'Halted', weight: 'urgent' }))
    expect(store.spoken).toBe('One.')
    vi.advanceTimersByTime(3_000)
    expect(store.spoken).toBe('Two and more. Three. And 2 more.')
  })
})
