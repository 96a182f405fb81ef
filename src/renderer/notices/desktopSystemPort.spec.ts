import { describe, expect, it } from 'vitest'
import { createTestDesktopBridge } from '../room/testDesktopBridge.ts'
import { desktopSystemPort } from './desktopSystemPort.ts'
import type { SystemMessage } from './systemPort.ts'

const MESSAGE: SystemMessage = { tag: 'iron-cage 1', title: 'It waits', body: 'gpt-4', actions: [{ action: 'approve', title: 'Approve $25 increase' }], isUrgent: true }

function setUp() {
  const desktop = createTestDesktopBridge()
  let hasFocus = false
  const port = desktopSystemPort(desktop.bridge, { visibilityState: 'visible', hasFocus: () => hasFocus })
  return { ...desktop, port, focus: () => (hasFocus = true) }
}

describe('notifications of the desktop window', () => {
  it('are shown by the window, and answered by its buttons once', () => {
    const { port, posted, tell } = setUp()
    const answers: (string | null)[] = []
    port.show(MESSAGE, (action) => answers.push(action))
    expect(posted).toEqual([{ kind: 'notify', ...MESSAGE }])
    tell({ kind: 'answered', tag: 'another', action: 'approve' })
    tell({ kind: 'answered', tag: 'iron-cage 1', action: 'approve' })
    tell({ kind: 'answered', tag: 'iron-cage 1', action: null })
    expect(answers).toEqual(['approve'])
  })

  it('answer nothing once they are withdrawn', () => {
    const { port, posted, tell } = setUp()
    const answers: (string | null)[] = []
    port.show(MESSAGE, (action) => answers.push(action))
    port.withdraw('iron-cage 1')
    tell({ kind: 'answered', tag: 'iron-cage 1', action: 'approve' })
    expect([posted.at(-1), answers]).toEqual([{ kind: 'withdraw', tag: 'iron-cage 1' }, []])
  })

  it.each([
    [true, 'granted'],
    [false, 'denied'],
  ] as const)('are asked for at the desktop itself, which has some: %s', async (isSupported, permission) => {
    const { port, posted, tell, listening } = setUp()
    const asking = port.ask()
    expect(posted).toEqual([{ kind: 'mayNotify' }])
    tell({ kind: 'mayNotify', isSupported })
    expect([await asking, port.permission(), listening()]).toEqual([permission, permission, 1])
  })

  it('are not needed while somebody looks, and bring the window forward', () => {
    const { port, posted, focus } = setUp()
    expect(port.isLookedAt()).toBe(false)
    focus()
    expect(port.isLookedAt()).toBe(true)
    port.comeForward()
    expect(posted).toEqual([{ kind: 'comeForward' }])
  })

  it('are never longer than the window takes', () => {
    const { port, posted } = setUp()
    port.show({ ...MESSAGE, title: 'x'.repeat(400), body: 'y'.repeat(3_000) }, () => {})
    expect(posted.map((message) => message.kind === 'notify' && [message.title.length, message.body.length])).toEqual([[300, 2_000]])
  })
})
