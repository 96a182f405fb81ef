import { expect, test } from './fixture.ts'

/** As much of a service worker as is touched here; Chromium's own types of it cannot stand beside the page's. */
interface WorkerWorld {
  readonly registration: { getNotifications(): Promise<{ title: string; actions: { title: string }[] }[]> }
  readonly NotificationEvent: new (name: string, options: object) => Event
  dispatchEvent(event: Event): boolean
}

test('in a browser a call that waits is approved on a notification of its service worker, while nobody looks at the page', async ({ room, host, agentScript, context }) => {
  test.skip(host.kind !== 'browser', 'A window of its own has the desktop’s notifications.')
  await context.grantPermissions(['notifications'], { origin: new URL(room.page.url()).origin })
  await room.page.reload()
  await room.isOpen()
  await room.start(agentScript('asking_agent.py'), '0.0001')
  await expect(room.terminal.rows).toContainText('ready')
  await room.page.getByRole('button', { name: 'Enlarge Notifications' }).click()
  await room.page.getByRole('button', { name: 'Show on the desktop' }).click()
  await expect(room.page.getByRole('button', { name: 'Turn off' })).toBeVisible()
  await room.page.evaluate(() => Object.assign(document, { hasFocus: () => false }))

  const starting = context.waitForEvent('serviceworker')
  await room.terminal.type('1')
  const worker = await starting
  const shown = (): Promise<{ title: string; buttons: string[] }[]> =>
    worker.evaluate(async () => {
      const { registration } = globalThis as unknown as WorkerWorld
      return (await registration.getNotifications()).map(({ title, actions }) => ({ title, buttons: actions.map((one) => one.title) }))
    })
  const call = { title: expect.stringContaining('asking_agent.py: 1 call does not fit into the budget'), buttons: [expect.stringMatching(/^Approve \$\S+ increase$/), 'Decline'] }
  await expect.poll(shown).toEqual([call])
  await worker.evaluate(async () => {
    const world = globalThis as unknown as WorkerWorld
    const [notification] = await world.registration.getNotifications()
    // No hand reaches a notification of a browser without a screen; what it would tell the worker is told here.
    world.dispatchEvent(new world.NotificationEvent('notificationclick', { notification, action: 'approve' }))
  })
  await expect(room.terminal.rows).toContainText('asked 1')
  await expect(room.terminal.rows).toContainText('used ')
  await expect.poll(shown).toEqual([])
})
