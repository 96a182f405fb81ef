import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './fixture.ts'
import type { Host } from './hosts/host.ts'
import { askAsOwner } from './hosts/roomProcess.ts'
import { SettingsRoom } from './pages/settingsRoom.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const fileOf = (host: Host): string => join(host.dataFolder, 'settings.yaml')

let receiver: Server
let posts: string[]
test.beforeEach(async () => {
  posts = []
  receiver = createServer((request, response) => {
    posts.push(request.url ?? '')
    request.resume().on('end', () => response.end('ok'))
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
})
test.afterEach(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await once(receiver, 'close')
})
const hook = (): string => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/services/invented-path`

test('settings are changed together, with their remarks kept; a wrong one is refused in the schema’s own words', async ({ room, host }) => {
  writeFileSync(fileOf(host), '# for our team\nbudget: 50 # agreed\n')
  const settings = new SettingsRoom(room.page)
  await settings.open('Prices and budgets')
  const budget = settings.setting('budget')
  await expect(budget.getByRole('textbox')).toHaveValue('$50.00')
  await expect(budget).toContainText('settings.yaml · from an agent’s next start')
  await budget.getByRole('textbox').fill('lots')
  await expect(budget.getByRole('alert')).toHaveText('budget is "lots", but must be an amount in dollars above 0 and at most 1000000, such as 50, $50 or 0.25.')
  await expect(settings.saveButton).toBeDisabled()
  await budget.getByRole('textbox').fill('75')
  await expect(budget.getByRole('alert')).toBeHidden()

  await settings.open('Allow-lists')
  const models = settings.setting('allowed_models')
  await models.getByRole('combobox').selectOption('Only those listed')
  await models.getByRole('textbox').fill('gpt-4*\nclaude-*')
  await settings.open('Protection')
  await settings.setting('safety_types').getByLabel('phone').selectOption('warn')
  await expect(settings.section('Prices and budgets')).toContainText('1 changed')
  await settings.save()
  expect(readFileSync(fileOf(host), 'utf8')).toBe('# for our team\nbudget: 75 # agreed\nallowed_models:\n  - gpt-4*\n  - claude-*\nsafety_types:\n  phone: warn\n')
})

test('a test goes to the webhook from the moment at which it is saved, and its path is never shown', async ({ room, host }) => {
  const settings = new SettingsRoom(room.page)
  await settings.open('Alerts')
  const test = settings.region.getByRole('button', { name: 'Send a test to the webhook' })
  await test.click()
  await expect(settings.region.getByRole('alert')).toContainText('No webhook alerts are set up')
  await settings.setting('alert_webhook').getByRole('textbox').fill(hook())
  await expect(test).toBeDisabled()
  await settings.save()
  await test.click()
  await expect(settings.region.getByText(/^The test was sent to /)).toBeVisible()
  expect(posts).toEqual(['/services/invented-path'])
  await room.page.reload()
  await settings.open('Alerts')
  await expect(settings.setting('alert_webhook').getByRole('textbox')).toHaveAttribute('placeholder', /\/…$/)
  expect(await room.page.content()).not.toContain('invented-path')
  await settings.setting('alert_webhook').getByRole('button', { name: 'Take out' }).click()
  await settings.save()
  expect(readFileSync(fileOf(host), 'utf8')).toBe('')
})

test('a model gets another price, and loses it again', async ({ room, host }) => {
  const settings = new SettingsRoom(room.page)
  await settings.open('Prices and budgets')
  const row = settings.region.locator('[data-model="gpt-4"]')
  await expect(row).toContainText(/\$30\.00.*\$60\.00.*the room’s/)
  await row.getByRole('button', { name: 'Change the price of gpt-4' }).click()
  const dialog = room.page.getByRole('dialog')
  await dialog.getByLabel('Input', { exact: true }).fill('free')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByRole('alert')).toContainText('must be dollars for a million such as "2.50"')
  await dialog.getByLabel('Input', { exact: true }).fill('2.50')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(row).toContainText(/\$2\.50.*\$60\.00.*own/)
  await expect(settings.setting('prices').getByRole('textbox')).toHaveValue('prices.yaml')
  expect(readFileSync(join(host.dataFolder, 'prices.yaml'), 'utf8')).toBe('gpt-4:\n  basedOn: gpt-4\n  prices:\n    input: "2.50"\n')
  await row.getByRole('button', { name: 'Take back the own price of gpt-4' }).click()
  await expect(row).toContainText(/\$30\.00.*the room’s/)
})

test('somebody else’s change is seen at once, and is not overwritten unseen', async ({ room, host }) => {
  const settings = new SettingsRoom(room.page)
  await settings.open('Prices and budgets')
  await askAsOwner(host.dataFolder, 'PATCH', '/settings', { changes: [{ key: 'budget', value: '60' }] })
  const budget = settings.setting('budget').getByRole('textbox')
  await expect(budget).toHaveValue('$60.00')
  // By hand, so that the room tells nobody.
  writeFileSync(fileOf(host), 'budget: 61\n')
  await settings.setting('park_for').getByRole('textbox').fill('90')
  await settings.saveButton.click()
  await expect(settings.region.getByRole('alert')).toContainText('has changed meanwhile; look at it again.')
  await expect(budget).toHaveValue('$61.00')
  await settings.save()
  expect(readFileSync(fileOf(host), 'utf8')).toBe('budget: 61\npark_for: 90\n')
})

test('the keyboard is enough', async ({ room, host }) => {
  const settings = new SettingsRoom(room.page)
  const { keyboard } = room.page
  await keyboard.press('Control+,')
  await expect(settings.region).toBeVisible()
  await settings.section('Retention').focus()
  await keyboard.press('Enter')
  await settings.setting('events_kept_for').getByRole('textbox').focus()
  await keyboard.type('5')
  await keyboard.press('Enter')
  await expect(settings.status).toHaveText('1 change saved')
  expect(readFileSync(fileOf(host), 'utf8')).toBe('events_kept_for: 5\n')
  await keyboard.press('Control+,')
  await expect(settings.region).toBeHidden()
})

for (const colorScheme of ['dark', 'light'] as const) {
  test(`every section is for everybody, and fits: ${colorScheme}`, async ({ room }) => {
    await room.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const settings = new SettingsRoom(room.page)
    await settings.open('Alerts')
    await settings.setting('smtp_server').getByRole('textbox').fill('nowhere')
    await expect(settings.region.getByRole('alert')).toBeVisible()
    const found: string[] = []
    for (const title of ['Alerts', 'Providers', 'Prices and budgets', 'Protection', 'Allow-lists', 'Launch', 'Retention', 'Control room', 'Appearance']) {
      await settings.open(title)
      const { violations } = await new AxeBuilder({ page: room.page }).withTags(TAGS).setLegacyMode().analyze()
      found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${title}: ${id} at ${target.join(' ')}`)))
      for (const [width, height] of [[420, 900], [1280, 720]] as const) {
        await room.page.setViewportSize({ width, height })
        const overhang = await room.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (overhang > 0) found.push(`${title}: ${overhang} px too wide at ${width}`)
        await expect(settings.saveButton).toBeInViewport({ ratio: 1 })
      }
    }
    expect(found).toEqual([])
  })
}

test('a viewer is offered none of it, and is refused', async ({ room, host, browser }) => {
  await expect(new SettingsRoom(room.page).button).toBeVisible()
  await askAsOwner(host.dataFolder, 'POST', '/users', { name: 'grace', role: 'viewer', password: 'an invented password' })
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${host.apiUrl}/sign-in`)
  await page.getByLabel('Name').fill('grace')
  await page.getByLabel('Password').fill('an invented password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('banner')).toContainText('Viewer')
  const settings = new SettingsRoom(page)
  await expect(settings.button).toHaveCount(0)
  await page.keyboard.press('Control+,')
  await expect(settings.region).toHaveCount(0)
  const answer = await page.evaluate(() => fetch('/api/settings').then(({ status }) => status))
  expect(answer).toBe(403)
})
