// @vitest-environment happy-dom
import { effectScope, nextTick, shallowRef } from 'vue'
import { expect, it } from 'vitest'
import { createTestTiming } from '@/room/testRoom.ts'
import { useStillCursor } from './stillCursor.ts'

const cursor = (): string | undefined => document.documentElement.dataset['cursor']
const move = (clientX: number, clientY: number): unknown => window.dispatchEvent(Object.assign(new Event('pointermove'), { clientX, clientY }))

it('hides a cursor that rests, whatever the hand trembles, until somebody means to move it', async () => {
  const timing = createTestTiming()
  const isOn = shallowRef(false)
  const scope = effectScope()
  scope.run(() => useStillCursor(() => isOn.value, timing))
  move(100, 100)
  timing.pass(10_000)
  expect(cursor()).toBeUndefined()
  isOn.value = true
  await nextTick()
  move(100, 100)
  timing.pass(2_499)
  expect(cursor()).toBeUndefined()
  timing.pass(1)
  expect(cursor()).toBe('hidden')
  move(104, 97)
  expect(cursor()).toBe('hidden')
  move(140, 97)
  expect(cursor()).toBeUndefined()
  timing.pass(2_500)
  expect(cursor()).toBe('hidden')
  isOn.value = false
  await nextTick()
  expect(cursor()).toBeUndefined()
  scope.stop()
})
