// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import { useStageType } from './stageType.ts'

afterEach(() => document.documentElement.removeAttribute('style'))

it('grows a terminal’s type with the page’s while it is on stage, also with another screen', () => {
  const isOn = shallowRef(false)
  const scope = effectScope()
  const size = scope.run(() => useStageType(shallowRef(13), () => isOn.value))
  expect(size?.value).toBe(13)
  document.documentElement.style.fontSize = '16px'
  isOn.value = true
  expect(size?.value).toBe(15)
  document.documentElement.style.fontSize = '32px'
  Object.defineProperty(window, 'innerWidth', { value: 3840, configurable: true })
  window.dispatchEvent(new Event('resize'))
  expect(size?.value).toBe(30)
  isOn.value = false
  expect(size?.value).toBe(13)
  scope.stop()
})
