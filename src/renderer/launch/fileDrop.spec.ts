// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { useFileDrop } from './fileDrop.ts'

let wrapper: ReturnType<typeof mount> | null = null
afterEach(() => wrapper?.unmount())

function setUp(canTake = true) {
  const taken: string[][] = []
  const Zone = defineComponent(() => {
    const { isOver } = useFileDrop({ canTake: () => canTake, onFiles: (files) => taken.push(files.map((file) => file.name)) })
    return () => h('div', [h('span', isOver.value ? 'over' : 'away'), h('input')])
  })
  wrapper = mount(Zone, { attachTo: document.body })
  return { taken, wrapper, text: () => wrapper?.find('span').text() }
}

/** As the browser sends it: with what is dragged, and cancellable. */
function drag(type: string, target: EventTarget, data: { types: string[]; files?: File[] } = { types: ['Files'] }): DragEvent {
  const event = new Event(type, { bubbles: true, cancelable: true }) as DragEvent
  Object.defineProperty(event, 'dataTransfer', { value: { dropEffect: 'none', files: data.files ?? [], types: data.types } })
  target.dispatchEvent(event)
  return event
}

describe('dropping files on the window', () => {
  it('shows the files above it until they have left, over however many elements they move', async () => {
    const { wrapper, text } = setUp()
    drag('dragenter', document.body)
    drag('dragenter', wrapper.element)
    drag('dragleave', document.body)
    await wrapper.vm.$nextTick()
    expect(text()).toBe('over')
    drag('dragleave', wrapper.element)
    await wrapper.vm.$nextTick()
    expect(text()).toBe('away')
  })

  it('takes what is dropped and lets the page stay where it is', async () => {
    const { taken, wrapper, text } = setUp()
    drag('dragenter', document.body)
    expect(drag('dragover', document.body).dataTransfer?.dropEffect).toBe('copy')
    const drop = drag('drop', document.body, { types: ['Files'], files: [new File(['x'], 'agent.py')] })
    await wrapper.vm.$nextTick()
    expect(drop.defaultPrevented).toBe(true)
    expect(taken).toEqual([['agent.py']])
    expect(text()).toBe('away')
  })

  it('never lets a dropped link lead away', () => {
    const { taken } = setUp()
    expect(drag('dragover', document.body, { types: ['text/uri-list'] }).defaultPrevented).toBe(true)
    expect(drag('drop', document.body, { types: ['text/uri-list'] }).defaultPrevented).toBe(true)
    expect(taken).toEqual([])
  })

  it('leaves text that is dropped on a field to the field, but not a file', () => {
    const { wrapper } = setUp()
    const field = wrapper.find('input').element
    expect(drag('drop', field, { types: ['text/plain'] }).defaultPrevented).toBe(false)
    expect(drag('drop', field, { types: ['Files'], files: [new File(['x'], 'a.py')] }).defaultPrevented).toBe(true)
  })

  it('takes nothing while nothing may be started, and shows so', () => {
    const { taken } = setUp(false)
    expect(drag('dragover', document.body).dataTransfer?.dropEffect).toBe('none')
    expect(drag('drop', document.body, { types: ['Files'], files: [new File(['x'], 'agent.py')] }).defaultPrevented).toBe(true)
    expect(taken).toEqual([])
  })

  it('forgets a drag that was called off', async () => {
    const { wrapper, text } = setUp()
    drag('dragenter', document.body)
    window.dispatchEvent(new Event('mousemove'))
    await wrapper.vm.$nextTick()
    expect(text()).toBe('away')
  })
})
