import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixture.ts'

const linkTo = (script: string): string => `iron-cage://launch?script=${encodeURIComponent(script)}`

test.describe('a link from outside', () => {
  test.beforeEach(({ hostKind }) => test.skip(hostKind !== 'stand-in', 'Who hands links over is the system; the stand-in has hands of its own for that.'))

  test('asks before the launch card is shown, which starts nothing by itself', async ({ room, host, agentScript }) => {
    const standIn = host.standIn
    if (!standIn) return
    await expect(room.emptyRoom).toBeVisible()
    const script = agentScript('steady_agent.py', 'lead_gen_agent.py')
    standIn.openUrl(linkTo(script))
    const question = {
      message: 'Show the launch card of lead_gen_agent.py?',
      detail: `${script}\n\nA link from outside of the control room asks for it. Nothing is started until you press Start in that card.`,
      buttons: ['Show', 'Cancel'],
    }
    await expect.poll(() => standIn.questions).toEqual([question])
    await expect(room.emptyRoom).toBeVisible()

    standIn.answerWith('Show')
    expect(await host.startSecond?.(linkTo(script))).toBe(0)
    await expect(room.launchCard.dialog).toHaveAccessibleName('Start lead_gen_agent.py')
    expect(standIn.questions).toEqual([question, question])
    await expect(room.runningCount).toBeHidden()
  })

  test('that says anything else is refused, and the log does not repeat it', async ({ room, host }) => {
    const standIn = host.standIn
    if (!standIn) return
    await expect(room.emptyRoom).toBeVisible()
    standIn.openUrl('iron-cage://launch?script=//elsewhere/agent.py')
    standIn.openUrl('iron-cage://start?script=/agent.py')
    standIn.openUrl('iron-cage://open')
    await expect.poll(() => standIn.focused()).toBe(1)
    expect(standIn.questions).toEqual([])
    expect(await host.stop()).toBe(0)
    const log = readFileSync(join(host.dataFolder, 'logs/control-room.log'), 'utf8')
    expect(log.match(/desktop\.linkRefused/g)).toHaveLength(2)
    expect(log).not.toContain('elsewhere')
  })
})
