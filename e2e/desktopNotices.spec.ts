import { expect, test } from './fixture.ts'
import { askAsOwner } from './hosts/roomProcess.ts'

const VALUE = `sk-proj-invented-${'0123456789'.repeat(4)}-xyz`

test.describe('what the window does for its page', () => {
  test.use({ environment: { IRON_SECRETS_MASTER_KEY: Buffer.from('an invented key for these tests.').toString('hex') } })
  test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'stand-in', 'These hands on the desktop are the stand-in’s.'))

  test('a call that waits is approved on a notification of the desktop, while nobody looks at the room', async ({ room, host, agentScript }) => {
    const { standIn } = host
    if (!standIn) return
    await room.start(agentScript('asking_agent.py'), '0.0001')
    await expect(room.terminal.rows).toContainText('ready')
    await room.page.getByRole('button', { name: 'Enlarge Notifications' }).click()
    await room.page.getByRole('button', { name: 'Show on the desktop' }).click()
    await expect(room.page.getByRole('button', { name: 'Turn off' })).toBeVisible()
    await room.page.evaluate(() => Object.assign(document, { hasFocus: () => false }))
    expect(standIn.notifications()).toEqual([])

    await room.terminal.type('1')
    await expect.poll(() => standIn.notifications()).toHaveLength(1)
    const [shown] = standIn.notifications()
    expect(shown?.title).toContain('asking_agent.py: 1 call does not fit into the budget')
    expect(shown?.buttons).toEqual([expect.stringMatching(/^Approve \$\S+ increase$/), 'Decline'])
    standIn.pressNotification(shown?.title ?? '', shown?.buttons[0] ?? '')
    await expect(room.terminal.rows).toContainText('asked 1')
    await expect(room.terminal.rows).toContainText('used ')
    await expect.poll(() => standIn.notifications()).toEqual([])
    expect(standIn.focused()).toBe(0)
  })

  test('a notification that is pressed itself brings the window forward, with the decision open', async ({ room, host, agentScript }) => {
    const { standIn } = host
    if (!standIn) return
    await room.start(agentScript('asking_agent.py'), '0.0001')
    await expect(room.terminal.rows).toContainText('ready')
    await room.page.getByRole('button', { name: 'Enlarge Notifications' }).click()
    await room.page.getByRole('button', { name: 'Show on the desktop' }).click()
    await expect(room.page.getByRole('button', { name: 'Turn off' })).toBeVisible()
    await room.page.evaluate(() => Object.assign(document, { hasFocus: () => false }))
    await room.terminal.type('1')
    await expect.poll(() => standIn.notifications()).toHaveLength(1)
    standIn.pressNotification(standIn.notifications()[0]?.title ?? '', null)
    await expect.poll(() => standIn.focused()).toBe(1)
    await expect(room.page.getByRole('dialog')).toContainText('New limit')
  })

  test('a copied secret is in the clipboard of the desktop, which it does not read back', async ({ room, host }) => {
    const { standIn } = host
    if (!standIn) return
    await askAsOwner(host.dataFolder, 'POST', '/secrets', { name: 'OPENAI_API_KEY', value: VALUE, environment: 'production' })
    await room.secrets.openOverTheRoom()
    await room.secrets.action('Reveal', 'OPENAI_API_KEY (production)').click()
    await room.page.getByRole('button', { name: 'Copy OPENAI_API_KEY' }).click()
    await expect(room.secrets.region).toContainText('taken out of the clipboard in a minute')
    expect(await standIn.clipboard()).toBe(VALUE)
    await standIn.userCopies('a shopping list')
    expect(await standIn.clipboard()).toBe('a shopping list')
  })
})
