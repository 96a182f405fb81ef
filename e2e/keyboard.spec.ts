import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixture.ts'
import { askAsOwner } from './hosts/roomProcess.ts'

test.use({ environment: { IRON_SECRETS_MASTER_KEY: Buffer.from('an invented key for these tests.').toString('hex') } })

const MOST_STEPS = 80

/** With the Tab key alone, as often as it takes. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let step = 0; step < MOST_STEPS; step++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`The Tab key did not come to ${String(target)} in ${MOST_STEPS} steps.`)
}

/** From one part of the room to the next, out of a terminal too. */
async function goTo(page: Page, part: Locator): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    if (await part.evaluate((element) => element.contains(document.activeElement))) return
    await page.keyboard.press('F6')
  }
  throw new Error(`F6 did not come to ${String(part)}.`)
}

test('an agent is launched, gets its increase and a new key, and is stopped, with the keyboard alone', async ({ room, host, agentScript }) => {
  const { page } = room
  await askAsOwner(host.dataFolder, 'POST', '/secrets', { name: 'INVENTED_API_KEY', value: 'an-invented-value-1', environment: 'development' })
  const script = agentScript('asking_agent.py')
  await host.knowFile(script)

  const choosing = page.waitForEvent('filechooser')
  await page.keyboard.press('Control+o')
  await (await choosing).setFiles(script)
  await expect(room.launchCard.startButton).toBeEnabled()
  await tabTo(page, room.launchCard.budget)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('0.0001')
  await expect(room.launchCard.startButton).toBeEnabled()
  await page.keyboard.press('Enter')
  await expect(room.launchCard.dialog).toBeHidden()
  await expect(room.terminal.rows).toContainText('ready')
  await expect(room.terminal.input).toBeFocused()

  await page.keyboard.type('1')
  await page.keyboard.press('Enter')
  const { banner } = room.budgetNotice
  await expect(banner).toContainText('waits for a decision')
  await goTo(page, banner)
  await tabTo(page, banner.getByRole('button', { name: /^Approve/ }))
  await page.keyboard.press('Enter')
  await expect(room.budgetNotice.dialog).toBeVisible()
  await tabTo(page, room.budgetNotice.increase)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('1')
  await page.keyboard.press('Enter')
  await expect(room.budgetNotice.dialog).toBeHidden()
  await expect(room.terminal.rows).toContainText('asked 1')

  await goTo(page, room.agent.region)
  await page.keyboard.press('7')
  const edit = room.secrets.action('Edit', 'INVENTED_API_KEY (development)')
  await tabTo(page, edit)
  await page.keyboard.press('Enter')
  await tabTo(page, room.secrets.dialog.getByLabel('New value'))
  await page.keyboard.type('an-invented-value-2')
  await tabTo(page, room.secrets.dialog.getByRole('button', { name: 'Save' }))
  await page.keyboard.press('Enter')
  await expect(room.secrets.dialog).toContainText('1 running agent had it')
  await tabTo(page, room.secrets.dialog.getByRole('button', { name: 'Done' }))
  await page.keyboard.press('Enter')
  await expect(room.secrets.dialog).toBeHidden()

  await page.keyboard.press('Escape')
  await goTo(page, room.agent.region)
  await tabTo(page, room.agent.button('Stop'))
  await page.keyboard.press('Enter')
  await expect(room.agent.status('Stopped')).toBeVisible()
})

test('every panel is a key away, and Escape brings all of them back', async ({ room, agentScript }) => {
  await room.start(agentScript('asking_agent.py'))
  await expect(room.terminal.rows).toContainText('ready')
  await goTo(room.page, room.agent.region)
  for (const [key, panel] of [['1', room.live], ['2', room.cost], ['3', room.protection], ['4', room.performance], ['5', room.log], ['6', room.notifications]] as const) {
    await room.page.keyboard.press(key)
    await expect(panel.backButton).toBeVisible()
  }
  await room.page.keyboard.press('Escape')
  await expect(room.live.enlargeButton).toBeVisible()
  await expect(room.cost.enlargeButton).toBeVisible()
})
