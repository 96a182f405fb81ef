import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixture.ts'
import { isRunning } from './processes.ts'

test.describe('running agents', () => {
  test('Stop ends an agent and everything that it started, however far it had slipped away', async ({ room, agentScript }) => {
    test.skip(process.platform === 'win32', 'Windows has no sessions to slip away into.')
    await room.start(agentScript('family_agent.py'))
    await expect(room.terminal.rows).toContainText('together')
    const said = /family (\d+) (\d+) (\d+) (\d+) together/.exec(await room.terminal.rows.innerText())
    const family = (said ?? []).slice(1).map(Number)
    expect(family).toHaveLength(4)
    expect(family.filter(isRunning)).toEqual(family)

    await room.agent.button('Stop').click()
    await expect(room.agent.status('Stopped')).toBeVisible({ timeout: 30_000 })
    expect(family.filter(isRunning)).toEqual([])
    await expect(room.agent.region).not.toContainText('outlived')
    await expect(room.runningCount).toHaveText('0 running')
  })

  test('Restart asks first, then starts the same agent as a new process', async ({ room, agentScript }) => {
    await room.start(agentScript('steady_agent.py'))
    const { agent } = room
    await expect(agent.status('Running')).toBeVisible()
    const id = await agent.idButton.innerText()
    const pid = await agent.pid()

    await agent.button('Restart').click()
    await agent.confirm('Restart')
    await expect(agent.fact('PID')).not.toHaveText(String(pid))
    await expect(agent.status('Running')).toBeVisible()
    await expect(agent.idButton).toHaveText(id)
    expect(isRunning(pid)).toBe(false)
    expect(isRunning(await agent.pid())).toBe(true)
  })

  test('several run side by side, each with a terminal of its own', async ({ room, agentScript }) => {
    await room.start(agentScript('talking_agent.py', 'first_voice.py'))
    await expect(room.terminal.rows).toContainText('ready')
    await room.start(agentScript('talking_agent.py', 'second_voice.py'))
    await expect(room.agent.heading).toHaveText('second_voice.py')
    await expect(room.terminal.rows).toContainText('ready')
    await expect(room.agentList).toHaveCount(2)
    await expect(room.runningCount).toHaveText('2 running')

    await room.terminal.type('to the second')
    await expect(room.terminal.rows).toContainText('you said to the second')
    await room.select('first_voice.py')
    await expect(room.terminal.rows).toContainText('ready')
    await expect(room.terminal.rows).not.toContainText('to the second')
    await room.terminal.type('to the first')
    await expect(room.terminal.rows).toContainText('you said to the first')

    await room.agent.button('Stop').click()
    await expect(room.agent.status('Stopped')).toBeVisible()
    await room.select('second_voice.py')
    await expect(room.agent.status('Running')).toBeVisible()
    await expect(room.terminal.rows).toContainText('you said to the second')
    await expect(room.terminal.rows).not.toContainText('to the first')
  })

  test('one that was removed leaves the room', async ({ room, agentScript }) => {
    await room.start(agentScript('steady_agent.py'))
    await expect(room.agent.status('Running')).toBeVisible()
    await expect(room.agent.button('Remove')).toBeHidden()
    await room.agent.button('Stop').click()
    await room.agent.button('Remove').click()
    await expect(room.emptyRoom).toBeVisible()
    await expect(room.recentScripts.getByRole('button', { name: /steady_agent\.py/ })).toBeVisible()
  })
})

test('an agent started on the command line shows in the room, and ends there when it is stopped here', async ({ room, cli, agentScript }) => {
  const started = cli('start', agentScript('steady_agent.py', 'lead_gen_agent.py'), '--budget', '$50', '--verbose')
  await expect(room.agent.heading).toHaveText('lead_gen_agent.py')
  await room.agent.explain()
  await expect(room.agent.fact('Budget')).toHaveText('$50.00')
  await expect(room.agent.status('Running')).toBeVisible()
  await expect(room.terminal.rows).toContainText('steady under')
  const uptime = await room.agent.fact('Uptime').innerText()
  await expect(room.agent.fact('Uptime')).not.toHaveText(uptime)
  const id = (await room.agent.idButton.innerText()).trim()

  await room.agent.button('Stop').click()
  const { code, stdout, stderr } = await started
  expect(code).toBe(122)
  expect(stdout).toContain('steady under')
  expect(stderr).toMatch(new RegExp(`^\\[\\d\\d:\\d\\d:\\d\\d\\] INFO ${id} `, 'm'))
})

test.describe('agents that crash', () => {
  test.use({ environment: { IRON_CAGE_MAX_RESTARTS: '1' } })

  test('are started again, and parked with their last lines when it does not help', async ({ room, agentScript }) => {
    await room.start(agentScript('failing_agent.py'))
    const { agent } = room
    await expect(agent.status('Crashed')).toBeVisible({ timeout: 30_000 })
    await agent.explain()
    await expect(agent.fact('Restarts')).toHaveText('1')
    await expect(agent.region).toContainText('exit code 7')
    await expect(agent.lastOutput).toContainText('could not reach the moon')
    await expect(agent.lastOutput).toContainText('Last 50 lines')
    await expect(agent.lastOutput).toContainText('step 12')
    await expect(agent.lastOutput).not.toContainText('step 11')
    await expect(room.runningCount).toHaveText('0 running')
    await expect(agent.button('Stop')).toBeHidden()

    await room.page.reload()
    await expect(agent.status('Crashed')).toBeVisible()
    await expect(agent.lastOutput).toContainText('could not reach the moon')
  })
})

test('when the room closes, its agents end before it does', async ({ room, host, agentScript }) => {
  await room.start(agentScript('steady_agent.py'))
  await expect(room.agent.status('Running')).toBeVisible()
  const pid = await room.agent.pid()
  expect(isRunning(pid)).toBe(true)
  expect(await host.stop()).toBe(0)
  expect(isRunning(pid)).toBe(false)
  expect(readFileSync(join(host.dataFolder, 'logs/control-room.log'), 'utf8')).toContain('room.stopped')
})
