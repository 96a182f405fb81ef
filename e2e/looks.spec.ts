import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from './fixture.ts'
import { cutOff, mapOf, scrolling } from './layout.ts'
import { PanelPane, type PanelTitle } from './pages/panelPane.ts'
import type { RoomPage } from './pages/roomPage.ts'

const KEY = { IRON_SECRETS_MASTER_KEY: Buffer.from('an invented key for these tests.').toString('hex') }
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const PANELS: readonly PanelTitle[] = ['Live metrics', 'Cost', 'Protection', 'Performance', 'Event log', 'Notifications']

const FIGURES = ['live', 'cost', 'protection', 'performance'].map((name) => `[data-panel="${name}"] .quiet-scroll`).join()

/** An agent in the middle of its work, with something in every panel. */
async function atWork(room: RoomPage, script: string): Promise<void> {
  await room.start(script, '5')
  await expect(room.terminal.rows).toContainText('ready')
  await expect(room.live.figure('progress')).toHaveText('23 / 100 leads (23%)')
  await expect(room.performance.service('linkedin').locator('[data-state]')).toHaveText('Open')
}

/** From its card, with the presenter's strip above it, held at its first lead. */
async function heldDemo(room: RoomPage): Promise<void> {
  if (await room.demoCard.dialog.isHidden()) await room.emptyRoom.getByRole('button', { name: 'Run the demo' }).click()
  await room.demoCard.start('On stage')
  await expect(room.presenter.region).toContainText('Lead 1 of 100')
  await room.presenter.button('Pause').click()
  await expect(room.presenter.button('Go on')).toBeVisible()
}

/** Secrets are locked there, and whoever goes says with what. */
async function goOnStage(room: RoomPage): Promise<void> {
  const dialog = room.page.getByRole('dialog', { name: 'Go on stage' })
  await dialog.getByLabel('Password for the stage').fill('an invented password')
  await dialog.getByLabel('Once more').fill('an invented password')
  await room.page.keyboard.press('Enter')
  await expect(room.page.getByLabel('Clock')).toBeVisible()
}

test.use({ environment: KEY })

