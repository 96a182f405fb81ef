import { readFileSync } from 'node:fs'
import { expect, test } from './fixture.ts'
import { askAsOwner } from './hosts/roomProcess.ts'

test.use({ environment: { IRON_SECRETS_MASTER_KEY: Buffer.from('an invented key for these tests.').toString('hex') } })

test('what is private in a request is taken out, shown within a second, and opened only for a reason', async ({ room, host, agentScript }) => {
  await room.start(agentScript('private_agent.py'))
  await expect(room.terminal.rows).toContainText('ready')
  const { protection } = room
  await protection.enlarge()
  await expect(protection.counter('PII blocked')).toHaveText(['0', 'All quiet'])
  await expect(protection.region).toContainText('Nothing was found yet.')

  await room.terminal.type('email')
  await expect(room.terminal.rows).toContainText('email: answered')
  await expect(protection.counter('PII blocked')).toHaveText(['1', '1 kept out'], { timeout: 1_000 })
  await expect(protection.rows.first()).toContainText('Email', { timeout: 1_000 })
  for (const words of ['CRITICAL', 'Contact [EMAIL_REDACTED]', 'Redacted', 'to the model', 'messages']) await expect(protection.rows.first()).toContainText(words)
  await expect(protection.rows).toHaveCount(1)
  await expect(room.page.locator('body')).not.toContainText('ceo@acme.com')

  await protection.rows.first().focus()
  await room.page.keyboard.press('Enter')
  await expect(protection.dialog.getByRole('button', { name: 'Open', exact: true })).toBeDisabled()
  await protection.dialog.getByLabel('Why do you need to see it?').fill('A customer asked what was sent')
  await protection.press('Open')
  await expect(protection.original).toHaveText('ceo@acme.com')
  await expect(protection.dialog).toContainText(/Hidden again in \d+ s/)
  await protection.press('Hide')
  await expect(protection.original).toBeHidden()
  await room.page.keyboard.press('Escape')
  await expect(protection.dialog).toBeHidden()
  await expect(protection.rows.first()).toContainText('Original opened: Email')
  await expect(room.page.locator('body')).not.toContainText('ceo@acme.com')

  await protection.rows.first().click()
  await expect(protection.dialog).toContainText('A customer asked what was sent')
  await room.page.keyboard.press('Escape')
  await protection.rows.nth(1).click()
  await protection.dialog.getByRole('button', { name: /^call-/ }).click()
  await expect(room.requests.receiptDialog).toContainText('OpenAI · chat/completions')
  await room.page.keyboard.press('Escape')

  const saving = room.page.waitForEvent('download')
  await protection.region.getByRole('button', { name: 'Export' }).click()
  await room.page.getByRole('menuitem', { name: 'JSON lines' }).click()
  const saved = readFileSync(await (await saving).path(), 'utf8')
  expect(saved.trim().split('\n')).toHaveLength(2)
  expect(saved).not.toContain('ceo@acme.com')
  const { records } = (await askAsOwner(host.dataFolder, 'GET', '/findings')) as { records: { kind: string; reason: string | null }[] }
  expect(records.map(({ kind, reason }) => [kind, reason])).toEqual([
    ['opened', 'A customer asked what was sent'],
    ['private', null],
  ])
})

test('what is no private data after all is named so, once it is seen what that would have let through', async ({ room, agentScript }) => {
  await room.start(agentScript('private_agent.py'))
  await expect(room.terminal.rows).toContainText('ready')
  await room.terminal.type('email')
  await room.terminal.type('phone')
  await expect(room.terminal.rows).toContainText('phone: answered')
  const { protection } = room
  await protection.enlarge()
  await expect(protection.rows).toHaveCount(2)
  await protection.region.getByRole('combobox', { name: 'Type' }).selectOption('Email')
  await expect(protection.rows).toHaveCount(1)

  await protection.rows.first().click()
  await protection.press('Not private…')
  await protection.dialog.getByRole('radio', { name: /Its whole domain/ }).check()
  await protection.press('Preview')
  await expect(protection.dialog.getByRole('region', { name: 'Preview' })).toContainText('It would have let through 1 of 2 recorded findings.')
  await protection.press('Add')
  await expect(protection.dialog.getByRole('row', { name: /@acme\.com/ })).toContainText('Domain')
  await room.page.keyboard.press('Escape')

  await room.terminal.type('email')
  await room.terminal.type('ssn')
  await expect(room.terminal.rows).toContainText('ssn: answered')
  await expect(protection.counter('PII blocked')).toHaveText(['3', '3 kept out'])
  await expect(protection.rows).toHaveCount(1)

  await protection.region.getByRole('button', { name: 'Not private' }).click()
  await protection.dialog.getByRole('button', { name: 'Take back @acme.com' }).click()
  await expect(protection.dialog).toContainText('Nothing is named yet.')
  await room.page.keyboard.press('Escape')
  await room.terminal.type('email')
  await expect(protection.counter('PII blocked')).toHaveText(['4', '4 kept out'])
})

