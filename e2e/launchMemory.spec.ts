import { join } from 'node:path'
import { expect, test } from './fixture.ts'
import { askAsOwner } from './hosts/roomProcess.ts'

const MASTER_KEY = '5eed'.repeat(16)
test.use({ environment: { IRON_SECRETS_MASTER_KEY: MASTER_KEY } })

test('the launch card names the secrets of a run, begins as last time, and gives it back to configuration', async ({ room, agentScript, folder }) => {
  await expect(room.emptyRoom).toBeVisible()
  await askAsOwner(join(folder, 'data'), 'POST', '/secrets', { name: 'CRM_TOKEN', environment: 'staging', value: 'invented-value-of-a-token' })

  await room.open(agentScript('steady_agent.py'))
  const card = room.launchCard
  await expect(card.secrets).toContainText('None: there are no secrets of development.')
  await card.environment.selectOption('staging')
  await expect(card.secrets).toContainText('CRM_TOKEN')
  await card.budget.fill('12.50')
  await card.safetyMode('Block').check()
  await card.start()
  await expect(room.agent.status('Running')).toBeVisible()

  const openAgain = async (): Promise<void> => {
    await room.page.getByRole('button', { name: 'Recent scripts' }).click()
    await room.page.getByRole('menuitem', { name: /steady_agent\.py/ }).click()
  }
  await openAgain()
  await expect(card.dialog).toContainText('3 fields are filled in as last time.')
  await expect(card.budget).toHaveValue('12.50')
  await expect(card.environment).toHaveValue('staging')
  await expect(card.safetyMode('Block')).toBeChecked()
  await expect(card.origin('budget')).toHaveText('as last time')
  await card.reset('budget')
  await expect(card.budget).toHaveValue(/^100/)
  await expect(card.origin('budget')).toHaveText('default')
  await card.dialog.getByRole('button', { name: 'Use what configuration says' }).click()
  await expect(card.environment).toHaveValue('development')
  await expect(card.safetyMode('Redact')).toBeChecked()
  await card.start()
  await expect(room.agentList).toHaveCount(2)

  await openAgain()
  await expect(card.budget).toHaveValue(/^100/)
  await expect(card.dialog).not.toContainText('as last time')
})
