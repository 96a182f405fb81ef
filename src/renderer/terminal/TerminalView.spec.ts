// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { TerminalScreen } from './terminalFeed.ts'
import TerminalView from './TerminalView.vue'

const ROWS = 24

/** xterm.js measures letters on a canvas, which this page has none of. */
class MeasuringCanvas {
  getContext(): unknown {
    return { font: '', measureText: (text: string) => ({ width: text.length * 8, fontBoundingBoxAscent: 10, fontBoundingBoxDescent: 3 }) }
  }
}

async function open() {
  vi.stubGlobal('OffscreenCanvas', MeasuringCanvas)
  let screen: TerminalScreen | null = null
  const wrapper = mount(TerminalView, {
    attachTo: document.body,
    props: { agentId: 'lg-7a3f9c2d', canType: true, isSized: false, fontSize: 13, onReady: (ready: TerminalScreen) => (screen = ready) },
  })
  await nextTick()
  const write = async (text: string): Promise<void> => {
    await new Promise<void>((resolve) => (screen as unknown as TerminalScreen).write(text, resolve))
    await nextTick()
  }
  /** By its name, or by what stands on it. */
  const button = (name: string) => wrapper.findAll('button').find((one) => one.attributes('aria-label')?.startsWith(name) || one.text().includes(name))
  return { wrapper, write, button }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

const lines = (from: number, until: number): string => Array.from({ length: until - from + 1 }, (_, at) => `line ${from + at}\r\n`).join('')

describe('the terminal on the page', () => {
  it('says how many lines came below what one looks at, and goes there', async () => {
    const { write, button, wrapper } = await open()
    await write(lines(1, ROWS * 2))
    expect(button('Go to end')).toBeUndefined()
    await button('Hold the view')?.trigger('click')
    await write(lines(1, 1))
    expect(button('Go to end')?.text()).toBe('1 new line · Go to end')
    await write(lines(2, 1_234))
    expect(button('Go to end')?.text()).toBe('1,234 new lines · Go to end')
    await button('Go to end')?.trigger('click')
    expect(button('Hold the view')?.attributes('aria-pressed')).toBe('false')
    await write(lines(1, 5))
    expect(button('Go to end')).toBeUndefined()
    wrapper.unmount()
  })

  it('holds the view with the key for it, typed into the terminal', async () => {
    const { wrapper, button } = await open()
    await wrapper.get('textarea').trigger('keydown', { key: 'ScrollLock' })
    expect(button('Hold the view')?.attributes('aria-pressed')).toBe('true')
    await wrapper.get('textarea').trigger('keydown', { key: 'ScrollLock' })
    expect(button('Hold the view')?.attributes('aria-pressed')).toBe('false')
    wrapper.unmount()
  })

  it('says when something in it was redacted, and leads to what was found', async () => {
    const { wrapper, write, button } = await open()
    await write('nothing private\r\n')
    expect(button('redacted')).toBeUndefined()
    await write('mail [EMAIL_REDACTED] or [SSN_REDA')
    await write('CTED]\r\n')
    expect(button('redacted')?.text()).toBe('2 redacted')
    await button('redacted')?.trigger('click')
    expect(wrapper.emitted('show-redacted')).toHaveLength(1)
    wrapper.unmount()
  })

  it('copies all of it where nothing is selected', async () => {
    const { wrapper, write, button } = await open()
    const copied: string[] = []
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation((text) => {
      copied.push(text)
      return Promise.resolve()
    })
    await button('Copy selection')?.trigger('click')
    expect(wrapper.get('header [role="status"]').text()).toBe('There is nothing to copy yet')
    await write('one\r\ntwo\r\n')
    await button('Copy selection')?.trigger('click')
    await nextTick()
    expect(copied).toEqual(['one\ntwo'])
    expect(wrapper.get('header [role="status"]').text()).toBe('Copied 2 lines')
    wrapper.unmount()
  })
})
