// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { NoticeAction } from '../stores/noticeActions.ts'
import { sampleNotice } from './testNotices.ts'
import ToastStack from './ToastStack.vue'

function show(props: { notices?: ReturnType<typeof sampleNotice>[]; waiting?: number; actions?: NoticeAction[] } = {}) {
  const { notices = [sampleNotice()], waiting = 0, actions = [] } = props
  return mount(ToastStack, { attachTo: document.body, props: { notices, waiting, actionsOf: () => actions } })
}

describe('notices in front of the room', () => {
  it('show their breakdown and the sanitised preview, with its markers', () => {
    const wrapper = show({ notices: [sampleNotice({ facts: [{ word: 'Kept away', value: '66 leads' }], preview: 'Contact [EMAIL_REDACTED] today' })] })
    expect(wrapper.find('dl').text()).toBe('Kept away66 leads')
    expect(wrapper.find('mark').text()).toBe('[EMAIL_REDACTED]')
    wrapper.unmount()
  })

  it('interrupt only for what is urgent; a breaker’s running figures never', () => {
    const wrapper = show({
      notices: [sampleNotice({ id: 3, weight: 'urgent', kind: 'service' }), sampleNotice({ id: 2 }), sampleNotice({ id: 1, weight: 'urgent' })],
    })
    expect(wrapper.findAll('[data-notice]').map((one) => one.attributes('role'))).toEqual(['alert', 'group', 'group'])
    wrapper.unmount()
  })

  it('have all of their words only where they stand first; behind it a line, a title that leads on, and decisions', async () => {
    const pressed: string[] = []
    const act = (key: NoticeAction['key'], word: string): NoticeAction => ({ key, word, isHeld: false, act: () => void pressed.push(key) })
    const wrapper = show({
      notices: [sampleNotice({ id: 2, facts: [{ word: 'Kept away', value: '66 leads' }] }), sampleNotice({ id: 1, kind: 'service', facts: [{ word: 'Calls', value: '33' }] })],
      actions: [act('approve', 'Approve $25 increase'), act('show', 'Show it')],
    })
    const [folded, whole] = wrapper.findAll('[data-notice]')
    expect(whole?.find('dl').text()).toBe('Kept away66 leads')
    expect(whole?.findAll('button').map((one) => one.text())).toEqual(['Approve $25 increase', 'Show it', ''])
    expect(folded?.find('dl').exists()).toBe(false)
    expect(folded?.text()).toContain('Calls 33')
    expect(folded?.findAll('button').map((one) => one.text())).toEqual(['lead_gen_agent.py: 1 private thing was taken out', 'Approve $25 increase', ''])
    await folded?.get('button').trigger('click')
    expect(pressed).toEqual(['show'])
    wrapper.unmount()
  })

  it('have the decision about a budget on their buttons', async () => {
    let times = 0
    const wrapper = show({
      notices: [sampleNotice({ kind: 'budget', title: '90.4% of the budget is used' })],
      actions: [
        { key: 'approve', word: 'Approve $25 increase', isHeld: false, act: () => (times += 1) },
        { key: 'other', word: 'Other amount…', isHeld: true, act: () => {} },
      ],
    })
    const region = wrapper.get('[role="region"][aria-label="Budget notice"]')
    expect(region.findAll('button').map((one) => [one.attributes('aria-label') ?? one.text(), one.attributes('disabled') !== undefined])).toEqual([
      ['Approve $25 increase', false],
      ['Other amount…', true],
      ['Dismiss', false],
    ])
    await region.get('button').trigger('click')
    await region.get('[aria-label="Dismiss"]').trigger('click')
    expect([times, wrapper.emitted('close')]).toEqual([1, [[1]]])
    wrapper.unmount()
  })

  it('wait for whoever has the pointer or the focus on them, and go on when both are elsewhere', async () => {
    const wrapper = show({ notices: [sampleNotice({ id: 2 }), sampleNotice({ id: 1 })] })
    const stack = wrapper.get('[aria-label="Notices"] > div')
    await stack.trigger('pointerenter')
    await stack.trigger('pointerleave')
    expect([wrapper.emitted('hold')?.length, wrapper.emitted('release')?.length]).toEqual([1, 1])
    const [first, second] = wrapper.findAll('button')
    first?.element.focus()
    second?.element.focus()
    expect(wrapper.emitted('release')).toHaveLength(1)
    second?.element.blur()
    expect(wrapper.emitted('release')).toHaveLength(2)
    wrapper.unmount()
  })

  it('say how many more there are, and lead to all of them', async () => {
    const wrapper = show({ waiting: 4 })
    const more = wrapper.findAll('button').find((one) => one.text().includes('And 4 more notifications'))
    await more?.trigger('click')
    expect(wrapper.emitted('showAll')).toHaveLength(1)
    wrapper.unmount()
  })
})
