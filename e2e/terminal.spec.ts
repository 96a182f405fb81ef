import type { Locator } from '@playwright/test'
import { expect, test } from './fixture.ts'

test.describe('the terminal', () => {
  test('shows colours, takes what is typed, and brings Ctrl-C to the agent', async ({ room, agentScript }) => {
    await room.start(agentScript('talking_agent.py'))
    const { terminal } = room
    await expect(terminal.rows).toContainText('ready')

    const green = await colorOf(terminal.piece('green as grass'))
    const red = await colorOf(terminal.piece('red as rust'))
    expect(green[1]).toBeGreaterThan(green[0])
    expect(red[0]).toBeGreaterThan(red[1])

    await terminal.type('hello there')
    await expect(terminal.rows).toContainText('you said hello there')
    await terminal.type('grüße, 世界')
    await expect(terminal.rows).toContainText('you said grüße, 世界')

    await terminal.press('Control+c')
    await expect(terminal.rows).toContainText('interrupted, going on')
    await expect(room.agent.status('Running')).toBeVisible()
  })

  test('tells the agent its size, and again when the window changes', async ({ room, agentScript }) => {
    await room.page.setViewportSize({ width: 1400, height: 900 })
    await room.start(agentScript('talking_agent.py'))
    const { terminal } = room
    await expect(terminal.rows).toContainText('ready')
    await expect.poll(async () => (await terminal.lastSizeTold()).columns).toBeGreaterThan(80)
    const before = await terminal.lastSizeTold()

    await room.page.setViewportSize({ width: 1100, height: 700 })
    await expect.poll(async () => (await terminal.lastSizeTold()).columns).toBeLessThan(before.columns)
    const after = await terminal.lastSizeTold()
    expect(after.rows).toBeLessThan(before.rows)
  })

  test('keeps 10,000 lines to scroll back, and finds one of them', async ({ room, agentScript }) => {
    await room.start(agentScript('counting_agent.py'))
    const { terminal } = room
    await expect(terminal.rows).toContainText('all printed')
    await terminal.scroll(-2_000)
    await expect(terminal.rows).not.toContainText('all printed')
    await terminal.region.getByRole('button', { name: 'Go to end' }).click()
    await expect(terminal.rows).toContainText('all printed')

    await terminal.search('line 00001')
    await expect(terminal.searchResult).toHaveText('1 of 1')
    await expect(terminal.rows).toContainText('line 00001')
    await expect(terminal.rows).not.toContainText('all printed')

    await room.page.reload()
    await expect(terminal.rows).toContainText('all printed')
    await terminal.search('line 00001')
    await expect(terminal.searchResult).toHaveText('1 of 1')
    await expect(terminal.rows).toContainText('line 00001')
  })

  test('comes back after a reload with all that it showed', async ({ room, agentScript }) => {
    await room.start(agentScript('talking_agent.py'))
    await expect(room.terminal.rows).toContainText('ready')
    await room.terminal.type('before the reload')
    await expect(room.terminal.rows).toContainText('you said before the reload')
    const id = await room.agent.idButton.innerText()
    const pid = await room.agent.pid()

    await room.page.reload()
    await expect(room.agent.idButton).toHaveText(id)
    expect(await room.agent.pid()).toBe(pid)
    await expect(room.agent.status('Running')).toBeVisible()
    await expect(room.terminal.rows).toContainText('you said before the reload')
    await room.terminal.scroll(-2_000)
    await expect(room.terminal.rows).toContainText('green as grass')
    await room.terminal.type('after it')
    await expect(room.terminal.rows).toContainText('you said after it')
  })

  test('is held where it is, counts what comes below, and goes to the end', async ({ room, agentScript }) => {
    await room.start(agentScript('talking_agent.py'))
    const { terminal } = room
    await expect(terminal.rows).toContainText('ready')
    const hold = terminal.region.getByRole('button', { name: 'Hold the view' })
    await hold.click()
    await expect(hold).toHaveAttribute('aria-pressed', 'true')

    for (let line = 0; line < 30; line++) await terminal.press('Enter')
    await terminal.type('the last words')
    const toEnd = terminal.region.getByRole('button', { name: /^\d+ new lines · Go to end$/ })
    await expect(toEnd).toBeVisible()
    await expect(terminal.rows).toContainText('green as grass')
    await expect(terminal.rows).not.toContainText('you said the last words')

    await toEnd.click()
    await expect(terminal.rows).toContainText('you said the last words')
    await expect(toEnd).toBeHidden()
    await expect(hold).toHaveAttribute('aria-pressed', 'false')
  })

  test('says when something in it was redacted, and leads to what was found', async ({ room, agentScript }) => {
    await room.start(agentScript('talking_agent.py'))
    const { terminal, protection } = room
    await expect(terminal.rows).toContainText('ready')
    const redacted = terminal.region.getByRole('button', { name: /^\d+ redacted$/ })
    await expect(redacted).toBeHidden()

    await terminal.type('write to ceo@acme.com')
    await expect(terminal.rows).toContainText('you said write to [EMAIL_REDACTED]')
    await redacted.click()
    await expect(protection.rows.first()).toContainText('Email')
    await expect(room.page.locator('body')).not.toContainText('ceo@acme.com')
  })
})

/** Red, green and blue as the browser paints them. */
async function colorOf(piece: Locator): Promise<[number, number, number]> {
  const [red = 0, green = 0, blue = 0] = await piece.evaluate((element) => (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).map(Number))
  return [red, green, blue]
}
