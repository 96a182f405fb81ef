import { describe, expect, it } from 'vitest'
import { createSystemNotices, type SystemNotice } from './systemNotices.ts'
import { createTestDesktop } from './testDesktop.ts'

const PARKED: SystemNotice = {
  kind: 'notify',
  tag: 'iron-cage 1',
  title: 'leads.py: a call waits',
  body: '$49.99 of $50.00 is spent.',
  actions: [
    { action: 'approve', title: 'Approve $25 increase' },
    { action: 'decline', title: 'Decline' },
  ],
  isUrgent: true,
}

function setUp() {
  const desktop = createTestDesktop()
  const answers: (string | null)[] = []
  const notices = createSystemNotices(desktop.Notification)
  const show = (notice: Partial<SystemNotice> = {}): void => notices.show({ ...PARKED, ...notice }, (action) => answers.push(action))
  return { ...desktop, notices, answers, show }
}

describe('notifications of the operating system', () => {
  it('have the decisions on their buttons, and stay where they are urgent', () => {
    const { made, show } = setUp()
    show()
    expect(made.map(({ options, state }) => [options, state])).toEqual([
      [
        {
          title: 'leads.py: a call waits',
          body: '$49.99 of $50.00 is spent.',
          actions: [
            { type: 'button', text: 'Approve $25 increase' },
            { type: 'button', text: 'Decline' },
          ],
          urgency: 'critical',
          timeoutType: 'never',
        },
        'shown',
      ],
    ])
    show({ isUrgent: false })
    expect(made[1]?.options).toMatchObject({ urgency: 'normal', timeoutType: 'default' })
  })

  it('tell which button was pressed, once, and go', () => {
    const { made, answers, show } = setUp()
    show()
    made[0]?.emit('action', { actionIndex: 1 })
    made[0]?.emit('click', {})
    expect([answers, made[0]?.state]).toEqual([['decline'], 'closed'])
  })

  it('tell when they were pressed themselves', () => {
    const { made, answers, show } = setUp()
    show()
    made[0]?.emit('click', {})
    expect([answers, made[0]?.state]).toEqual([[null], 'closed'])
  })

  it('take no button that was not offered', () => {
    const { made, answers, show } = setUp()
    show()
    made[0]?.emit('action', { actionIndex: 7 })
    expect([answers, made[0]?.state]).toEqual([[], 'shown'])
  })

  it('take the place of an earlier one with the same tag, which answers nothing any more', () => {
    const { made, answers, show } = setUp()
    show()
    show({ title: 'again' })
    made[0]?.emit('action', { actionIndex: 0 })
    expect([made.map(({ state }) => state), answers]).toEqual([['closed', 'shown'], []])
  })

  it('answer still when Windows has put them aside, and not when somebody has closed them', () => {
    const { made, answers, show } = setUp()
    show()
    made[0]?.emit('close', { reason: 'timedOut' })
    made[0]?.emit('action', { actionIndex: 0 })
    show()
    made[1]?.emit('close', { reason: 'userCanceled' })
    made[1]?.emit('action', { actionIndex: 0 })
    expect(answers).toEqual(['approve'])
  })

  it('go by their tag, or all at once', () => {
    const { made, notices, show } = setUp()
    show()
    show({ tag: 'iron-cage 2' })
    show({ tag: 'iron-cage 3' })
    notices.withdraw('iron-cage 2')
    notices.withdraw('never shown')
    expect(made.map(({ state }) => state)).toEqual(['shown', 'closed', 'shown'])
    notices.withdrawAll()
    expect(made.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed'])
  })

  it('are not made where the desktop shows none', () => {
    const { Notification, made } = createTestDesktop({ isSupported: false })
    const notices = createSystemNotices(Notification)
    notices.show(PARKED, () => {})
    expect([notices.isSupported(), made.length]).toEqual([false, 0])
  })
})
