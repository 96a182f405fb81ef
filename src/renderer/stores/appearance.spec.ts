// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { followLook, wearStage, type Look } from '@/appearance/look.ts'
import { createTestApp, createTestRoom, settle } from '@/room/testRoom.ts'
import { useAppearanceStore } from './appearance.ts'

const worn = (): string | undefined => document.documentElement.dataset['theme']
let system: EventTarget & { matches: boolean }

function open() {
  return createTestApp(createTestRoom()).use(useAppearanceStore)
}

beforeEach(() => {
  localStorage.clear()
  system = Object.assign(new EventTarget(), { matches: true })
  vi.spyOn(window, 'matchMedia').mockImplementation(() => system as unknown as MediaQueryList)
})
afterEach(() => {
  vi.restoreAllMocks()
  wearStage(false)
})

describe('the appearance', () => {
  it('is as the system says, also when that changes', () => {
    const appearance = open()
    expect([appearance.choice, worn()]).toEqual(['system', 'dark'])
    system.matches = false
    system.dispatchEvent(new Event('change'))
    expect(worn()).toBe('light')
  })

  it('is what somebody chose, remembered, whatever the system says later', () => {
    open().choose('light')
    expect(worn()).toBe('light')
    const again = open()
    expect([again.choice, worn()]).toEqual(['light', 'light'])
    system.dispatchEvent(new Event('change'))
    expect(worn()).toBe('light')
    again.choose('system')
    expect(worn()).toBe('dark')
  })

  it('does not trip over what is no theme', () => {
    localStorage.setItem('iron-cage.theme', 'plaid')
    expect(open().choice).toBe('system')
  })

  it('is told to whoever draws by hand: at once, and at each change', async () => {
    open()
    const looks: Look[] = []
    const stop = followLook((look) => looks.push(look))
    wearStage(true)
    await settle()
    expect(looks).toEqual([
      { theme: 'dark', isOnStage: false },
      { theme: 'dark', isOnStage: true },
    ])
    stop()
    wearStage(false)
    await settle()
    expect(looks).toHaveLength(2)
  })
})
