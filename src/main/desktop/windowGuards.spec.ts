import { EventEmitter } from 'node:events'
import type { BrowserWindow, WebContents } from 'electron'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { settle } from './testDesktop.ts'
import { guardContents } from './windowGuards.ts'

const desktop = vi.hoisted(() => ({ asked: [] as string[], opened: [] as string[], answer: 1 }))

vi.mock('electron', () => ({
  dialog: {
    showMessageBox: async (_window: unknown, { detail }: { detail: string }) => {
      desktop.asked.push(detail)
      return { response: desktop.answer }
    },
  },
  shell: { openExternal: async (link: string) => void desktop.opened.push(link) },
}))

type OpenHandler = (details: { url: string }) => { action: string }

function guarded(window: object | null = { isDestroyed: () => false }) {
  let openHandler: OpenHandler = () => ({ action: 'allow' })
  const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: (handler: OpenHandler) => void (openHandler = handler) })
  guardContents(contents as unknown as WebContents, () => window as BrowserWindow | null)
  const isPrevented = (event: string, url: string): boolean => {
    let isSo = false
    contents.emit(event, { url, preventDefault: () => void (isSo = true) })
    return isSo
  }
  return { isPrevented, open: (url: string) => openHandler({ url }) }
}

beforeEach(() => void Object.assign(desktop, { asked: [], opened: [], answer: 1 }))

const ELSEWHERE = ['https://evil.example/', 'http://127.0.0.1/', 'file:///etc/passwd', 'data:text/html,x', 'about:blank', 'javascript:alert(1)', 'app://elsewhere/', 'app://control-room/assets/page.js', 'app://control-room.evil.example/', 'iron-cage://open']

describe('whatever shows a page', () => {
  it.each(ELSEWHERE)('goes not to %s, in whichever frame', (url) => {
    const { isPrevented } = guarded()
    expect(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'].map((event) => isPrevented(event, url))).toEqual([true, true, true, true])
  })

  it('stays on its start page, and is led nowhere else from there', () => {
    const { isPrevented } = guarded()
    expect(isPrevented('will-navigate', 'app://control-room/#/launch')).toBe(false)
    expect(isPrevented('will-redirect', 'app://control-room/')).toBe(true)
    expect(isPrevented('will-attach-webview', 'app://control-room/')).toBe(true)
  })
})

describe('a new window', () => {
  it('is none, whatever it would show; a web address is asked about, and opened in a browser by a yes alone', async () => {
    const { open } = guarded()
    expect(open('https://docs.example/a?b#c')).toEqual({ action: 'deny' })
    await settle()
    expect([desktop.asked, desktop.opened]).toEqual([['https://docs.example/a?b#c'], []])
    desktop.answer = 0
    expect(open('https://docs.example/')).toEqual({ action: 'deny' })
    await settle()
    expect(desktop.opened).toEqual(['https://docs.example/'])
  })

  it.each(ELSEWHERE.filter((url) => !url.startsWith('http')))('is not even asked about for %s', async (url) => {
    desktop.answer = 0
    expect(guarded().open(url)).toEqual({ action: 'deny' })
    await settle()
    expect([desktop.asked, desktop.opened]).toEqual([[], []])
  })

  it('is not asked about where there is no window to ask in', async () => {
    expect(guarded(null).open('https://docs.example/')).toEqual({ action: 'deny' })
    await settle()
    expect(desktop.asked).toEqual([])
  })
})
