import { expect, test } from './fixture.ts'
import { isRunning } from './processes.ts'

test.describe('when the room dies', () => {
  test('it opens again with nothing lost, and nothing is running that nobody watches', async ({ room, host, agentScript }) => {
    await room.start(agentScript('talking_agent.py'))
    await expect(room.terminal.rows).toContainText('ready')
    await room.terminal.type('remember this')
    await expect(room.terminal.rows).toContainText('you said remember this')
    const id = (await room.agent.idButton.innerText()).trim()
    const pid = await room.agent.pid()
    await room.start(agentScript('steady_agent.py'))
    await expect(room.agentList).toHaveCount(2)

    await host.kill()
    if (host.kind === 'browser') {
      await expect(room.connection).toHaveText('Reconnecting…')
      await expect(room.agentList).toHaveCount(2)
      await expect(room.openButton).toBeDisabled()
    }
    await host.startAgain()
    await room.isOpen()
    await expect(room.connection).toHaveText('Connected')
    await expect(room.runningCount).toHaveText('0 running')
    await expect(room.agentList).toHaveCount(2)
    await room.select('talking_agent.py')
    await expect(room.agent.idButton).toHaveText(id)
    await expect(room.agent.status('Crashed')).toBeVisible()
    await expect(room.agent.region).toContainText('The control room ended without stopping it.')
    await expect(room.terminal.rows).toContainText('you said remember this')
    expect(isRunning(pid)).toBe(false)

    await room.agent.button('Restart').click()
    await expect(room.agent.status('Running')).toBeVisible()
    await expect(room.agent.idButton).toHaveText(id)
    await expect(room.terminal.rows).toContainText('ready')
  })

  test('a browser says so, keeps what it shows, and loses no event of before or after', async ({ room, host, agentScript }) => {
    test.skip(host.kind !== 'browser', 'A window of its own dies with the room.')
    await room.page.setViewportSize({ width: 1440, height: 1400 })
    await room.start(agentScript('talking_agent.py'))
    await expect(room.terminal.rows).toContainText('ready')
    await room.log.enlarge()
    await expect(room.log.list).toContainText('is running with pid')
    await host.kill()
    await expect(room.connection).toHaveText('Reconnecting…')
    await expect(room.page.getByRole('banner')).toContainText(/The control room does not answer\. What you see is as it was at \d\d:\d\d:\d\d\./)
    await expect(room.log.list).toContainText('is running with pid')

    await host.startAgain()
    await expect(room.connection).toHaveText('Connected')
    await expect(room.page.getByRole('banner')).not.toContainText('does not answer')
    await expect(room.agent.status('Crashed')).toBeVisible()
    await room.agent.button('Restart').click()
    await expect(room.agent.status('Running')).toBeVisible()
    await expect(room.log.list).toContainText(/The control room is open\.[\s\S]*The control room is open\.[\s\S]*is running with pid/)
    const shown = await room.log.rows.allInnerTexts()
    await room.page.reload()
    await room.log.enlarge()
    await expect(room.log.rows).toHaveText(shown, { useInnerText: true })
  })
})
