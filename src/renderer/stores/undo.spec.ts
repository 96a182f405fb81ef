import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestApp, createTestRoom, settle } from '@/room/testRoom.ts'
import { useNoticesStore } from './notices.ts'
import { UNDO_LIFE_MS, useUndoStore } from './undo.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const { use } = createTestApp(createTestRoom())
  const done: string[] = []
  const thing = (name: string) => ({ sentence: `${name} was removed.`, undo: () => void done.push(`undo ${name}`), settle: () => void done.push(`settle ${name}`) })
  return { undo: use(useUndoStore), notices: use(useNoticesStore), done, thing }
}

describe('what can be undone', () => {
  it('is put off until its time is over', async () => {
    const { undo, done, thing } = setUp()
    undo.offer(thing('A'))
    vi.advanceTimersByTime(UNDO_LIFE_MS - 1)
    expect(undo.offered?.sentence).toBe('A was removed.')
    vi.advanceTimersByTime(1)
    await settle()
    expect([undo.offered, done]).toEqual([null, ['settle A']])
    await undo.undo()
    expect(done).toEqual(['settle A'])
  })

  it('is undone once', async () => {
    const { undo, done, thing } = setUp()
    undo.offer(thing('A'))
    await undo.undo()
    await undo.undo()
    vi.advanceTimersByTime(UNDO_LIFE_MS)
    await settle()
    expect(done).toEqual(['undo A'])
  })

  it('is settled by the next thing', async () => {
    const { undo, done, thing } = setUp()
    undo.offer(thing('A'))
    undo.offer(thing('B'))
    await undo.undo()
    expect(done).toEqual(['settle A', 'undo B'])
  })

  it('waits for whoever has a hand on it', async () => {
    const { undo, done, thing } = setUp()
    undo.offer(thing('A'))
    undo.hold()
    vi.advanceTimersByTime(UNDO_LIFE_MS * 5)
    expect(done).toEqual([])
    undo.release()
    vi.advanceTimersByTime(UNDO_LIFE_MS)
    await settle()
    expect(done).toEqual(['settle A'])
  })

  it('says why where it could not be', async () => {
    const { undo, notices } = setUp()
    undo.offer({ sentence: 'KEY was deleted.', undo: () => Promise.reject(new Error('It is gone for good.')) })
    await undo.undo()
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['It is gone for good.'])
  })
})
