// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Activity } from '../stores/activity.ts'
import ActivityPanel from './ActivityPanel.vue'

const line = (changes: Partial<Activity> = {}): Activity => ({
  seq: 1,
  at: new Date(2026, 10, 21, 14, 23, 45).getTime(),
  severity: 'WARN',
  agentId: 'lg-7a3f9c2d',
  message: 'It starts again in 2 s.',
  ...changes,
})

describe('activity', () => {
  it('writes time, severity in a word, and what happened', () => {
    const wrapper = mount(ActivityPanel, { props: { activities: [line()], agentId: null } })
    expect(wrapper.find('li').text().replace(/\s+/g, ' ')).toBe('[14:23:45] WARN It starts again in 2 s.')
  })

  it('marks what happened to the room itself', () => {
    const wrapper = mount(ActivityPanel, { props: { activities: [line({ agentId: null })], agentId: null } })
    expect(wrapper.find('li').text()).toContain('room')
  })

  it('says when nothing has happened', () => {
    expect(mount(ActivityPanel, { props: { activities: [], agentId: null } }).text()).toContain('Nothing has happened yet.')
  })

  it('stays where somebody reads, and offers the way back', async () => {
    const wrapper = mount(ActivityPanel, { props: { activities: [line()], agentId: 'a' } })
    const list = wrapper.find('ol').element
    Object.defineProperties(list, { scrollHeight: { value: 1_000 }, clientHeight: { value: 100 } })
    list.scrollTop = 200
    await wrapper.find('ol').trigger('scroll')
    await wrapper.setProps({ activities: [line(), line({ seq: 2 })] })
    await wrapper.vm.$nextTick()
    expect(list.scrollTop).toBe(200)
    await wrapper.find('button').trigger('click')
    expect(list.scrollTop).toBe(1_000)
  })

  it('follows what happens when nobody reads further up', async () => {
    const wrapper = mount(ActivityPanel, { props: { activities: [line()], agentId: 'a' } })
    const list = wrapper.find('ol').element
    Object.defineProperties(list, { scrollHeight: { value: 1_000 }, clientHeight: { value: 100 } })
    await wrapper.setProps({ activities: [line(), line({ seq: 2 })] })
    await wrapper.vm.$nextTick()
    expect(list.scrollTop).toBe(1_000)
  })

  it('does not look again at a thousand lines when one is added', async () => {
    let looks = 0
    const watched: Activity = {
      ...line(),
      get message() {
        looks++
        return 'It runs.'
      },
    }
    const wrapper = mount(ActivityPanel, { props: { activities: [watched], agentId: null } })
    const looksBefore = looks
    await wrapper.setProps({ activities: [watched, line({ seq: 2 })] })
    expect(wrapper.findAll('li')).toHaveLength(2)
    expect(looks).toBe(looksBefore)
  })
})
