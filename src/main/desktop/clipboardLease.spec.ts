import { beforeEach, describe, expect, it } from 'vitest'
import { createClipboardLease, IN_CLIPBOARD_MS, type ClipboardLease } from './clipboardLease.ts'
import { createTestDesktop, settle } from './testDesktop.ts'

let clipboard: ReturnType<typeof createTestDesktop>['clipboard']
let timers: { at: number; action: () => void }[]
let now: number
let lease: ClipboardLease

beforeEach(() => {
  ;({ clipboard } = createTestDesktop())
  timers = []
  now = 0
  const after = (delayMs: number, action: () => void): { cancel(): void } => {
    const timer = { at: now + delayMs, action }
    timers.push(timer)
    return { cancel: () => (timers = timers.filter((other) => other !== timer)) }
  }
  lease = createClipboardLease(clipboard, { after })
})

async function pass(ms: number): Promise<void> {
  now += ms
  const due = timers.filter(({ at }) => at <= now)
  timers = timers.filter(({ at }) => at > now)
  for (const { action } of due) action()
  await settle()
}

describe('a secret in the clipboard', () => {
  it('is there for a minute', async () => {
    expect(await lease.copy('sk-invented')).toBe(true)
    await pass(IN_CLIPBOARD_MS - 1)
    expect(clipboard.text).toBe('sk-invented')
    await pass(1)
    expect(clipboard.text).toBe('')
  })

  it('leaves alone what somebody has copied since', async () => {
    await lease.copy('sk-invented')
    clipboard.text = 'a shopping list'
    await pass(IN_CLIPBOARD_MS)
    expect(clipboard.text).toBe('a shopping list')
  })

  it('has its minute from the last time it was copied', async () => {
    await lease.copy('sk-invented')
    await pass(IN_CLIPBOARD_MS / 2)
    await lease.copy('sk-invented')
    await pass(IN_CLIPBOARD_MS / 2)
    expect(clipboard.text).toBe('sk-invented')
    await pass(IN_CLIPBOARD_MS / 2)
    expect(clipboard.text).toBe('')
  })

  it('goes at once when the room closes, and nothing happens later', async () => {
    await lease.copy('sk-invented')
    await lease.release()
    expect([clipboard.text, timers]).toEqual(['', []])
    clipboard.text = 'sk-invented'
    await lease.release()
    expect(clipboard.text).toBe('sk-invented')
  })

  it('does not come in any more once the room closes, not even when it was on its way', async () => {
    const copying = lease.copy('sk-invented')
    await lease.release()
    expect([await copying, clipboard.text, timers]).toEqual([false, '', []])
    expect([await lease.copy('sk-invented'), clipboard.text, timers]).toEqual([false, '', []])
  })

  it('is told when it could not be copied, and hurts nobody when it cannot be looked for', async () => {
    clipboard.isRefused = true
    expect([await lease.copy('sk-invented'), timers]).toEqual([false, []])
    clipboard.isRefused = false
    await lease.copy('sk-invented')
    clipboard.isRefused = true
    await pass(IN_CLIPBOARD_MS)
    expect(clipboard.text).toBe('sk-invented')
  })
})
