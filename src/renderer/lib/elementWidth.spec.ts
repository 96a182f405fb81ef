// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import { useElementWidth } from './elementWidth.ts'

afterEach(() => void vi.unstubAllGlobals())

function setUp() {
  const watched = new Set<Element>()
  let tell: (width: number) => void = () => {}
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: (entries: { contentRect: { width: number } }[]) => void) {
        tell = (width) => callback([{ contentRect: { width } }])
      }
      observe = (element: Element): unknown => watched.add(element)
      unobserve = (element: Element): unknown => watched.delete(element)
      disconnect = (): void => watched.clear()
    },
  )
  const element = shallowRef<Element | null>(document.createElement('div'))
  const scope = effectScope()
  const width = scope.run(() => useElementWidth(element))
  return { watched, tell: (now: number) => tell(now), scope, width }
}

describe('the width of an element', () => {
  it('is unknown at first, and then as it is drawn; while it is hidden it stays', () => {
    const { tell, width } = setUp()
    expect(width?.value).toBeNull()
    tell(640)
    expect(width?.value).toBe(640)
    tell(0)
    expect(width?.value).toBe(640)
  })

  it('is followed no longer than somebody wants it', () => {
    const { watched, scope } = setUp()
    expect(watched.size).toBe(1)
    scope.stop()
    expect(watched.size).toBe(0)
  })
})
