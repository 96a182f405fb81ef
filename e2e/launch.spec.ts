import { dirname } from 'node:path'
import { writeFileSync } from 'node:fs'
import { expect, test } from './fixture.ts'

test.describe('the launch card', () => {
  test('shows what would run before anything does', async ({ room, agentScript }) => {
    const script = agentScript('steady_agent.py', 'lead_gen_agent.py')
    await room.drop(script)
    const card = room.launchCard
    await expect(card.dialog).toHaveAccessibleName('Start lead_gen_agent.py')
    await expect(card.dialog.getByText('Nothing has started yet.')).toBeVisible()
    await expect(card.dialog.getByText(/lead_gen_agent\.py$/).last()).toBeVisible()
    await expect(card.dialog.getByText(/^runs with python/)).toBeVisible()
    await expect(card.interpreter).toHaveValue(/python/)
    await expect(card.budget).toHaveValue(/^100/)
    await expect(card.safetyMode('Redact')).toBeChecked()
    await expect(card.environment).toHaveValue('development')
    await expect(card.workingFolder).toHaveValue(room.host.kind === 'browser' ? /workspaces/ : dirname(script))

    await card.cancel()
    await expect(room.emptyRoom).toBeVisible()
    await expect(room.runningCount).toHaveText('0 running')
  })

  test('starts what it shows, with what was changed', async ({ room, agentScript }) => {
    await room.drop(agentScript('steady_agent.py', 'lead_gen_agent.py'))
    const card = room.launchCard
    await card.budget.fill('12.50')
    await card.safetyMode('Block').check()
    await card.environment.selectOption('staging')
    await card.start()
    const { agent } = room
    await expect(agent.heading).toHaveText('lead_gen_agent.py')
    await expect(agent.status('Running')).toBeVisible()
    await expect(agent.idButton).toHaveText(/^lg-[0-9a-f]{8}/)
    await agent.explain()
    await expect(agent.fact('Budget')).toHaveText('$12.50')
    await expect(agent.fact('Safety')).toHaveText('Block')
    await expect(agent.fact('Environment')).toHaveText('Staging')
    await expect(agent.fact('Restarts')).toHaveText('0')
    await expect(agent.fact('PID')).toHaveText(/^\d+$/)
    await expect(agent.fact('Uptime')).toHaveText(/\d/)
    await expect(room.runningCount).toHaveText('1 running')
    await expect(room.terminal.rows).toContainText('steady under')
  })

  test('says who answers, and what happens at the limit, and lets one choose', async ({ room, agentScript }) => {
    await room.drop(agentScript('steady_agent.py', 'lead_gen_agent.py'))
    const card = room.launchCard
    await expect(card.provider).toHaveValue('simulated')
    await expect(card.dialog).toContainText('LLM answers are simulated, for no API key and no upstream is known')
    await expect(card.dialog).toContainText('waits where somebody can be asked')
    await card.provider.selectOption('Live')
    await expect(card.dialog).toContainText('LLM calls go to the providers, and cost real money.')
    await card.provider.selectOption('Simulated')
    await card.atLimit.selectOption('End the run')
    await expect(card.dialog).toContainText('is refused, and the run ends.')
    await card.start()
    await room.agent.explain()
    await expect(room.agent.fact('LLM calls')).toHaveText('Simulated')
  })

  test('refuses a budget that is none with a sentence that names it, and starts nothing', async ({ room, agentScript }) => {
    await room.drop(agentScript('steady_agent.py'))
    const card = room.launchCard
    for (const budget of ['abc', '-5', '0', '1e9', '$', '50 €']) {
      await card.budget.fill(budget)
      await expect(card.problem).toContainText(budget)
      await expect(card.startButton).toBeDisabled()
    }
    await card.budget.fill('$5')
    await expect(card.problem).toBeHidden()
    await card.start()
    await room.agent.explain()
    await expect(room.agent.fact('Budget')).toHaveText('$5.00')
  })

  test('opens a script by its button, and again from the recent ones', async ({ room, agentScript }) => {
    await room.open(agentScript('steady_agent.py'))
    await room.launchCard.start()
    await expect(room.agent.status('Running')).toBeVisible()
    await room.agent.button('Stop').click()
    await expect(room.agent.status('Stopped')).toBeVisible()
    await room.page.getByRole('button', { name: 'Recent scripts' }).click()
    await room.page.getByRole('menuitem', { name: /steady_agent\.py/ }).click()
    await room.launchCard.start()
    await expect(room.agentList).toHaveCount(2)
  })

  test('says in a sentence why something dropped cannot run', async ({ room, folder }) => {
    const notes = `${folder}/notes.txt`
    writeFileSync(notes, 'milk, bread')
    await room.drop(notes)
    if (room.host.kind === 'browser') {
      // What nobody could run is not even taken in.
      await expect(room.notices).toContainText('None of these files can be run; drop a .py, .js or .ts script')
    } else {
      await expect(room.launchCard.problem).toContainText(`No interpreter is known for ${notes}`)
      await expect(room.launchCard.problem).toContainText('use chmod +x')
      await expect(room.launchCard.startButton).toBeDisabled()
      await room.launchCard.cancel()
    }
    await expect(room.emptyRoom).toBeVisible()
    await expect(room.runningCount).toHaveText('0 running')
  })

  test('says so when there is no such interpreter', async ({ room, agentScript }) => {
    await room.drop(agentScript('steady_agent.py'))
    await room.launchCard.interpreter.fill('python-of-the-moon')
    await expect(room.launchCard.problem).toContainText('python-of-the-moon')
    await expect(room.launchCard.startButton).toBeDisabled()
  })

  test('says so when a script is gone, and starts nothing', async ({ room, cli, folder }) => {
    await expect(room.emptyRoom).toBeVisible()
    const absent = `${folder}/absent.py`
    const { code, stderr } = await cli('start', absent)
    expect(code).toBe(2)
    expect(stderr).toContain(`There is no script ${absent}`)
    await expect(room.runningCount).toHaveText('0 running')
    await expect(room.emptyRoom).toBeVisible()
  })
})
