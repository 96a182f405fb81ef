// @vitest-environment happy-dom
import { createPinia } from 'pinia'
import { mount, type VueWrapper } from '@vue/test-utils'
import { defineComponent, h } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { wearStage } from '@/appearance/look.ts'
import { sampleDemo, sampleRun } from '@/demo/testDemo.ts'
import { roomConnectionKey } from '@/room/connection.ts'
import { createTestRoom, settle } from '@/room/testRoom.ts'
import { sampleStage } from '@/secrets/testSecrets.ts'
import { useAgentsStore } from '@/stores/agents.ts'
import { useDemoStore } from '@/stores/demo.ts'
import { usePanelsStore } from '@/stores/panels.ts'
import { useRoomPlaceStore } from '@/stores/roomPlace.ts'
import { useShortcutsStore } from '@/stores/shortcuts.ts'
import { useStageModeStore } from '@/stores/stageMode.ts'
import { useUndoStore } from '@/stores/undo.ts'
import { useRoomShortcuts } from './roomShortcuts.ts'
import { useShortcuts } from './useShortcuts.ts'

let wrapper: VueWrapper | null = null
beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => {
  wrapper?.unmount()
  document.body.innerHTML = ''
  wearStage(false)
})

async function open(role: 'admin' | 'viewer' = 'admin') {
  const room = createTestRoom()
  room.answer('room.identity', () => ({ caller: { role, id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  room.answer('stage.status', () => sampleStage({ canUnlock: false }))
  const A = sampleAgent({ id: 'aa-00000001', createdAt: 1 })
  const B = sampleAgent({ id: 'bb-00000002', createdAt: 2 })
  room.answer('agent.list', () => ({ agents: [B, A], seq: 1 }))
  const done: string[] = []
  const asked = { is: false }
  const stores = {} as { demo: ReturnType<typeof useDemoStore>; agents: ReturnType<typeof useAgentsStore>; panels: ReturnType<typeof usePanelsStore>; place: ReturnType<typeof useRoomPlaceStore>; help: ReturnType<typeof useShortcutsStore>; stageMode: ReturnType<typeof useStageModeStore>; undo: ReturnType<typeof useUndoStore> }
  let shortcuts: ReturnType<typeof useRoomShortcuts> = []
  const Room = defineComponent(() => {
    Object.assign(stores, { demo: useDemoStore(), agents: useAgentsStore(), panels: usePanelsStore(), place: useRoomPlaceStore(), help: useShortcutsStore(), stageMode: useStageModeStore(), undo: useUndoStore() })
    shortcuts = useRoomShortcuts({
      isAsked: () => asked.is,
      canOpen: () => true,
      openFile: () => done.push('open'),
      nextRegion: (isBackwards) => done.push(isBackwards ? 'region before' : 'next region'),
      focusPanel: (name) => done.push(`focus ${name}`),
    })
    useShortcuts(shortcuts, () => stores.help.areSingleKeysOn)
    return () => h('div', [h('input', { id: 'field' }), h('select', { id: 'choice' }), h('form', { role: 'search' }, [h('input', { id: 'search' })]), h('div', { class: 'xterm' }, [h('textarea', { id: 'terminal' })]), h('div', { role: 'dialog' }, [h('button', { id: 'in-dialog' })])])
  })
  wrapper = mount(Room, { attachTo: document.body, global: { plugins: [createPinia()], provide: { [roomConnectionKey as symbol]: room.connection } } })
  await stores.agents.view.load()
  await settle()
  /** Whether the room took it. */
  function press(key: string, more: KeyboardEventInit = {}, at = 'body'): boolean {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
    document.querySelector(at)?.dispatchEvent(event)
    return event.defaultPrevented
  }
  return { ...stores, room, shortcuts, A, B, done, asked, press }
}

describe('the keys of the room', () => {
  it('jump to a panel by its number, and back with the same one', async () => {
    const { panels, place, done, press } = await open()
    place.place = 'secrets'
    press('2')
    expect([place.place, panels.large, done]).toEqual(['agents', 'cost', ['focus cost']])
    press('7')
    expect([panels.large, panels.shared]).toEqual(['secrets', 'secrets'])
    press('7')
    expect(panels.large).toBeNull()
    press('3')
    press('Escape')
    expect(panels.large).toBeNull()
  })

  it('leave to fields, dialogs and terminals what belongs to them', async () => {
    const { panels, help, press } = await open()
    for (const at of ['#field', '#terminal', '#in-dialog']) {
      expect([press('2', {}, at), press('?', {}, at)]).toEqual([false, false])
    }
    expect([press('k', { ctrlKey: true }, '#terminal'), press('o', { ctrlKey: true }, '#terminal'), press('z', { ctrlKey: true }, '#field')]).toEqual([false, false, false])
    expect([panels.large, help.shown]).toEqual([null, null])
  })

  it('leave Alt and an arrow to a field, which opens its choices with it', async () => {
    const { agents, press, A, B } = await open()
    for (const at of ['#choice', '#field']) expect([press('ArrowDown', { altKey: true }, at), agents.selected?.id]).toEqual([false, B.id])
    expect([press('ArrowDown', { altKey: true }), agents.selected?.id]).toEqual([true, A.id])
  })

  it('leave Escape to a field that has something to take back, and to a search of the terminal', async () => {
    const { panels, press } = await open()
    const field = document.querySelector<HTMLInputElement>('#field')
    if (!field) throw new Error('There is no field.')
    panels.enlarge('log')
    field.value = 'digest'
    expect([press('Escape', {}, '#field'), panels.large]).toEqual([false, 'log'])
    field.value = ''
    expect([press('Escape', {}, '#field'), panels.large]).toEqual([true, null])
    panels.enlarge('log')
    expect([press('Escape', {}, '#search'), panels.large]).toEqual([false, 'log'])
  })

  it('happen once while a key is held down, but for those that go step by step', async () => {
    const { stageMode, agents, panels, B, press } = await open()
    press('F11')
    await settle()
    const isTaken = press('F11', { repeat: true })
    await settle()
    expect([isTaken, stageMode.isOn]).toEqual([true, true])
    press('2')
    press('2', { repeat: true })
    expect(panels.large).toBe('cost')
    press('ArrowDown', { altKey: true })
    press('ArrowDown', { altKey: true, repeat: true })
    expect(agents.selected?.id).toBe(B.id)
  })

  it('open the palette, from a terminal too, and the list of keys', async () => {
    const { help, press } = await open()
    expect(press('k', { ctrlKey: true }, '#field')).toBe(true)
    expect(help.shown).toBe('palette')
    help.hide()
    press('P', { ctrlKey: true, shiftKey: true }, '#terminal')
    expect(help.shown).toBe('palette')
    press('?')
    expect(help.shown).toBe('keys')
  })

  it('are quiet, the single ones, where somebody has turned them off', async () => {
    const { help, panels, press } = await open()
    help.setSingleKeys(false)
    expect([press('2'), press('?')]).toEqual([false, false])
    expect(press('k', { ctrlKey: true })).toBe(true)
    expect(panels.large).toBeNull()
    wrapper?.unmount()
    expect((await open()).help.areSingleKeysOn).toBe(false)
  })

  it('walk through agents and through the parts of the room, out of a terminal too', async () => {
    const { agents, A, B, done, press } = await open()
    press('ArrowDown', { altKey: true })
    expect(agents.selected?.id).toBe(A.id)
    press('ArrowDown', { altKey: true })
    expect(agents.selected?.id).toBe(B.id)
    press('ArrowUp', { altKey: true })
    expect(agents.selected?.id).toBe(A.id)
    press('F6', {}, '#terminal')
    press('F6', { shiftKey: true })
    expect(done).toEqual(['next region', 'region before'])
  })

  it('undo what can be undone, and nothing else', async () => {
    const { agents, undo, A, press } = await open()
    expect(press('z', { ctrlKey: true })).toBe(false)
    agents.remove(A.id)
    expect(press('z', { ctrlKey: true })).toBe(true)
    await settle()
    expect([agents.agents.length, undo.offered]).toEqual([2, null])
  })

  it('go on stage from anywhere, but not over what has to be answered', async () => {
    const { stageMode, asked, press } = await open()
    asked.is = true
    expect(press('F11')).toBe(false)
    asked.is = false
    press('F11', {}, '#terminal')
    await settle()
    expect(stageMode.isOn).toBe(true)
  })

  it('hide the presenter’s strip and show it, out of a terminal too, while there is a demo', async () => {
    const { demo, room, press } = await open('admin')
    expect(press('F9')).toBe(false)
    room.streams('demo.follow')[0]?.push(sampleDemo({ run: sampleRun() }))
    expect([press('F9', {}, '#terminal'), demo.isHidden]).toEqual([true, true])
    expect([press('F9'), demo.isHidden]).toEqual([true, false])
  })

  it('tell only an admin of the presenter’s', async () => {
    const listed = async (role: 'admin' | 'viewer') => {
      const { shortcuts } = await open(role)
      const one = shortcuts.find(({ id }) => id === 'demo-strip')
      wrapper?.unmount()
      return one?.isListed?.()
    }
    expect([await listed('admin'), await listed('viewer')]).toEqual([true, false])
  })

  it('are told whole: each has a name of its own', async () => {
    await open()
    const { use } = await import('@/room/testRoom.ts').then(({ createTestApp }) => createTestApp(createTestRoom()))
    const nothing = { isAsked: () => false, canOpen: () => true, openFile: () => {}, nextRegion: () => {}, focusPanel: () => {} }
    const all = use(() => useRoomShortcuts(nothing))
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(all.map(({ keys }) => keys.join('+'))).size).toBe(all.length)
  })
})
