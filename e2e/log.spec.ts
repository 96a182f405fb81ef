import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test as base } from './fixture.ts'
import { NEEDLE, writeLongLog } from './longLog.ts'

const LINES = 100_000
/** The agent itself, its request and its finding. */
const BESIDES = 3

const test = base.extend({
  folder: async ({ folder }, use) => {
    await writeLongLog(join(folder, 'data'), LINES)
    await use(folder)
  },
})

test('a hundred thousand events are there, walked through, filtered and searched', async ({ room }) => {
  const { log } = room
  await expect(log.rows.first()).toContainText(/^\s*\[\d\d:\d\d:\d\d\]\s+(?:DEBUG|INFO|WARN|ERROR)\s/)
  await log.enlarge()
  await expect(log.count).toHaveText(/^100,0\d\d events$/)
  await expect(log.row('An e-mail address was redacted')).toBeInViewport()
  expect(await log.list.getByRole('listitem').count()).toBeLessThan(80)

  await log.scroller.focus()
  await room.page.keyboard.press('Home')
  await expect(log.row('Lead 1 was scored.')).toBeInViewport()
  await log.scroller.evaluate((element) => {
    element.scrollTop = element.scrollHeight / 2
  })
  await expect(log.row('Lead 50010 was scored.')).toBeInViewport()
  await log.button('Latest').click()
  await expect(log.row('An e-mail address was redacted')).toBeInViewport()

  await room.page.keyboard.press('/')
  await expect(log.search).toBeFocused()
  await log.search.fill(NEEDLE)
  await expect(log.count).toHaveText('1 event')
  const found = await log.unfold('Lead 4711 was scored.')
  await expect(found).toContainText(NEEDLE)
  await log.search.fill('')
  for (const word of ['DEBUG', 'INFO', 'WARN'] as const) await log.severity(word).click()
  await expect(log.count).toHaveText('2,000 events')
  await log.button('Reset').click()
  await expect(log.count).toHaveText(/^100,0\d\d events$/)
})

test('an event leads to its request and to its finding, and the log leaves as a file', async ({ room }) => {
  const { log } = room
  await log.enlarge()
  const finding = await log.unfold('An e-mail address was redacted')
  await finding.getByRole('button', { name: 'Show request' }).click()
  const receipt = room.page.getByRole('dialog')
  await expect(receipt).toContainText('gpt-4')
  await room.page.keyboard.press('Escape')
  await finding.getByRole('button', { name: 'Show finding' }).click()
  await expect(room.page.getByRole('dialog')).toContainText('[EMAIL_REDACTED]')
  await room.page.keyboard.press('Escape')
  await room.protection.shrink()

  await log.enlarge()
  const lines: string[] = []
  for await (const line of createInterface({ input: createReadStream(await log.exportAs('JSON lines')) })) lines.push(line)
  expect(lines.length).toBeGreaterThanOrEqual(LINES + BESIDES)
  expect(JSON.parse(lines.find((line) => line.includes(NEEDLE)) ?? '{}')).toMatchObject({ name: 'log.written', severity: 'DEBUG', payload: { fields: { company: NEEDLE } } })
  await log.search.fill(`scored ${NEEDLE}`)
  await expect(log.count).toHaveText('1 event')
  const csv = readFileSync(await log.exportAs('CSV'), 'utf8').split('\n')
  expect([csv[0]?.trim(), csv[1]?.includes('Lead 4711 was scored.'), csv.length]).toEqual(['number,at,severity,name,agent_id,message,payload', true, 3])
})

base('a log that is held still counts what is new, and goes on', async ({ room, agentScript }) => {
  await room.start(agentScript('serviced_agent.py'))
  await expect(room.terminal.rows).toContainText('ready')
  const { log } = room
  await log.button('Pause the log').click()
  await room.terminal.type('down 12')
  await expect(room.terminal.rows).toContainText('down 12:')
  await expect(log.button(/^Paused · \d+ new: go on$/)).toBeVisible()
  await expect(log.row('linkedin')).toHaveCount(0)
  await log.button(/^Paused.*: go on$/).click()
  await expect(log.row('linkedin').first()).toBeInViewport()
})
