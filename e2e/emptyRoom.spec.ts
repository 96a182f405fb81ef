import type { Page } from '@playwright/test'
import { expect, test } from './fixture.ts'

test.describe('the empty room', () => {
  test('says what to do first, and nothing has gone wrong', async ({ room }) => {
    const problems: string[] = []
    room.page.on('pageerror', (error) => problems.push(String(error)))
    room.page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    await room.page.reload()
    await room.isOpen()
    await expect(room.emptyRoom.getByRole('heading', { name: 'Drop an agent script here' })).toBeVisible()
    await expect(room.runningCount).toHaveText('0 running')
    await expect(room.notices).toHaveCount(0)
    await expect(room.page).toHaveTitle('Iron Cage Control Room')
    expect(problems).toEqual([])
  })

  test('knows its owner', async ({ room, cli }) => {
    await expect(room.openButton).toBeVisible()
    const { code, stdout } = await cli('list')
    expect(code).toBe(0)
    expect(stdout).not.toContain('lg-')
  })

  for (const colorScheme of ['dark', 'light'] as const) {
    test(`follows the system: ${colorScheme}`, async ({ room }) => {
      await room.page.emulateMedia({ colorScheme })
      await expect.poll(() => room.page.evaluate(() => document.documentElement.dataset['theme'])).toBe(colorScheme)
      const colors = await room.page.evaluate(() => {
        const { backgroundColor, color } = getComputedStyle(document.body)
        return { backgroundColor, color }
      })
      const back = await brightness(room.page, colors.backgroundColor)
      const text = await brightness(room.page, colors.color)
      if (colorScheme === 'dark') expect(back).toBeLessThan(0.3)
      else expect(back).toBeGreaterThan(0.8)
      expect(Math.abs(text - back)).toBeGreaterThan(0.5)
    })
  }

  test('fits every window without scrolling sideways: empty, with the launch card, with an agent', async ({ room, agentScript }) => {
    const sizes = [
      [360, 640],
      [720, 480],
      [1024, 768],
      [1920, 1080],
    ] as const
    const fitsEverywhere = async (what: string, look: () => Promise<void>): Promise<void> => {
      for (const [width, height] of sizes) {
        await room.page.setViewportSize({ width, height })
        await look()
        const overflow = await room.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(overflow, `${what} at ${width} × ${height}`).toBe(0)
      }
    }
    await fitsEverywhere('the empty room', () => expect(room.openButton).toBeInViewport())
    await room.drop(agentScript('steady_agent.py'))
    await expect(room.launchCard.startButton).toBeEnabled()
    await fitsEverywhere('the launch card', () => expect(room.launchCard.startButton).toBeInViewport())
    // The terminal gets the keys while the window is at its smallest, and the head stays where it is.
    await room.page.setViewportSize({ width: sizes[0][0], height: sizes[0][1] })
    await room.launchCard.start()
    await expect(room.agent.status('Running')).toBeVisible()
    await expect(room.terminal.input).toBeFocused()
    await fitsEverywhere('an agent', () => expect(room.agent.button('Stop')).toBeInViewport())
  })
})

/** How bright a colour is, however CSS spells it: the browser paints it and says. */
async function brightness(page: Page, color: string): Promise<number> {
  return page.evaluate((name) => {
    const paint = document.createElement('canvas').getContext('2d')
    if (!paint) return Number.NaN
    paint.fillStyle = name
    paint.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = paint.getImageData(0, 0, 1, 1).data
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
  }, color)
}
