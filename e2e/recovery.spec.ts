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
})
