// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { ConnectionState } from './connection.ts'
import RoomHeader from './RoomHeader.vue'

const show = (connection: ConnectionState, props: { now?: number; lostAt?: number | null } = {}) =>
  mount(RoomHeader, { props: { connection, now: 10_000, running: 2, role: 'admin', lostAt: null, ...props } })

describe('the header', () => {
  it('says whether the room is there, and how many agents run', () => {
    expect(show({ kind: 'open' }).text()).toContain('Connected')
    expect(show({ kind: 'open' }).text()).toContain('2 running')
    expect(show({ kind: 'connecting' }).text()).toContain('Connecting…')
  })

  it('says when it tries again, where that is worth a number, and tries at once when told to', async () => {
    expect(show({ kind: 'reconnecting', attempt: 1, retryAt: 10_400 }).text()).not.toContain('next try')
    const wrapper = show({ kind: 'reconnecting', attempt: 5, retryAt: 14_100 })
    expect(wrapper.text()).toContain('next try in 5 s')
    await wrapper.find('button').trigger('click')
    expect(wrapper.emitted('retry')).toHaveLength(1)
  })

  it('says from when on it is old, once that is worth saying', () => {
    const gone: ConnectionState = { kind: 'reconnecting', attempt: 1, retryAt: 0 }
    expect(show(gone, { lostAt: 9_500 }).text()).not.toContain('as it was at')
    expect(show(gone, { lostAt: new Date(2026, 10, 21, 14, 23, 45).getTime(), now: new Date(2026, 10, 21, 14, 24).getTime() }).text()).toContain(
      'What you see is as it was at 14:23:45.',
    )
  })
})