test('switched to block, the next private thing halts the agent, and its head says why; with other rules it starts again', async ({ room, agentScript }) => {
  await room.start(agentScript('private_agent.py'))
  await expect(room.terminal.rows).toContainText('ready')
  const { protection } = room
  await protection.enlarge()
  await protection.switchTo('Block')
  await expect(protection.question).toContainText('Halt private_agent.py at private data?')
  await protection.question.getByRole('button', { name: 'Cancel' }).click()
  await room.agent.explain()
  await expect(room.agent.fact('Safety')).toHaveText('Redact')
  await protection.switchTo('Block')
  await protection.question.getByRole('button', { name: 'Block from now on' }).click()
  await expect(room.agent.fact('Safety')).toHaveText('Block')

  await room.terminal.type('plain')
  await expect(room.terminal.rows).toContainText('plain: answered')
  // What stands before somebody's eyes is not told besides.
  await protection.shrink()
  await room.terminal.type('email')
  await expect(room.agent.status('Blocked')).toBeVisible()
  await expect(room.agent.region).toContainText('An email address was found in a request')
  await expect(room.notices.filter({ hasText: 'private_agent.py is halted' })).toContainText('Contact [EMAIL_REDACTED]')
  await room.notices.getByRole('button', { name: 'Show the finding' }).click()
  await expect(protection.dialog).toContainText('Blocked')
  await room.page.keyboard.press('Escape')

  await protection.region.getByRole('button', { name: 'All rules' }).click()
  await expect(protection.cell('email to-model')).toHaveText('Block agent')
  await protection.press('Back to its launch')
  await expect(protection.dialog.getByRole('region', { name: 'What will change' })).toContainText('36 cells to Redact')
  await protection.dialog.getByLabel('Phone, everywhere').selectOption('Off')
  await expect(protection.cell('phone tools')).toHaveText('Off agent')
  await protection.press('Apply')
  await expect(protection.dialog).toBeHidden()
  await expect(room.agent.fact('Safety')).toHaveText('Redact')
  await expect(protection.region).toContainText('Except in 4 cases')

  await room.agent.region.getByRole('button', { name: 'Start again' }).click()
  await expect(room.agent.status('Running')).toBeVisible()
  await expect(room.terminal.rows).toContainText(/ready[\s\S]*ready/)
  await room.terminal.type('email')
  await expect(protection.counter('PII blocked')).toHaveText(['2', '2 kept out'])
})

test('a text is tried without a trace of it, and a whole list of findings comes at once', async ({ room, agentScript }) => {
  await room.start(agentScript('private_agent.py'))
  await expect(room.terminal.rows).toContainText('ready')
  const { protection } = room
  await protection.enlarge()
  await protection.region.getByRole('button', { name: 'Try a text' }).click()
  await protection.dialog.getByLabel('Text').fill('Contact ceo@acme.com or call (415) 555-0132, order 20261121.')
  await expect(protection.dialog.getByRole('region', { name: 'What would be found' })).toContainText('Contact [EMAIL_REDACTED] or call [PHONE_REDACTED], order 20261121.')
  await expect(protection.dialog).toContainText('Email, HIGH risk: 1')
  await room.page.keyboard.press('Escape')
  await expect(protection.counter('PII blocked')).toHaveText(['0', 'All quiet'])

  await room.terminal.type('many')
  await expect(protection.counter('PII blocked')).toHaveText(['40', '40 kept out'])
  await expect(protection.rows).toHaveCount(40)
  await room.page.reload()
  await expect(room.agent.status('Running')).toBeVisible()
  await protection.enlarge()
  await expect(protection.counter('PII blocked')).toHaveText(['40', '40 kept out'])
  await expect(protection.rows).toHaveCount(40)
})
