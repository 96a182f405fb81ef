import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from './fixture.ts'
import type { Host } from './hosts/host.ts'
import { askAsOwner } from './hosts/roomProcess.ts'
import { SecretsRoom } from './pages/secretsRoom.ts'
import { PASSWORD, signIn } from './people.ts'

const OLD = `sk-proj-invented-old-${'0123456789'.repeat(4)}-xyz`
const NEW = `sk-proj-invented-new-${'0123456789'.repeat(4)}-xyz`
const KEY = { IRON_SECRETS_MASTER_KEY: Buffer.from('an invented key for these tests.').toString('hex') }

/** As the agent tells it. */
const mark = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 8)

const keep = (host: Host, name: string, value: string, environment = 'production'): Promise<{ id: string }> =>
  askAsOwner(host.dataFolder, 'POST', '/secrets', { name, value, environment }) as Promise<{ id: string }>

test.describe('secrets', () => {
  test.use({ environment: KEY })

  test('one is added and masked, revealed for half a minute and while the window is in front, and all of that is in the audit', async ({ room, host }) => {
    const { secrets } = room
    await room.page.clock.install()
    await room.page.reload()
    await secrets.openOverTheRoom()
    await expect(secrets.region).toContainText('No secrets yet.')
    await secrets.add({ name: 'OPENAI_API_KEY', value: `${OLD}\n`, environment: 'Production' })
    await expect(secrets.dialog).toBeHidden()
    for (const words of ['OPENAI_API_KEY', 'Production', 'sk-proj-inv...xyz']) await expect(secrets.row('OPENAI_API_KEY')).toContainText(words)
    expect(await room.page.content()).not.toContain(OLD)

    await secrets.add({ name: 'OPENAI_API_KEY', value: OLD, environment: 'Production' })
    await expect(secrets.dialog.getByRole('alert')).toContainText('OPENAI_API_KEY')
    await room.page.keyboard.press('Escape')

    const place = 'OPENAI_API_KEY (production)'
    await secrets.action('Reveal', place).click()
    await expect(secrets.value('OPENAI_API_KEY')).toHaveText(OLD)
    await room.page.clock.fastForward(29_000)
    await expect(secrets.value('OPENAI_API_KEY')).toHaveText(OLD)
    await room.page.clock.fastForward(2_000)
    await expect(secrets.value('OPENAI_API_KEY')).toBeHidden()
    await secrets.action('Reveal', place).click()
    await expect(secrets.value('OPENAI_API_KEY')).toHaveText(OLD)
    await room.page.evaluate(() => window.dispatchEvent(new Event('blur')))
    await expect(secrets.value('OPENAI_API_KEY')).toBeHidden()
    expect(await room.page.content()).not.toContain(OLD)

    await secrets.more(place, 'Audit…')
    await expect(secrets.dialog.getByRole('listitem')).toContainText([/^Revealed/, /^Revealed/, /^Added, failed/, /^Added/])
    const { secrets: kept } = (await askAsOwner(host.dataFolder, 'GET', '/secrets')) as { secrets: { value: string }[] }
    expect(kept.map(({ value }) => value)).toEqual(['sk-proj-inv...xyz'])
  })

  test('a new value reaches the agent that runs, without a restart; an earlier one comes back the same way', async ({ room, host, agentScript }) => {
    await keep(host, 'INVENTED_API_KEY', OLD, 'development')
    await room.start(agentScript('keyed_agent.py'))
    await expect(room.terminal.rows).toContainText('ready under')
    const pid = await room.agent.pid()
    await room.terminal.type('which')
    await expect(room.terminal.rows).toContainText(`key ${mark(OLD)} under ${pid}`)

    const { secrets } = room
    await secrets.tab.click()
    await secrets.action('Edit', 'INVENTED_API_KEY (development)').click()
    await secrets.dialog.getByLabel('New value').fill(NEW)
    await secrets.press('Save')
    await expect(secrets.dialog).toContainText('Version 2. 1 running agent had it.')
    await expect(secrets.dialog.getByRole('list', { name: 'Running agents' })).toContainText('keyed_agent.py Has it')
    await secrets.press('Done')
    await room.terminal.type('which')
    await expect(room.terminal.rows).toContainText(`key ${mark(NEW)} under ${pid}`)
    await expect(secrets.region).toContainText('version 2')

    await secrets.more('INVENTED_API_KEY (development)', 'Versions and rotation…')
    await expect(secrets.dialog.getByRole('region', { name: 'Rotation' })).toContainText('Rotation to version 2')
    await secrets.dialog.getByRole('button', { name: 'Roll back to version 1' }).click()
    await secrets.question.getByRole('button', { name: 'Roll back' }).click()
    await expect(secrets.dialog.getByRole('region', { name: 'Versions' }).getByRole('listitem').first()).toContainText('Version 3 holds now')
    await room.page.keyboard.press('Escape')
    await room.terminal.type('which')
    await expect(room.terminal.rows).toContainText(new RegExp(`key ${mark(NEW)}[\\s\\S]*key ${mark(OLD)}`))
    expect(await room.agent.pid()).toBe(pid)
    await expect(room.agent.fact('Restarts')).toHaveText('0')
    await room.log.enlarge()
    await expect(room.log.list).toContainText('INVENTED_API_KEY')
  })

  test('one is deleted once its name is typed, and restored; environments are looked at one by one', async ({ room, host }) => {
    await keep(host, 'OPENAI_API_KEY', OLD)
    await keep(host, 'OPENAI_API_KEY', NEW, 'staging')
    const { secrets } = room
    await secrets.openOverTheRoom()
    await expect(secrets.row('OPENAI_API_KEY')).toHaveCount(2)
    await secrets.region.getByLabel('Environment').selectOption('Staging')
    await expect(secrets.row('OPENAI_API_KEY')).toHaveCount(1)

    await secrets.action('Delete', 'OPENAI_API_KEY (staging)').click()
    await expect(secrets.dialog.getByRole('button', { name: 'Delete', exact: true })).toBeDisabled()
    await secrets.dialog.getByLabel('Type OPENAI_API_KEY to confirm').fill('OPENAI_API_KEY')
    await secrets.press('Delete')
    await expect(secrets.region).toContainText('There is none in this environment.')
    await secrets.region.getByRole('button', { name: /^Deleted/ }).click()
    await secrets.action('Restore', 'OPENAI_API_KEY (staging)').click()
    await expect(secrets.region).toContainText('Nothing is deleted here.')
    await secrets.region.getByRole('button', { name: /^Deleted/ }).click()
    await expect(secrets.row('OPENAI_API_KEY', 'Staging')).toHaveCount(1)
  })

  test('a viewer sees them masked and is offered nothing more; an admin gives the password again to export them', async ({ room, host, browser }) => {
    test.skip(host.kind === 'desktop', 'It takes a browser beside the window.')
    const { id } = await keep(host, 'OPENAI_API_KEY', OLD)
    await room.isOpen()
    const viewer = await signIn(browser, host, 'grace', 'viewer')
    const seen = new SecretsRoom(viewer)
    await seen.openOverTheRoom()
    await expect(seen.row('OPENAI_API_KEY')).toContainText('sk-proj-inv...xyz')
    for (const name of ['Add', 'Import and export', 'Lock']) await expect(seen.region.getByRole('button', { name, exact: true })).toBeHidden()
    for (const word of ['Reveal', 'Edit', 'Delete'] as const) await expect(seen.action(word, 'OPENAI_API_KEY (production)')).toBeHidden()
    const refused = await viewer.evaluate(async (secret) => {
      const put = await fetch(`/api/secrets/${secret}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"value":"invented"}' })
      const get = await fetch(`/api/secrets/${secret}?reveal=true`)
      return [put.status, get.status]
    }, id)
    expect(refused).toEqual([403, 403])
    await viewer.context().close()

    const admin = await signIn(browser, host, 'ada', 'admin')
    const own = new SecretsRoom(admin)
    await own.openOverTheRoom()
    await own.importOrExport('Import…')
    await own.dialog.getByLabel('Text').fill(`# of another tool\nCLEARBIT_KEY=${NEW}\nOPENAI_API_KEY=${NEW}\n`)
    await own.press('Import')
    await expect(own.dialog).toContainText('Added 1CLEARBIT_KEY')
    await expect(own.dialog).toContainText('Left as they were 1OPENAI_API_KEY')
    await own.press('Done')
    await expect(own.row('CLEARBIT_KEY')).toHaveCount(1)

    await own.importOrExport('Export…')
    await own.dialog.getByLabel('Why do you need them?').fill('Moving to another machine')
    await expect(own.dialog.getByRole('button', { name: 'Export', exact: true })).toBeDisabled()
    await own.dialog.getByLabel('Your password, once more').fill('a wrong password')
    await own.press('Export')
    await expect(own.dialog.getByRole('alert')).toHaveText('That is not your password; nothing was exported.')
    await own.dialog.getByLabel('Your password, once more').fill(PASSWORD)
    const saving = admin.waitForEvent('download')
    await own.press('Export')
    const saved = await saving
    expect(saved.suggestedFilename()).toBe('production.env')
    expect(readFileSync(await saved.path(), 'utf8')).toContain(OLD)
    await expect(own.dialog).toBeHidden()
    await own.region.getByRole('tab', { name: 'Audit' }).click()
    await expect(own.region.getByRole('listitem').filter({ hasText: 'Exported' }).filter({ hasText: 'Moving to another machine' })).toHaveCount(1)
    await admin.context().close()
  })

  test('locked for the stage, nobody reveals or changes one at any door, until the password is given', async ({ room, host }) => {
    const { id } = await keep(host, 'OPENAI_API_KEY', OLD)
    const { secrets } = room
    await secrets.openOverTheRoom()
    await secrets.action('Reveal', 'OPENAI_API_KEY (production)').click()
    await expect(secrets.value('OPENAI_API_KEY')).toHaveText(OLD)
    await secrets.region.getByRole('button', { name: 'Lock', exact: true }).click()
    await secrets.dialog.getByLabel('Password for the stage').fill('on the stage')
    await secrets.dialog.getByLabel('Once more').fill('on the stage')
    await secrets.press('Lock')
    await expect(secrets.value('OPENAI_API_KEY')).toBeHidden()
    const notice = secrets.region.getByRole('region', { name: 'Locked for the stage' })
    await expect(notice).toBeVisible()
    for (const word of ['Reveal', 'Edit', 'Delete'] as const) await expect(secrets.action(word, 'OPENAI_API_KEY (production)')).toBeDisabled()
    expect(await askAsOwner(host.dataFolder, 'GET', `/secrets/${id}?reveal=true`)).toMatchObject({ error: { code: 'LOCKED' } })

    await notice.getByLabel('Password for the stage').fill('another word')
    await notice.getByRole('button', { name: 'Unlock' }).click()
    await expect(notice.getByRole('alert')).toContainText('does not unlock')
    await notice.getByLabel('Password for the stage').fill('on the stage')
    await notice.getByRole('button', { name: 'Unlock' }).click()
    await expect(notice).toBeHidden()
    await secrets.action('Reveal', 'OPENAI_API_KEY (production)').click()
    await expect(secrets.value('OPENAI_API_KEY')).toHaveText(OLD)
  })
})

test('a room without a master key asks at its first start; what is kept with a passphrase is opened with it after the next', async ({ room, host, agentScript }) => {
  const card = room.page.getByRole('main').getByRole('region', { name: 'Master key' })
  await expect(card).toContainText('Secrets need a master key')
  await card.getByRole('button', { name: 'Set it up…' }).click()
  const { dialog } = room.secrets
  await expect(dialog.getByRole('radio', { name: /keychain/ })).toBeDisabled()
  await dialog.getByRole('radio', { name: /A variable of your own/ }).check()
  await expect(dialog).toContainText('IRON_SECRETS_MASTER_KEY')
  await dialog.getByRole('radio', { name: /A passphrase/ }).check()
  await dialog.getByLabel('Passphrase', { exact: true }).fill('twelve invented words')
  await dialog.getByLabel('Once more').fill('twelve invented words')
  await room.secrets.press('Make the key')
  await expect(card).toBeHidden()
  await room.secrets.openOverTheRoom()
  await room.secrets.add({ name: 'INVENTED_API_KEY', value: OLD, environment: 'Development' })
  await expect(room.secrets.row('INVENTED_API_KEY')).toHaveCount(1)

  await host.kill()
  await host.startAgain()
  const locked = room.page.getByRole('region', { name: 'Master key' })
  await expect(locked).toContainText('The master key is locked')
  await locked.getByLabel('Passphrase of the key file').fill('another passphrase')
  await locked.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(locked.getByRole('alert')).toContainText('passphrase')
  await locked.getByLabel('Passphrase of the key file').fill('twelve invented words')
  await locked.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(locked).toBeHidden()
  await room.start(agentScript('keyed_agent.py'))
  await expect(room.terminal.rows).toContainText('ready under')
  await room.terminal.type('which')
  await expect(room.terminal.rows).toContainText(`key ${mark(OLD)}`)
})

test('who does not want a key now puts the card away, and finds it in the secrets', async ({ room }) => {
  await room.page.getByRole('region', { name: 'Master key' }).getByRole('button', { name: 'Not now' }).click()
  await expect(room.page.getByRole('region', { name: 'Master key' })).toBeHidden()
  await room.page.reload()
  await room.isOpen()
  await expect(room.emptyRoom).toBeVisible()
  await expect(room.page.getByRole('region', { name: 'Master key' })).toBeHidden()
  await room.secrets.openOverTheRoom()
  await expect(room.secrets.region.getByRole('button', { name: 'Add' })).toBeDisabled()
  await expect(room.secrets.region.getByRole('button', { name: 'Set it up…' })).toBeVisible()
})

test('somebody gives themselves another password, is out everywhere, and comes in with the new one', async ({ room, host, browser }) => {
  test.skip(host.kind === 'desktop', 'It takes a browser beside the window.')
  await room.isOpen()
  const page = await signIn(browser, host, 'ada', 'viewer')
  await page.getByRole('button', { name: 'Signed in as ada' }).click()
  await page.getByRole('menuitem', { name: 'Change my password…' }).click()
  const dialog = page.getByRole('dialog')
  const fill = async (current: string, next: string): Promise<void> => {
    await dialog.getByLabel('The one that holds').fill(current)
    await dialog.getByLabel('The new one').fill(next)
    await dialog.getByLabel('Once more').fill(next)
    await dialog.getByRole('button', { name: 'Change it' }).click()
  }
  await fill('a wrong password', 'another invented one')
  await expect(dialog.getByRole('alert')).toContainText('password')
  await fill(PASSWORD, 'another invented one')
  await expect(page.getByRole('heading', { name: 'This browser is not signed in' })).toBeVisible()
  await page.getByRole('link', { name: 'Sign in with name and password' }).click()
  await page.getByLabel('Name').fill('ada')
  await page.getByLabel('Password').fill('another invented one')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('button', { name: 'Signed in as ada' })).toBeVisible()
  await page.context().close()
})

test('a browser signs out, and is out', async ({ room, host }) => {
  if (host.kind !== 'browser') {
    await expect(room.openButton).toBeEnabled()
    await expect(room.page.getByRole('button', { name: /^Signed in as/ })).toBeHidden()
    return
  }
  await room.page.getByRole('button', { name: 'Signed in as owner' }).click()
  await room.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(room.page.getByRole('heading', { name: 'This browser is not signed in' })).toBeVisible()
  expect(await room.page.evaluate(() => fetch('/api/identity').then(({ status }) => status))).toBe(401)
})
