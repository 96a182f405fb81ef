// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDesktopBridge } from '../room/testDesktopBridge.ts'
import { createTestTiming, settle } from '../room/testRoom.ts'
import { copyForAWhile, IN_CLIPBOARD_MS } from './clipboardLease.ts'

const clipboard = { text: '', permission: 'granted' as PermissionState | 'unknown', isInFront: true, reads: 0 }

beforeEach(() => {
  Object.assign(clipboard, { text: '', permission: 'granted', isInFront: true, reads: 0 })
  vi.stubGlobal('navigator', {
    clipboard: {
      writeText: async (text: string) => {
        if (!clipboard.isInFront) throw new Error('not in front')
        clipboard.text = text
      },
      readText: async () => {
        clipboard.reads++
        if (!clipboard.isInFront || clipboard.permission === 'denied') throw new Error('not allowed')
        return clipboard.text
      },
    },
    permissions: {
      query: async () => {
        if (clipboard.permission === 'unknown') throw new TypeError('no such permission')
        return { state: clipboard.permission }
      },
    },
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const holds = (text: string): Promise<void> => expect.poll(() => clipboard.text).toBe(text) as Promise<void>

describe('a copied secret', () => {
  it('is taken out of the clipboard after a minute', async () => {
    const timing = createTestTiming()
    expect(await copyForAWhile('sk-invented', timing)).toBe('cleared-later')
    timing.pass(IN_CLIPBOARD_MS - 1)
    expect(clipboard.text).toBe('sk-invented')
    timing.pass(1)
    await holds('')
  })

  it('leaves alone what somebody else has copied since', async () => {
    const timing = createTestTiming()
    await copyForAWhile('sk-invented', timing)
    clipboard.text = 'a shopping list'
    const digest = vi.spyOn(crypto.subtle, 'digest')
    timing.pass(IN_CLIPBOARD_MS)
    await expect.poll(() => digest.mock.results.length).toBe(1)
    // What follows from the comparison follows at once.
    await digest.mock.results[0]?.value
    await settle()
    expect(clipboard.text).toBe('a shopping list')
  })

  it('counts anew when it is copied again', async () => {
    const timing = createTestTiming()
    await copyForAWhile('sk-invented', timing)
    timing.pass(IN_CLIPBOARD_MS / 2)
    await copyForAWhile('sk-invented', timing)
    const { reads } = clipboard
    timing.pass(IN_CLIPBOARD_MS / 2)
    expect([clipboard.text, clipboard.reads]).toEqual(['sk-invented', reads])
    timing.pass(IN_CLIPBOARD_MS / 2)
    await holds('')
  })

  it('waits until the window is in front again', async () => {
    const timing = createTestTiming()
    await copyForAWhile('sk-invented', timing)
    clipboard.isInFront = false
    const { reads } = clipboard
    timing.pass(IN_CLIPBOARD_MS)
    await expect.poll(() => clipboard.reads).toBe(reads + 1)
    clipboard.isInFront = true
    await expect
      .poll(() => {
        window.dispatchEvent(new Event('focus'))
        return clipboard.text
      })
      .toBe('')
  })

  it.each(['denied', 'unknown'] as const)('stays where nobody may look: %s', async (permission) => {
    clipboard.permission = permission
    expect(await copyForAWhile('sk-invented', createTestTiming())).toBe('stays')
    expect(clipboard.reads).toBe(0)
  })

  it('asks the browser’s user at once, and not a minute later', async () => {
    clipboard.permission = 'prompt'
    expect(await copyForAWhile('sk-invented', createTestTiming())).toBe('cleared-later')
    expect(clipboard.reads).toBe(1)
  })

  it.each([
    [true, 'cleared-later'],
    [false, 'refused'],
  ] as const)('is the desktop window’s to copy and to clear, where there is one: %s', async (isDone, outcome) => {
    const { bridge, posted, tell, listening } = createTestDesktopBridge()
    vi.stubGlobal('controlRoom', { desktop: bridge })
    const copying = copyForAWhile('sk-invented', createTestTiming())
    expect([posted, clipboard.text]).toEqual([[{ kind: 'copy', text: 'sk-invented' }], ''])
    tell({ kind: 'mayNotify', isSupported: true })
    tell({ kind: 'copied', isDone })
    expect([await copying, listening()]).toEqual([outcome, 0])
  })
})
