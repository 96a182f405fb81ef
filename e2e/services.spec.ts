import { expect, test } from './fixture.ts'

test('a service that fails five times is kept away from, its callers are served from elsewhere, and somebody closes the breaker', async ({ room, agentScript }) => {
  await room.start(agentScript('serviced_agent.py'))
  await expect(room.terminal.rows).toContainText('ready')
  const { performance } = room
  await performance.enlarge()

  await room.terminal.type('up 23')
  await expect(room.terminal.rows).toContainText('up 23: head of Acorn Works')
  const linkedin = performance.service('linkedin')
  await expect(linkedin).toContainText('Closed')
  await expect(performance.figure('progress')).toHaveText('23 / 100 leads (23%)', { timeout: 1_000 })
  await expect(performance.figure('success')).toHaveText('100% (23/23)')
  await expect(performance.figure('p95')).toHaveText('P95: 2.1s')
  await expect(performance.figure('rate')).toContainText('leads/hour')

  await room.terminal.type('down 71')
  await expect(room.terminal.rows).toContainText('down 71: head of Acorn Works')
  await expect(linkedin.locator('[data-state]')).toHaveText('Open')
  await expect(linkedin).toContainText('5 calls in a row (429)')
  await expect(linkedin).toContainText(/A probe in \d+ s/)
  await expect(performance.figure('blocked')).toHaveText('66 leads')
  await expect(performance.figure('saved')).toHaveText('$6.60 saved')
  await expect(performance.figure('viaFallback')).toHaveText('100% via fallback')
  await expect(linkedin).toContainText('Answered: 23 by itself, 71 from the cache')

  await linkedin.getByRole('button', { name: 'Close it' }).click()
  await expect(linkedin.locator('[data-state]')).toHaveText('Closed')
  await room.terminal.type('up 1')
  await expect(room.terminal.rows).toContainText('up 1: head of Acorn Works')
  await expect(linkedin).toContainText('Answered: 24 by itself')
  await expect(performance.region.getByRole('list', { name: 'Services' })).not.toContainText('Open')
})
