// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { clampFontSize, useFontSize } from './fontSize.ts'

const use = () => effectScope().run(() => useFontSize()) as ReturnType<typeof useFontSize>

describe('the size of type', () => {
  beforeEach(() => localStorage.clear())

  it('stays readable', () => {
    expect([clampFontSize(2), clampFontSize(13.4), clampFontSize(90)]).toEqual([10, 13, 24])
  })

  it('is remembered', async () => {
    const first = use()
    first.change(3)
    await nextTick()
    expect(use().fontSize.value).toBe(16)
    first.reset()
    await nextTick()
    expect(use().fontSize.value).toBe(13)
  })

  it('survives nonsense', () => {
    localStorage.setItem('iron-cage.terminal.font-size', 'huge')
    expect(use().fontSize.value).toBe(13)
  })
})
