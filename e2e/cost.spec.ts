import { readFileSync } from 'node:fs'
import { formatExactDollars, formatMoney, formatSmallMoney } from '../src/shared/format.ts'
import { expect, test } from './fixture.ts'
import { askAsOwner } from './hosts/roomProcess.ts'
import type { RoomPage } from './pages/roomPage.ts'

/** gpt-4 as the price list has it, in nanodollars for a token. */
const INPUT = 30_000
const OUTPUT = 60_000

interface Used {
  readonly input: number
  readonly output: number
  readonly cost: number
}

/** What the agent itself was told about its one call so far. */
async function usedByOneCall(room: RoomPage): Promise<Used> {
  await room.terminal.type('1')
  await expect(room.terminal.rows).toContainText('asked 1')
  const [, input, output] = (/used (\d+) in (\d+) out/.exec(await room.terminal.rows.innerText()) ?? []).map(Number)
  if (!input || !output) throw new Error('The agent was not told what it used.')
  return { input, output, cost: input * INPUT + output * OUTPUT }
}

test('what an agent spends is shown to the nanodollar, call by call', async ({ room, host, agentScript }) => {
  await room.start(agentScript('asking_agent.py'), '1')
  await expect(room.terminal.rows).toContainText('ready')
  await expect(room.cost.region).toContainText('$0.00 of $1.00')
  await expect(room.cost.region).toContainText('No projection yet')
  const { input, output, cost } = await usedByOneCall(room)
  await room.terminal.type('99')
  await expect(room.terminal.rows).toContainText('asked 99', { timeout: 30_000 })

  const { cost: panel } = room
  await expect(panel.region).toContainText(`${formatMoney(100 * cost)} of $1.00`)
  await expect(panel.meter).toHaveAttribute('aria-valuenow', String(Math.round((100 * cost) / 10_000_000)))
  const agentId = (await room.agent.idButton.innerText()).trim()
  await askAsOwner(host.dataFolder, 'PUT', `/agents/${agentId}/progress`, { done: 50, total: 200, unit: 'lead' })
  await expect(panel.region).toContainText(`Projection: ${formatMoney(400 * cost)} total`)
  await expect(panel.region).toContainText('avg/lead')
  await expect(panel.region).toContainText('On course')

  await panel.enlarge()
  await expect(panel.figure('calls')).toHaveText('100 calls')
  await expect(room.requests.rows).toHaveCount(100)
  const newest = room.requests.rows.first()
  await expect(newest).toContainText('gpt-4')
  await expect(newest).toContainText('simulated')
  await expect(newest).toContainText('Answered')
  await expect(newest).toContainText(`${input} in, ${output} out`)
  await expect(newest).toContainText(formatSmallMoney(cost))

  await newest.focus()
  await newest.press('Enter')
  await expect(room.requests.receiptDialog).toContainText('OpenAI · chat/completions')
  await expect(room.requests.line('Input')).toHaveText(['Input', String(input), '$30.00', `$${formatExactDollars(input * INPUT)}`])
  await expect(room.requests.line('Output')).toHaveText(['Output', String(output), '$60.00', `$${formatExactDollars(output * OUTPUT)}`])
  await expect(room.requests.receipt).toContainText(`Total$${formatExactDollars(cost)}`)
  await expect(room.requests.receiptDialog).toContainText('The counts are the provider’s own.')
  await room.page.keyboard.press('Escape')
  await expect(room.requests.receiptDialog).toBeHidden()
  await expect(newest).toBeFocused()

  await expect(panel.model(/^gpt-4/)).toContainText(formatSmallMoney(100 * cost))

  const saving = room.page.waitForEvent('download')
  await room.cost.exportButton.click()
  const saved = await saving
  expect(saved.suggestedFilename()).toBe(`costs-${agentId}.csv`)
  expect(readFileSync(await saved.path(), 'utf8').match(/gpt-4/g)?.length).toBeGreaterThanOrEqual(100)

  await room.page.reload()
  await expect(panel.region).toContainText(`${formatMoney(100 * cost)} of $1.00`)
})

