import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import { DOLLAR, openAlertRoom, openReceiver, sampleBudget, type AlertRoom, type AlertRoomOptions, type Receiver } from './testAlerts.ts'

const folders = useTestFolders()
let receiver: Receiver
let rooms: AlertRoom[]

beforeEach(async () => {
  receiver = await openReceiver()
  rooms = []
})

afterEach(async () => {
  for (const room of rooms) await room.close()
  expect(rooms.flatMap(({ defects }) => defects)).toEqual([])
  await receiver.close()
})

async function open(dataFolder = folders.make(), options: AlertRoomOptions = {}): Promise<AlertRoom> {
  const room = await openAlertRoom(dataFolder, { alert_webhook: receiver.url }, options)
  rooms.push(room)
  return room
}

async function reopen(room: AlertRoom, dataFolder: string, options: AlertRoomOptions = {}): Promise<AlertRoom> {
  rooms = rooms.filter((one) => one !== room)
  await room.close()
  return open(dataFolder, options)
}

const titles = (): string[] => receiver.posts.all.map(({ body }) => (JSON.parse(body) as { text: string }).text)
const WARNED = 'Iron Cage: lg-7a3f9c2d has spent 90% of $50.00'
const EXHAUSTED = 'Iron Cage: lg-7a3f9c2d has no budget left for its next call: $45.29 of $50.00 spent'

describe('Alerts about budgets', () => {
  it('go out once for each threshold of a limit', async () => {
    const room = await open()
    await room.warn()
    await room.warn()
    await room.exhaust()
    await room.exhaust()
    await room.outcomes(2)
    await room.alerts.close()
    expect(titles().sort()).toEqual([EXHAUSTED, WARNED])
    expect(room.heard('alert.sent').map(({ payload }) => payload.threshold).sort()).toEqual([100, 90])
  })

  it('go out again after a raise, for the new limit', async () => {
    const room = await open()
    await room.warn()
    await room.raise()
    await room.warn(sampleBudget({ limit: 75 * DOLLAR }))
    await room.outcomes(2)
    await room.alerts.close()
    expect(titles().sort()).toEqual([WARNED, 'Iron Cage: lg-7a3f9c2d has spent 90% of $75.00'])
  })

  it('are known as sent after a restart', async () => {
    const folder = folders.make()
    const first = await open(folder)
    await first.warn()
    await first.outcomes(1)
    const second = await reopen(first, folder)
    await second.warn()
    await second.exhaust()
    await second.outcomes(1)
    await second.alerts.close()
    expect(titles()).toEqual([WARNED, EXHAUSTED])
  })

  it('are tried again, later and later, until one gets through', async () => {
    receiver.answers.push(500, 429, 408)
    const room = await open()
    await room.warn()
    for (const [index, delayMs] of [2_000, 8_000, 32_000].entries()) {
      await room.outcomes(index + 1)
      await room.bus.settled()
      room.clock.advance(delayMs)
      await receiver.posts.until(index + 2)
    }
    await room.outcomes(4)
    expect(room.delays.filter((delayMs) => delayMs !== 10_000)).toEqual([2_000, 8_000, 32_000])
    expect(room.heard('alert.failed').map(({ payload }) => [payload.attempts, payload.isFinal])).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ])
    expect(room.heard('alert.failed')[0]?.message).toMatch(
      /^The webhook alert about 90% of the budget of lg-7a3f9c2d could not be sent \(attempt 1\): 127\.0\.0\.1:\d+ answered with the status 500\. It is tried again\.$/,
    )
    expect(room.heard('alert.sent')).toHaveLength(1)
    expect(new Set(receiver.posts.all.map(({ headers }) => headers['x-iron-cage-delivery']))).toEqual(new Set(['lg-7a3f9c2d-0-90']))
  })

  it('are given up after five attempts, for good', async () => {
    receiver.answers.push(...Array<number>(9).fill(503))
    const folder = folders.make()
    const room = await open(folder)
    await room.warn()
    for (let attempt = 1; attempt < 5; attempt++) {
      await room.outcomes(attempt)
      await room.bus.settled()
      room.clock.advance(200_000)
    }
    await room.outcomes(5)
    expect(room.heard('alert.failed').at(-1)?.payload).toMatchObject({ attempts: 5, isFinal: true })
    expect(room.clock.waiting()).toBe(0)
    await reopen(room, folder)
    expect(receiver.posts.all).toHaveLength(5)
  })

  it('are given up at once when the receiver does not want them', async () => {
    receiver.answers.push(404)
    const room = await open()
    await room.warn()
    await room.outcomes(1)
    expect(room.heard('alert.failed')[0]?.payload).toMatchObject({ attempts: 1, isFinal: true, threshold: 90 })
  })

  it('do not wait for ever for a receiver that says nothing', async () => {
    receiver.answers.push(0)
    const room = await open()
    await room.warn()
    await receiver.posts.until(1)
    room.clock.advance(10_000)
    await room.outcomes(1)
    expect(room.heard('alert.failed')[0]?.message).toContain('it took longer than 10 s')
  })

  it('are taken up by the next room when theirs closes between two attempts', async () => {
    receiver.answers.push(500)
    const folder = folders.make()
    const first = await open(folder)
    await first.warn()
    await first.outcomes(1)
    const second = await reopen(first, folder, { budget: sampleBudget({ spent: 46 * DOLLAR }), url: null })
    await second.outcomes(1)
    expect(titles()).toEqual([WARNED, WARNED])
    expect(receiver.posts.all[1]?.body).toContain('$46.00 (92.0%)')
  })

  it('are dropped by the next room when the limit was raised meanwhile', async () => {
    receiver.answers.push(500)
    const folder = folders.make()
    const first = await open(folder)
    await first.warn()
    await first.outcomes(1)
    const second = await reopen(first, folder, { raises: 1, budget: sampleBudget({ limit: 75 * DOLLAR }) })
    await second.alerts.close()
    expect(receiver.posts.all).toHaveLength(1)
  })

  it('are sent by the next room when theirs died before it could claim them', async () => {
    const folder = folders.make()
    const first = await open(folder)
    // As if it had died between storing the event and hearing it.
    await first.alerts.close()
    await first.warn()
    await first.exhaust()
    const second = await reopen(first, folder)
    await second.outcomes(2)
    expect(titles().sort()).toEqual([EXHAUSTED, WARNED])
  })

  it('may end while the room closes: a run that ends at its limit takes the room with it', async () => {
    const room = await open()
    await room.exhaust()
    await room.alerts.close()
    await room.bus.settled()
    expect(titles()).toEqual([EXHAUSTED])
    expect(room.heard('alert.sent')).toHaveLength(1)
  })

  it('hold up a room that closes for five seconds at most, and go out when it opens again', async () => {
    receiver.answers.push(0)
    const folder = folders.make()
    const first = await open(folder)
    await first.exhaust()
    await receiver.posts.until(1)
    const closed = first.alerts.close()
    first.clock.advance(5_000)
    await closed
    expect(first.heard('alert.failed')).toEqual([])
    const second = await reopen(first, folder)
    await second.outcomes(1)
    expect(titles()).toEqual([EXHAUSTED, EXHAUSTED])
  })
})

