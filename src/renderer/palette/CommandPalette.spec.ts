// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import CommandPalette from './CommandPalette.vue'
import type { PaletteEntry } from './paletteEntry.ts'

let wrapper: VueWrapper | null = null
afterEach(() => {
  wrapper?.unmount()
  document.body.innerHTML = ''
})

async function open(more: readonly string[] = []) {
  const done: string[] = []
  const entry = (id: string, words: string, group: string): PaletteEntry => ({ id, words, group, icon: () => null, act: () => done.push(id) })
  const entries = [entry('lead', 'lead_gen_agent.py', 'Agents'), entry('cost', 'Cost', 'Panels'), entry('stop', 'Stop lead_gen_agent.py', 'Actions'), ...more.map((id) => entry(id, id, 'Start again'))]
  wrapper = mount(CommandPalette, { props: { entries }, attachTo: document.body })
  await nextTick()
  const field = document.querySelector<HTMLInputElement>('[role="combobox"]')
  if (!field) throw new Error('There is no field.')
  return {
    done,
    field,
    wrapper,
    options: () => [...document.querySelectorAll('[role="option"]')].map((one) => one.id),
    chosen: () => document.querySelector('[aria-selected="true"]')?.id,
    async type(text: string) {
      field.value = text
      field.dispatchEvent(new Event('input'))
      await nextTick()
    },
    async press(key: string, more: KeyboardEventInit = {}) {
      field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
      await nextTick()
      await nextTick()
    },
  }
}

describe('the palette', () => {
  it('has the first of what is found chosen, and says so to whoever does not see it', async () => {
    const { options, chosen, field, type } = await open()
    expect(options()).toEqual(['palette-lead', 'palette-cost', 'palette-stop'])
    await type('stop')
    expect(options()).toEqual(['palette-stop'])
    expect([chosen(), field.getAttribute('aria-activedescendant')]).toEqual(['palette-stop', 'palette-stop'])
  })

  it('is walked with the arrow keys, around its ends, and does what is chosen once it is gone', async () => {
    const { chosen, press, done, wrapper } = await open()
    await press('ArrowDown')
    expect(chosen()).toBe('palette-cost')
    await press('ArrowDown')
    await press('ArrowDown')
    expect(chosen()).toBe('palette-lead')
    await press('ArrowUp')
    expect(chosen()).toBe('palette-stop')
    await press('Enter')
    expect(wrapper.emitted('close')).toHaveLength(1)
    expect(done).toEqual(['stop'])
  })

  it('leaves its keys to whoever composes a letter', async () => {
    const { chosen, press, done } = await open()
    await press('ArrowDown', { isComposing: true })
    await press('Enter', { isComposing: true })
    expect([chosen(), done]).toEqual(['palette-lead', []])
  })

  it('says that nothing is called so', async () => {
    const { options, type, press, done } = await open()
    await type('zebra')
    expect(options()).toEqual([])
    expect(document.body.textContent).toContain('Nothing is called “zebra”.')
    await press('Enter')
    expect(done).toEqual([])
  })

  it('points at what is chosen, whatever it is called', async () => {
    const { field, type } = await open(['my docs'])
    await type('docs')
    const chosen = document.querySelector('[aria-selected="true"]')
    expect([chosen?.id, field.getAttribute('aria-activedescendant')]).toEqual(['palette-my%20docs', 'palette-my%20docs'])
  })

  it('goes at Escape', async () => {
    const { press, wrapper } = await open()
    await press('Escape')
    expect(wrapper.emitted('close')).toHaveLength(1)
  })
})