test('at nine tenths of a budget somebody is warned once; at its end a call waits, and goes on when an increase is approved', async ({ room, host, agentScript }) => {
  const limit = 20_000_000
  await room.start(agentScript('asking_agent.py'), '0.02')
  await expect(room.terminal.rows).toContainText('ready')
  const { cost } = await usedByOneCall(room)
  const { budgetNotice } = room
  await expect(budgetNotice.region).toBeHidden()

  const warnedAt = Math.ceil((limit * 0.9) / cost)
  await room.terminal.type(String(warnedAt - 1))
  await expect(budgetNotice.region).toContainText(/9\d\.\d% of the budget is used/)
  await expect(room.cost.region).toContainText('Near the limit')
  await expect(budgetNotice.approveButton).toHaveText('Approve $0.01 increase')

  const callsThatFit = Math.floor(limit / cost)
  await room.terminal.type(String(callsThatFit - warnedAt + 1))
  await expect(budgetNotice.region).toContainText('1 call does not fit into the budget and waits for a decision')
  await expect(budgetNotice.region).toContainText('gpt-4, at most')
  await expect(budgetNotice.region).toContainText(/Refused in (10 min|9 min \d+ s) unless somebody approves\./)
  await expect(room.cost.region).toContainText('At the limit')
  await expect(room.agent.status('Running')).toBeVisible()

  await budgetNotice.approveButton.click()
  await expect(budgetNotice.increase).toHaveValue('0.01')
  await budgetNotice.increase.fill('nothing')
  await expect(budgetNotice.dialog.getByRole('button', { name: 'Approve' })).toBeDisabled()
  await budgetNotice.increase.fill('1')
  await expect(budgetNotice.dialog).toContainText('New limit: $1.02')
  await budgetNotice.reason.fill('The rest of Acorn Works')
  await budgetNotice.confirm('Approve')

  await expect(budgetNotice.region).toBeHidden()
  await expect(room.cost.region).toContainText('of $1.02')
  await room.agent.explain()
  await expect(room.agent.fact('Budget')).toHaveText('$1.02')
  await expect(room.terminal.rows).toContainText(`asked ${callsThatFit - warnedAt + 1}`)
  await expect(room.terminal.rows).not.toContainText('refused')
  await room.cost.enlarge()
  await expect(room.cost.figure('calls')).toHaveText(`${callsThatFit + 1} calls`)
  const { events } = (await askAsOwner(host.dataFolder, 'GET', '/events?after=0&limit=1000')) as { events: { name: string; message: string }[] }
  expect(events.filter((event) => event.name === 'budget.warned')).toHaveLength(1)
  expect(events.filter((event) => event.name === 'budget.raised').map((event) => event.message)).toEqual([expect.stringContaining('The rest of Acorn Works')])
})

test('a call that is declined ends as its provider would end it, and the agent goes on', async ({ room, agentScript }) => {
  await room.start(agentScript('asking_agent.py'), '0.0001')
  await expect(room.terminal.rows).toContainText('ready')
  await room.terminal.type('1')
  const { budgetNotice } = room
  await expect(budgetNotice.declineButton).toBeEnabled()
  await budgetNotice.declineButton.click()
  await budgetNotice.reason.fill('Too dear for today')
  await budgetNotice.confirm('Decline')

  await expect(room.terminal.rows).toContainText('refused with 402 budget_exceeded')
  await expect(room.terminal.rows).toContainText('asked 1')
  await expect(room.agent.status('Running')).toBeVisible()
  await expect(budgetNotice.region).toContainText('A call did not fit into the budget')
  await budgetNotice.region.getByRole('button', { name: 'Dismiss' }).click()
  await expect(budgetNotice.region).toBeHidden()

  await room.cost.enlarge()
  await expect(room.requests.rows).toHaveCount(1)
  await expect(room.requests.rows.first()).toContainText('Refused')
  await room.requests.rows.first().click()
  await expect(room.requests.receiptDialog).toContainText('Too dear for today')
  await expect(room.requests.receipt).toContainText('Nothing was used, so nothing is charged.')
})