describe('Without settings', () => {
  it('nothing is claimed or sent, and a later room with settings takes up what still holds', async () => {
    const folder = folders.make()
    const silent = await openAlertRoom(folder, {})
    rooms.push(silent)
    await silent.warn()
    expect(silent.logged).toEqual([])
    const second = await reopen(silent, folder)
    await second.outcomes(1)
    expect(titles()).toEqual([WARNED])
  })

  it('half of them are told of', async () => {
    const room = await openAlertRoom(folders.make(), { alert_email: 'ops@example.com' })
    rooms.push(room)
    expect(room.logged).toMatchObject([{ level: 'WARN', msg: 'No alert can be mailed: alert_email is set, but smtp_server is not; set both.' }])
    await expect(room.alerts.test('email')).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' })
  })
})

describe('A test of a channel', () => {
  it('sends one message and gives the target, less what opens it', async () => {
    const room = await open()
    expect(await room.alerts.test('webhook')).toBe(new URL(receiver.url).origin)
    expect(titles()).toEqual(['Iron Cage: a test of this alert channel'])
  })

  it('says what is wrong', async () => {
    const room = await open()
    await expect(room.alerts.test('email')).rejects.toThrow('No email alerts are set up: set alert_email and smtp_server in the user settings.')
    receiver.answers.push(500)
    await expect(room.alerts.test('webhook')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    receiver.answers.push(403)
    await expect(room.alerts.test('webhook')).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' })
    expect(receiver.posts.all).toHaveLength(2)
  })
})
