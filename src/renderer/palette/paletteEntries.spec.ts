// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest'
import { wearStage } from '@/appearance/look.ts'
import { sampleDemo, sampleRun } from '@/demo/testDemo.ts'
import { createTestApp, createTestRoom, settle } from '@/room/testRoom.ts'
import { useDemoStore } from '@/stores/demo.ts'
import { useLaunchStore } from '@/stores/launch.ts'
import { useRoomStore } from '@/stores/room.ts'
import { useStageModeStore } from '@/stores/stageMode.ts'
import { sampleStage } from '@/secrets/testSecrets.ts'
import { usePaletteEntries } from './paletteEntries.ts'

beforeEach(() => sessionStorage.clear())
afterEach(() => wearStage(false))

it('on stage the palette, like the head of the room, shows no audience where scripts lie, and no settings', async () => {
  const room = createTestRoom()
  room.answer('room.identity', () => ({ caller: { role: 'admin', id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  room.answer('launch.recent', () => ({ scripts: [{ script: '/home/ada/private/agent.py', name: 'agent.py', lastStartedAt: 1, exists: true }] }))
  room.answer('stage.status', () => sampleStage({ canUnlock: false }))
  const { use } = createTestApp(room)
  use(useRoomStore)
  await use(useLaunchStore).loadRecent()
  await settle()
  const stageMode = use(useStageModeStore)
  const entries = use(() => usePaletteEntries([], { openFile: () => {}, focusPanel: () => {} }))
  const ids = (): string[] => entries.value.map(({ id }) => id).filter((id) => id.startsWith('recent-') || id === 'settings')
  expect(ids()).toEqual(['recent-/home/ada/private/agent.py', 'settings'])
  await stageMode.toggle()
  expect([stageMode.isOn, ids()]).toEqual([true, []])
  stageMode.leave()
  expect(ids()).toHaveLength(2)
})

it('the demo is found by who may run it, and its strip while it runs', async () => {
  const entriesOf = async (role: 'admin' | 'viewer') => {
    const room = createTestRoom()
    room.answer('room.identity', () => ({ caller: { role, id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
    room.answer('demo.show', () => sampleDemo({ run: sampleRun() }))
    const { use } = createTestApp(room)
    const entries = use(() => usePaletteEntries([], { openFile: () => {}, focusPanel: () => {} }))
    const demo = use(useDemoStore)
    await settle()
    room.streams('demo.follow')[0]?.push(sampleDemo())
    const before = entries.value.map(({ id }) => id)
    room.streams('demo.follow')[0]?.push(sampleDemo({ run: sampleRun() }))
    return { before, demo, words: () => entries.value.filter(({ id }) => id.startsWith('demo')).map(({ words }) => words), entries }
  }
  const { before, demo, words, entries } = await entriesOf('admin')
  expect(before).not.toContain('demo-strip')
  expect(words()).toEqual(['Run the demo…', 'Hide the presenter’s strip'])
  entries.value.find(({ id }) => id === 'demo-strip')?.act()
  entries.value.find(({ id }) => id === 'demo')?.act()
  expect([demo.isHidden, demo.isCardOpen, words()[1]]).toEqual([true, true, 'Show the presenter’s strip'])
  expect((await entriesOf('viewer')).words()).toEqual([])
})
