import { EventEmitter } from 'node:events'
import type { IpcMain, WebContents } from 'electron'
import { describe, expect, it } from 'vitest'
import type { FromWindow } from '../../shared/windowWire.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { createTestDesktop, settle } from './testDesktop.ts'
import { openWindowDoor } from './windowDoor.ts'
import { createWindowServices } from './windowServices.ts'

const OURS = { origin: 'app://control-room', parent: null, detached: false }
const NOTICE = { kind: 'notify', tag: 'iron-cage 1', title: 'It waits', body: 'gpt-4', actions: [{ action: 'approve', title: 'Approve $25 increase' }], isUrgent: true }

class Page extends EventEmitter {
  readonly received: FromWindow[] = []
  hasGone = false
  isDestroyed = (): boolean => this.hasGone
  send(_channel: string, message: FromWindow): void {
    this.received.push(message)
  }
}

function setUp() {
  const desktop = createTestDesktop()
  const ipc = new EventEmitter()
  const page = new Page()
  const written: LogEntry[] = []
  let forward = 0
  const services = createWindowServices({ ...desktop, clock: { after: () => ({ cancel: () => {} }) }, comeForward: () => (forward += 1) })
  const log = { write: (entry: LogEntry) => void written.push(entry), flush: async () => {} }
  openWindowDoor({ ipc: ipc as unknown as IpcMain, log, onMessage: services.handle, onPageGone: services.pageGone })
  const say = (message: unknown, senderFrame: unknown = OURS): boolean => ipc.emit('control-room-window', { sender: page as unknown as WebContents, senderFrame }, message)
  return { ...desktop, page, services, written, say, forward: () => forward }
}

describe('what the page asks of the desktop', () => {
  it('is done: the window comes forward, a notification is shown and its answer told', () => {
    const { page, made, say, forward } = setUp()
    say({ kind: 'comeForward' })
    say({ kind: 'mayNotify' })
    say(NOTICE)
    made[0]?.emit('action', { actionIndex: 0 })
    expect(forward()).toBe(1)
    expect(page.received).toEqual([
      { kind: 'mayNotify', isSupported: true },
      { kind: 'answered', tag: 'iron-cage 1', action: 'approve' },
    ])
  })

  it('is copied, and gone from the clipboard with the room', async () => {
    const { page, clipboard, services, say } = setUp()
    say({ kind: 'copy', text: 'sk-invented' })
    await settle()
    expect([page.received, clipboard.text]).toEqual([[{ kind: 'copied', isDone: true }], 'sk-invented'])
    await services.release()
    expect(clipboard.text).toBe('')
  })

  it('is nothing any more once the room closes, though its page may stand there while agents end', async () => {
    const { page, clipboard, services, made, say } = setUp()
    await services.release()
    say({ kind: 'copy', text: 'sk-invented' })
    say(NOTICE)
    await settle()
    expect([page.received, clipboard.text, made]).toEqual([[{ kind: 'copied', isDone: false }], '', []])
  })

  it('goes with its page: a notification of one that was loaded anew answers nobody', () => {
    const { page, made, say } = setUp()
    say(NOTICE)
    page.emit('did-navigate')
    made[0]?.emit('click', {})
    expect([made[0]?.state, page.received]).toEqual(['closed', []])
  })

  it('is told to no page that has gone', () => {
    const { page, made, say } = setUp()
    say(NOTICE)
    page.hasGone = true
    made[0]?.emit('click', {})
    expect(page.received).toEqual([])
  })

  it.each([
    ['a frame within the page', { ...OURS, parent: {} }],
    ['another site', { ...OURS, origin: 'https://example.com' }],
    ['a frame that has gone', null],
  ])('is refused to %s', (_who, frame) => {
    const { written, clipboard, made, say } = setUp()
    say({ kind: 'copy', text: 'sk-invented' }, frame)
    say(NOTICE, frame)
    expect([clipboard.text, made.length, written.map(({ event }) => event)]).toEqual(['', 0, ['desktop.windowMessageRefused', 'desktop.windowMessageRefused']])
  })

  it.each([
    ['no message at all', undefined],
    ['an unknown wish', { kind: 'quit' }],
    ['more than is asked for', { kind: 'comeForward', path: '/etc/passwd' }],
    ['nothing to copy', { kind: 'copy', text: '' }],
    ['an image to copy', { kind: 'copy', text: { image: 'data:' } }],
    ['three buttons', { ...NOTICE, actions: [1, 2, 3].map((one) => ({ action: `${one}`, title: 'x' })) }],
    ['an icon from a disk', { ...NOTICE, icon: '/etc/passwd' }],
    ['a title without end', { ...NOTICE, title: 'x'.repeat(301) }],
  ])('is refused as %s, and nothing of it is repeated in the log', (_what, message) => {
    const { written, clipboard, made, say } = setUp()
    say(message)
    expect([clipboard.text, made.length]).toEqual(['', 0])
    expect(written).toEqual([{ level: 'WARN', event: 'desktop.windowMessageRefused', msg: 'A message to the window was refused.', fields: { origin: 'app://control-room' } }])
  })
})
