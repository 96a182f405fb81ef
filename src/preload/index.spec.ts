import type { IpcRendererEvent } from 'electron'
import { beforeEach, expect, it, vi } from 'vitest'
import type { ControlRoomBridge } from './bridge.ts'

type Forward = (event: IpcRendererEvent, message: unknown) => void

const electron = vi.hoisted(() => ({ exposed: {} as Record<string, unknown>, sent: [] as unknown[][], listeners: new Map<string, Set<unknown>>() }))

vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, api: unknown) => void (electron.exposed[name] = api) },
  ipcRenderer: {
    send: (...words: unknown[]) => void electron.sent.push(words),
    on: (channel: string, listener: unknown) => void electron.listeners.set(channel, new Set([...(electron.listeners.get(channel) ?? []), listener])),
    off: (channel: string, listener: unknown) => void electron.listeners.get(channel)?.delete(listener),
  },
  webUtils: { getPathForFile: () => '/home/ada/agent.py' },
}))

let bridge: ControlRoomBridge
beforeEach(async () => {
  await import('./index.ts')
  bridge = electron.exposed['controlRoom'] as ControlRoomBridge
  electron.sent.splice(0)
})

const emit = (channel: string, message: unknown): void => {
  for (const listener of electron.listeners.get(channel) ?? []) (listener as Forward)({ sender: electron } as unknown as IpcRendererEvent, message)
}

it('the page gets one object, with functions of ours alone', () => {
  expect(Object.keys(electron.exposed)).toEqual(['controlRoom'])
  expect(Object.keys(bridge).sort()).toEqual(['desktop', 'onMessage', 'pathOf', 'post'])
  expect(Object.keys(bridge.desktop).sort()).toEqual(['onMessage', 'post'])
  // Whatever else is handed in goes nowhere: not another channel, not a further argument.
  const post = bridge.post as (...words: unknown[]) => void
  post({ id: 1 }, 'another-channel')
  ;(bridge.desktop.post as (...words: unknown[]) => void)({ kind: 'comeForward' }, 'more')
  expect(electron.sent).toEqual([['control-room', { id: 1 }], ['control-room-window', { kind: 'comeForward' }]])
})

it('a listener hears messages and never the event that brings them, until it is taken off', () => {
  const heard: unknown[][] = []
  const listener = (...words: unknown[]): void => void heard.push(words)
  const offs = [bridge.onMessage(listener), bridge.desktop.onMessage(listener)]
  emit('control-room', { a: 1 })
  emit('control-room-window', { b: 2 })
  expect(heard).toEqual([[{ a: 1 }], [{ b: 2 }]])
  for (const off of offs) expect(off()).toBeUndefined()
  emit('control-room', { a: 3 })
  expect(heard).toHaveLength(2)
})