/** What breaks a rule of WCAG, as a line each. */
async function unfit(room: RoomPage, view: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: room.page }).withTags(TAGS).setLegacyMode().analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${view}: ${id} at ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim()}`))
}

for (const colorScheme of ['dark', 'light'] as const) {
  test(`what a presenter has can be read, heard and reached by everybody: ${colorScheme}`, async ({ room }) => {
    await room.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found: string[] = []
    const look = async (view: string): Promise<void> => void found.push(...(await unfit(room, view)))
    await room.emptyRoom.getByRole('button', { name: 'Run the demo' }).click()
    await expect(room.demoCard.startButton).toBeEnabled()
    await look('the demo’s card')
    await heldDemo(room)
    await look('the presenter’s strip')
    await room.presenter.openMenu()
    await look('the menu of triggers')
    await room.page.keyboard.press('Escape')
    await room.presenter.button('Reset').click()
    await look('the question before a reset')
    await room.page.keyboard.press('Escape')
    await room.page.keyboard.press('F11')
    await goOnStage(room)
    await look('the strip on stage')
    expect(found).toEqual([])
  })

  test(`what is shown can be read, heard and reached by everybody: ${colorScheme}`, async ({ room, agentScript }) => {
    // Every view is read from end to end.
    test.slow()
    await room.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found: string[] = []
    const look = async (view: string): Promise<void> => void found.push(...(await unfit(room, view)))
    await look('the empty room')
    await room.drop(agentScript('whole_agent.py', 'lead_gen_agent.py'))
    await expect(room.launchCard.startButton).toBeEnabled()
    await look('the launch card')
    await room.launchCard.start()
    await expect(room.terminal.rows).toContainText('ready')
    await expect(room.performance.service('linkedin').locator('[data-state]')).toHaveText('Open')
    await look('an agent')
    await room.agent.explain()
    await look('an explained agent')

    for (const title of PANELS) {
      const panel = new PanelPane(room.page, title)
      await panel.enlarge()
      await look(`${title}, large`)
      if (title === 'Cost') {
        await room.requests.rows.first().click()
        await expect(room.requests.receiptDialog).toBeVisible()
        await look('a receipt')
        await room.page.keyboard.press('Escape')
      }
      if (title === 'Protection') {
        await room.protection.rows.first().click()
        await expect(room.protection.dialog).toBeVisible()
        await look('a finding')
        await room.page.keyboard.press('Escape')
      }
      await panel.shrink()
    }
    await room.secrets.tab.click()
    await look('secrets in a panel')
    await room.secrets.openOverTheRoom()
    await room.secrets.add({ name: 'OPENAI_API_KEY', value: 'sk-proj-invented-0123456789', environment: 'Production' })
    await expect(room.secrets.row('OPENAI_API_KEY')).toHaveCount(1)
    await look('secrets over the room')
    for (const [key, view] of [['Control+,', 'the settings'], ['Control+k', 'the palette'], ['?', 'the keys']] as const) {
      await room.page.keyboard.press(key)
      await look(view)
      await room.page.keyboard.press(view === 'the settings' ? key : 'Escape')
    }
    await room.page.keyboard.press('F11')
    await expect(room.page.getByRole('dialog', { name: 'Go on stage' })).toBeVisible()
    await look('the way to the stage')
    await goOnStage(room)
    await look('the stage')
    expect(found).toEqual([])
  })
}

const SIZES = [
  [1280, 720],
  [1440, 900],
  [1920, 1080],
  [3840, 2160],
  [420, 900],
] as const

test('nothing is cut off and nothing scrolls sideways at any size, whichever panel is large', async ({ room, agentScript }) => {
  // Forty-five views are measured.
  test.slow()
  const found: string[] = []
  const look = async (view: string): Promise<void> => void found.push(...(await cutOff(room.page)).map((what) => `${view}: ${what}`))
  for (const [width, height] of SIZES) {
    await room.page.setViewportSize({ width, height })
    await look(`the empty room at ${width} × ${height}`)
  }
  await atWork(room, agentScript('whole_agent.py', 'lead_gen_agent.py'))
  for (const [width, height] of SIZES) {
    await room.page.setViewportSize({ width, height })
    await look(`an agent at ${width} × ${height}`)
    for (const title of PANELS) {
      const panel = new PanelPane(room.page, title)
      await panel.enlarge()
      await look(`${title}, large, at ${width} × ${height}`)
      await panel.shrink()
    }
    await room.secrets.openOverTheRoom()
    await look(`the secrets at ${width} × ${height}`)
    await room.page.keyboard.press('Control+,')
    await expect(room.page.getByRole('region', { name: 'Settings' }).first()).toBeVisible()
    await look(`the settings at ${width} × ${height}`)
    await room.page.keyboard.press('Control+,')
  }
  expect(found).toEqual([])
})

test('a presenter’s strip takes its place from nothing that has to be seen, at any size and on stage', async ({ room }) => {
  const found: string[] = []
  const look = async (view: string): Promise<void> => void found.push(...(await cutOff(room.page)).map((what) => `${view}: ${what}`))
  await room.emptyRoom.getByRole('button', { name: 'Run the demo' }).click()
  await expect(room.demoCard.startButton).toBeEnabled()
  for (const [width, height] of SIZES) {
    await room.page.setViewportSize({ width, height })
    await look(`the demo’s card at ${width} × ${height}`)
  }
  await heldDemo(room)
  await room.presenter.skipTo(4)
  await expect(room.live.figure('progress')).toHaveText('3 / 100 leads (3%)')
  for (const [width, height] of SIZES) {
    await room.page.setViewportSize({ width, height })
    await look(`the strip at ${width} × ${height}`)
    await expect(room.presenter.region).toBeInViewport({ ratio: 1 })
    await room.presenter.openMenu()
    await look(`the menu of triggers at ${width} × ${height}`)
    await room.page.keyboard.press('Escape')
    await expect(room.presenter.menu).toBeHidden()
  }
  await room.page.setViewportSize({ width: 1280, height: 720 })
  await room.page.keyboard.press('F11')
  await goOnStage(room)
  await look('the strip on stage')
  expect(await scrolling(room.page, 'html, body, main, .desk')).toEqual([])
  expect(await scrolling(room.page, FIGURES)).toEqual([])
  expect(found).toEqual([])
})

test('at 1440 × 900 everything of an agent is in sight at once', async ({ room, agentScript }) => {
  await room.page.setViewportSize({ width: 1440, height: 900 })
  await atWork(room, agentScript('whole_agent.py', 'lead_gen_agent.py'))
  expect(await scrolling(room.page, 'html, body, main, .desk')).toEqual([])
  expect(await scrolling(room.page, FIGURES)).toEqual([])
  for (const title of PANELS) await expect(new PanelPane(room.page, title).region).toBeInViewport({ ratio: 1 })
  await expect(room.agent.region).toBeInViewport({ ratio: 1 })
  await expect(room.terminal.region).toBeInViewport({ ratio: 1 })
})

test('on stage it fits a projector, with larger type', async ({ room, agentScript }) => {
  await room.page.setViewportSize({ width: 1280, height: 720 })
  await atWork(room, agentScript('whole_agent.py', 'lead_gen_agent.py'))
  const sizeOf = (): Promise<number> => room.live.figure('progress').evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))
  const before = await sizeOf()
  await room.page.keyboard.press('F11')
  await goOnStage(room)
  expect(await sizeOf()).toBeGreaterThan(before)
  expect(await scrolling(room.page, 'html, body, main, .desk')).toEqual([])
  expect(await cutOff(room.page)).toEqual([])
})

const LETTERS = {
  H: 'header[data-pane]',
  A: 'section[aria-label^="Agent "]',
  T: '.desk-terminal',
  '1': '[data-panel="live"]',
  '2': '[data-panel="cost"]',
  '3': '[data-panel="protection"]',
  '4': '[data-panel="performance"]',
  '5': '[data-panel="log"]',
  '6': '[data-panel="notices"]',
}

/** Rows enough that no border lies near the middle of one: letters are a little higher or lower from machine to machine. */
function mapOfDesk(upper: number, lower: number, terminal: number): string[] {
  const rows = (count: number, row: string): string[] => Array.from({ length: count }, () => row)
  return [...rows(1, 'HHHHHHHHHHHH'), ...rows(1, 'AAAAAAAAAAAA'), ...rows(upper, '111122223333'), ...rows(lower, '444455556666'), ...rows(terminal, 'TTTTTTTTTTTT')]
}

for (const [width, height, map] of [
  [1280, 720, mapOfDesk(2, 3, 3)],
  [1440, 900, mapOfDesk(4, 4, 5)],
  [1920, 1080, mapOfDesk(5, 5, 6)],
] as const) {
  test(`its parts lie where they belong: ${width} × ${height}`, async ({ room, agentScript }) => {
    await room.page.setViewportSize({ width, height })
    await atWork(room, agentScript('whole_agent.py', 'lead_gen_agent.py'))
    expect(await mapOf(room.page, LETTERS, 12, map.length)).toEqual(map)
  })
}
