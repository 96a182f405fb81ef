import { commands } from '../src/shared/contract/contract.ts'
import { expect, test } from './fixture.ts'
import { askAsOwner } from './hosts/roomProcess.ts'
import { PanelPane, type PanelTitle } from './pages/panelPane.ts'
import { roomOf, signIn } from './people.ts'

test.beforeEach(({ hostKind }) => test.skip(hostKind === 'desktop', 'It takes a browser beside the window.'))
test.use({ environment: { IRON_SECRETS_MASTER_KEY: Buffer.from('an invented key for these tests.').toString('hex') } })

test('two people see the same of an agent, and what one of them decides', async ({ room, host, browser, agentScript }) => {
  await room.start(agentScript('whole_agent.py', 'lead_gen_agent.py'), '5')
  await expect(room.terminal.rows).toContainText('ready')
  const other = roomOf(host, await signIn(browser, host, 'ada', 'admin'))
  await expect(other.agent.heading).toHaveText('lead_gen_agent.py')

  await room.terminal.type('3')
  await expect(room.terminal.rows).toContainText('done with 3')
  await expect(other.terminal.rows).toContainText('done with 3')
  for (const one of [room, other]) await expect(one.live.figure('progress')).toHaveText('26 / 100 leads (26%)')
  const spent = (await room.cost.region.innerText()).match(/\$[\d.]+/)?.[0] ?? ''
  await expect(other.cost.region).toContainText(`${spent} of $5.00`)
  await expect(other.protection.counter('PII blocked')).toHaveText(['1', '1 kept out'])
  await expect(other.performance.service('linkedin').locator('[data-state]')).toHaveText('Open')

  await other.performance.enlarge()
  await other.performance.service('linkedin').getByRole('button', { name: 'Close it' }).click()
  for (const one of [room, other]) await expect(one.performance.service('linkedin').locator('[data-state]')).toHaveText('Closed')
  const agentId = (await room.agent.idButton.innerText()).trim()
  await askAsOwner(host.dataFolder, 'POST', `/agents/${agentId}/budget`, { by: 1_000_000_000, reason: 'Ten more leads' })
  for (const one of [room, other]) await expect(one.agent.region).toContainText('/ $6.00')
  await other.agent.button('Stop').click()
  for (const one of [room, other]) await expect(one.agent.status('Stopped')).toBeVisible()
  await other.page.context().close()
})

test('a viewer sees all of it and is offered nothing that only an admin may do; the server refuses every one of those commands', async ({ room, host, browser, agentScript }) => {
  await room.start(agentScript('whole_agent.py', 'lead_gen_agent.py'), '5')
  await expect(room.terminal.rows).toContainText('ready')
  const page = await signIn(browser, host, 'grace', 'viewer')
  const seen = roomOf(host, page)
  await expect(page.getByText('Viewer', { exact: true })).toBeVisible()
  await expect(seen.live.figure('progress')).toHaveText('23 / 100 leads (23%)')
  await expect(seen.openButton).toBeHidden()
  const offered = page.getByRole('main').getByRole('button', { name: /^(Stop|Restart|Remove|Approve|Decline|Other amount|Close it|Redact|Block|Warn|Lock|Add|Import|Switch|Run the demo)/ })
  await expect(offered).toHaveCount(0)
  for (const title of ['Cost', 'Protection', 'Performance', 'Notifications'] satisfies PanelTitle[]) {
    const panel = new PanelPane(page, title)
    await panel.enlarge()
    await expect(offered.and(page.locator(':enabled'))).toHaveCount(0)
    await panel.shrink()
  }
  await expect(page.getByRole('textbox', { name: /^Terminal input of / })).toHaveCount(0)
  await seen.secrets.openOverTheRoom()
  await expect(offered).toHaveCount(0)

  const forAdmins = Object.entries(commands).flatMap(([name, { least }]) => (least === 'admin' ? [name] : []))
  expect(forAdmins.length).toBeGreaterThan(20)
  const answers = await page.evaluate(
    (names) =>
      new Promise<Record<string, string>>((resolve, reject) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`)
        const said: Record<string, string> = {}
        socket.onerror = () => reject(new Error('The socket was refused.'))
        socket.onopen = () => names.forEach((request, id) => socket.send(JSON.stringify({ id, request, input: {} })))
        socket.onmessage = ({ data }) => {
          const { id, error } = JSON.parse(String(data)) as { id: number; error?: { code: string } }
          said[names[id] ?? ''] = error?.code ?? 'answered'
          if (Object.keys(said).length < names.length) return
          socket.close()
          resolve(said)
        }
      }),
    forAdmins,
  )
  expect(Object.entries(answers).filter(([, code]) => code !== 'FORBIDDEN')).toEqual([])
  await expect(room.agent.status('Running')).toBeVisible()
  await page.context().close()
})
