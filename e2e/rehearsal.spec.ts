import { expect, test } from './fixture.ts'

/** The demo through the window as the audience sees it, this often; `npm run rehearse` asks for ten. */
const TIMES = Number(process.env.IRON_CAGE_REHEARSALS ?? 2)

test.use({ environment: { IRON_SECRETS_MASTER_KEY: Buffer.from('an invented key for these tests.').toString('hex') } })

test(`the demo goes ${TIMES} times through the window, and shows the same figures each time`, async ({ room }) => {
  test.setTimeout(TIMES * 90_000)
  for (let run = 1; run <= TIMES; run++) {
    await test.step(`run ${run}`, async () => {
      await room.emptyRoom.getByRole('button', { name: 'Run the demo' }).click()
      await room.demoCard.start('On stage')
      await expect(room.presenter.region).toContainText('Lead 1 of 100')
      await room.presenter.button('Pause').click()
      await room.presenter.skipTo(24)
      await expect(room.live.region).toContainText('23 / 100 leads (23%)')
      await expect(room.live.region).toContainText('100% (23/23)')
      for (const figure of ['$5.29', '$50.00', '10.6% used', '$0.23 avg/lead', 'Projection: $23.00 total']) await expect(room.cost.region).toContainText(figure)
      await expect(room.protection.figure('private')).toContainText('0')

      await room.presenter.speed.selectOption('max')
      await room.presenter.button('Go on').click()
      // Among the notices one click approves; once a call waits, the banner asks why. Here it always comes to that.
      await room.budgetNotice.banner.getByRole('button', { name: 'Approve $25 increase' }).click({ timeout: 60_000 })
      await room.budgetNotice.reason.fill('The rest of the list')
      await room.budgetNotice.confirm('Approve')

      await expect(room.live.region).toContainText('100 / 100 leads (100%)', { timeout: 60_000 })
      await expect(room.live.region).toContainText('99% (99/100)')
      for (const figure of ['$55.83', '$75.00', '$64.86 saved']) await expect(room.cost.region).toContainText(figure)
      await expect(room.protection.figure('private')).toContainText('3')
      await room.performance.enlarge()
      for (const figure of ['66 leads', '$6.60 saved', '98% via fallback', '34%']) await expect(room.performance.region).toContainText(figure)
      await room.performance.shrink()

      await room.presenter.openMenu()
      for (const [title, lead] of [['LinkedIn stops answering', 34], ['The OpenAI key is rotated', 50], ['The model answers with private data', 67], ['Nine tenths of the budget are spent', 85]] as const) {
        await expect(room.presenter.trigger(title)).toContainText(`fired at #${lead}`)
      }
      await room.page.keyboard.press('Escape')
      await room.presenter.reset()
      await expect(room.emptyRoom).toBeVisible()
    })
  }
})
