import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import type { Channel, Delivery } from './channel.ts'
import { budgetMessage } from './message.ts'
import { openReceiver, sampleBudget, type Receiver } from './testAlerts.ts'
import { createWebhookChannel } from './webhookChannel.ts'

let receiver: Receiver
const clock = createTestClock()
const environment = { WEBHOOK_SECRET: 'invented-secret', WEBHOOK_URL: 'unset yet', EMPTY: '' }

beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(() => receiver.close())

function channelTo(url: string, secret: string | null = null, variables: Record<string, string> = environment): Channel {
  return createWebhookChannel({ url, secret, environment: variables, clock, timeoutMs: 10_000 })
}

function send(channel: Channel, unit = 'lead'): Promise<Delivery> {
  const message = budgetMessage({ budget: sampleBudget({ unit }), raises: 0, threshold: 90, url: 'http://127.0.0.1:7317' })
  return channel.send(message, new AbortController().signal)
}

describe('The webhook', () => {
  it('gets the shape that Slack takes', async () => {
    expect(await send(channelTo(receiver.url))).toEqual({ outcome: 'sent' })
    const [{ headers, body }] = (await receiver.posts.until(1)) as [{ headers: Record<string, string>; body: string }]
    expect(headers['content-type']).toBe('application/json')
    expect(headers['x-iron-cage-signature']).toBeUndefined()
    const text = (text: string): unknown => ({ type: 'mrkdwn', text })
    expect(JSON.parse(body)).toEqual({
      text: 'Iron Cage: lg-7a3f9c2d has spent 90% of $50.00',
      blocks: [
        { type: 'section', text: text('*Iron Cage: lg-7a3f9c2d has spent 90% of $50.00*') },
        {
          type: 'section',
          fields: [
            text('*Agent*\nlg-7a3f9c2d'),
            text('*Spent*\n$45.29 (90.6%)'),
            text('*Limit*\n$50.00'),
            text('*Projection*\n$69.00 total'),
            text('*Average*\n$0.23 avg/lead'),
          ],
        },
        { type: 'section', text: text('Recommended: *Approve $25 increase*\n<http://127.0.0.1:7317|Open the control room>') },
      ],
    })
  })

  it('can check who sent it, and when', async () => {
    expect(await send(channelTo(receiver.url, 'env:WEBHOOK_SECRET'))).toEqual({ outcome: 'sent' })
    const [post] = await receiver.posts.until(1)
    const timestamp = String(clock.now() / 1000)
    expect(post?.headers['x-iron-cage-timestamp']).toBe(timestamp)
    const expected = createHmac('sha256', 'invented-secret').update(`${timestamp}.${post?.body}`).digest('hex')
    expect(post?.headers['x-iron-cage-signature']).toBe(`v1=${expected}`)
  })

  it('is not shouted at through the unit that an agent made up', async () => {
    await send(channelTo(receiver.url), '<!channel>\nlead & <b>')
    expect((await receiver.posts.until(1))[0]?.body).toContain('avg/&lt;!channel&gt; lead &amp; &lt;b&gt;')
  })

  it('may have its address in the environment', async () => {
    const channel = channelTo('env:WEBHOOK_URL', null, { WEBHOOK_URL: receiver.url })
    expect(channel.target).toBe('env:WEBHOOK_URL')
    expect(await send(channel)).toEqual({ outcome: 'sent' })
  })

  it.each([
    ['env:MISSING', null, 'alert_webhook refers to the environment variable MISSING, which is not set: set it and start the room again'],
    ['http://127.0.0.1:9', 'env:EMPTY', 'alert_webhook_secret refers to the environment variable EMPTY, which is not set: set it and start the room again'],
    ['http://127.0.0.1:9', 'in-the-clear', 'alert_webhook_secret must be a reference such as env:NAME to the environment variable that holds the secret'],
    ['http://example.com/hook', null, 'alert_webhook must begin with https://: over plain http everybody on the way reads it, except to this very machine'],
    ['http://127.0.0.1.example.com/', null, 'alert_webhook must begin with https://: over plain http everybody on the way reads it, except to this very machine'],
    ['ftp://127.0.0.1/', null, 'alert_webhook must be an address that begins with https://'],
    ['https://user:word@example.com/', null, 'alert_webhook must not carry a user name or password'],
  ])('is not called at %s with %s', async (url, secret, problem) => {
    expect(await send(channelTo(url, secret))).toEqual({ outcome: 'failed', isFinal: true, problem })
  })

  it.each([
    [302, true],
    [400, true],
    [404, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ])('answers %i: final %s', async (status, isFinal) => {
    receiver.answers.push(status)
    expect(await send(channelTo(receiver.url))).toMatchObject({ outcome: 'failed', isFinal })
    expect(receiver.posts.all).toHaveLength(1)
  })

  it('may be down for a while', async () => {
    const { url } = receiver
    await receiver.close()
    expect(await send(channelTo(url))).toMatchObject({ outcome: 'failed', isFinal: false })
    receiver = await openReceiver()
  })
})
