import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { useTestFolders } from '../state/testFolder.ts'
import type { AlertSettings } from './channel.ts'
import { findingMessage } from './findingAlerts.ts'
import { AGENT, openAlertRoom, openReceiver, type AlertRoom, type Receiver } from './testAlerts.ts'

const folders = useTestFolders()
let receiver: Receiver
let room: AlertRoom

beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(async () => {
  await room.close()
  expect(room.defects).toEqual([])
  await receiver.close()
})

async function open(level: AlertSettings['alert_private_data']): Promise<void> {
  room = await openAlertRoom(folders.make(), { alert_webhook: receiver.url, alert_private_data: level })
}

let count = 0
function record(changes: Partial<SafetyRecord> = {}): SafetyRecord {
  return {
    id: `find-${String(++count).padStart(16, '0')}`,
    at: 1_000,
    kind: 'private',
    agentId: AGENT,
    callId: 'call-7a3f9c2d01b2c3d4',
    type: 'email',
    severity: 'CRITICAL',
    direction: 'from-model',
    place: 'choices[0].message.content',
    action: 'redacted',
    valueHash: 'ab'.repeat(32),
    preview: 'Contact [EMAIL_REDACTED] today',
    hasOriginal: true,
    about: null,
    actor: null,
    reason: null,
    ...changes,
  }
}

function announce(...records: SafetyRecord[]): Promise<unknown> {
  return room.bus.announce({ name: 'safety.recorded', agentId: AGENT, severity: 'WARN', message: 'An invented finding.', payload: { records } })
}

const titles = (): string[] => receiver.posts.all.map(({ body }) => (JSON.parse(body) as { text: string }).text)

describe('Alerts about findings', () => {
  it('are off unless asked for', async () => {
    await open('off')
    await announce(record())
    await room.alerts.close()
    expect(receiver.posts.all).toEqual([])
  })

  it('tell of a finding with its preview and its place, as Slack takes it', async () => {
    await open('critical')
    await announce(record())
    await room.outcomes(1)
    expect(titles()).toEqual([`Iron Cage: an email address was redacted (${AGENT})`])
    const body = receiver.posts.all[0]?.body ?? ''
    expect(body).toContain('redacted in from-model choices[0].message.content: Contact [EMAIL_REDACTED] today')
    expect(room.heard('alert.sent').map(({ payload, message }) => [payload.threshold, message])).toEqual([
      [null, `The webhook alert about a finding of ${AGENT} was sent to ${new URL(receiver.url).origin}.`],
    ])
  })

  it('leave out what is no more than a warning, unless all is asked for', async () => {
    await open('critical')
    await announce(record({ type: 'phone', severity: 'WARN' }), record({ kind: 'policy', type: 'rules', action: 'changed' }))
    await room.alerts.close()
    expect(receiver.posts.all).toEqual([])
    await room.close()
    await open('all')
    await announce(record({ type: 'phone', severity: 'WARN' }), record({ kind: 'policy', type: 'rules', action: 'changed' }))
    await room.outcomes(1)
    expect(titles()).toEqual([`Iron Cage: a phone number was redacted (${AGENT})`])
  })

  it('gather what is found while one is on its way', async () => {
    await open('all')
    const rest = Array.from({ length: 40 }, () => record({ kind: 'injection', type: 'reveal-prompt', action: 'warned' }))
    await Promise.all([record(), ...rest].map((one) => announce(one)))
    await room.outcomes(2)
    await room.alerts.close()
    const [first, second = ''] = titles()
    expect(first).toContain('an email address was redacted')
    expect(second).toMatch(/^Iron Cage: 40 findings, the first: text that reads like orders to the model \(reveal-prompt\) was noticed/)
    expect(receiver.posts.all).toHaveLength(2)
  })

  it('never have more fields in one section than Slack takes, however many there are', async () => {
    await open('all')
    await announce(...Array.from({ length: 30 }, () => record()))
    await room.outcomes(1)
    const { blocks } = JSON.parse(receiver.posts.all[0]?.body ?? '') as { blocks: { fields?: unknown[] }[] }
    expect(blocks.flatMap(({ fields }) => (fields ? [fields.length] : []))).toEqual([10, 2])
  })

  it('are tried again', async () => {
    receiver.answers.push(503)
    await open('all')
    await announce(record())
    await room.outcomes(1)
    await room.clock.advance(2_000)
    await room.outcomes(2)
    expect(room.heard('alert.failed').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The webhook alert about a finding of lg-7a3f9c2d could not be sent \(attempt 1\): .* It is tried again\.$/) as string,
    ])
    expect(room.heard('alert.sent')).toHaveLength(1)
  })
})

it('A message says how many more there are', () => {
  const message = findingMessage({ id: 'x', agentId: AGENT, records: [record()], count: 12, url: null })
  expect(message.facts.at(-1)).toEqual({ name: 'More', value: '11 further findings stand in the audit' })
})
