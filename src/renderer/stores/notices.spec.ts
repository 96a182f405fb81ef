import { describe, expect, it } from 'vitest'
import { createTestApp, createTestRoom } from '../room/testRoom.ts'
import { useNoticesStore } from './notices.ts'

describe('notices', () => {
  it('stay until they are closed, three at most, the newest last', () => {
    const store = createTestApp(createTestRoom()).use(useNoticesStore)
    for (const text of ['one', 'two', 'three', 'four']) store.fail(new Error(text))
    expect(store.notices.map((notice) => notice.sentence)).toEqual(['two', 'three', 'four'])
    store.close(store.notices[0]?.id ?? 0)
    expect(store.notices.map((notice) => notice.sentence)).toEqual(['three', 'four'])
  })

  it('say the same thing once', () => {
    const store = createTestApp(createTestRoom()).use(useNoticesStore)
    for (let time = 0; time < 5; time++) store.fail(new Error('The connection is lost.'))
    expect(store.notices).toHaveLength(1)
  })
})
