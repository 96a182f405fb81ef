import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { openReceiver, type Receiver } from '../alerts/testAlerts.ts'
import type { OtlpSpan } from './otlp.ts'
import { createSpanExporter, type ExporterLimits, type SpanExporter } from './spanExporter.ts'
import { readSpans } from './testOtlp.ts'

/** Against a receiver of our own on the loopback interface; no real collector can be had here. */
let receiver: Receiver
let clock: TestClock
let told: string[]
let endpoint: string | null

beforeEach(async () => {
  receiver = await openReceiver()
  clock = createTestClock()
  told = []
  endpoint = receiver.url
})
afterEach(() => receiver.close())

const exporter = (limits: Partial<ExporterLimits> = {}): SpanExporter =>
  createSpanExporter({ clock, endpoint: () => endpoint, service: { version: '1.2.3', instance: 'invented' }, onLost: (sentence) => told.push(sentence), limits })

const span = (number: number): OtlpSpan => ({ traceId: number.toString(16).padStart(32, '0'), spanId: 'ab'.repeat(8), name: 'chat', kind: 3, startTimeUnixNano: '1', endTimeUnixNano: '2', attributes: [], status: { code: 0 } })
const add = (to: SpanExporter, count: number): void => {
  for (let number = 1; number <= count; number++) to.add(span(number))
}
const numbersIn = (body: string): number[] => readSpans(body).map(({ traceId }) => Number.parseInt(traceId, 16))
/** It has taken the answer in, and waits for the next moment. */
const planned = (): Promise<void> => vi.waitFor(() => expect(clock.waiting()).toBe(1))

describe('the exporter of spans', () => {
  it('sends what has gathered after a while, and says who it is', async () => {
    const one = exporter()
    add(one, 2)
    expect(receiver.posts.all).toEqual([])
    clock.advance(2_000)
    const [post] = await receiver.posts.until(1)
    expect(post?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'iron-cage' })
    expect(numbersIn(post!.body)).toEqual([1, 2])
    expect(readSpans(post!.body)[0]?.resource).toEqual({ 'service.name': 'iron-cage-control-room', 'service.version': '1.2.3', 'service.instance.id': 'invented' })
    await one.close()
    expect([receiver.posts.all.length, told]).toEqual([1, []])
  })

  it('sends a batch as soon as there is one, and the rest with it', async () => {
    const one = exporter({ mostAtOnce: 2 })
    add(one, 5)
    expect((await receiver.posts.until(3)).map(({ body }) => numbersIn(body))).toEqual([[1, 2], [3, 4], [5]])
    await one.close()
  })

  it('sends the same again to a collector that was busy, each time later', async () => {
    receiver.answers.push(503, 429)
    const one = exporter()
    add(one, 1)
    clock.advance(2_000)
    await receiver.posts.until(1)
    await planned()
    clock.advance(1_000)
    await receiver.posts.until(2)
    await planned()
    clock.advance(4_999)
    expect(receiver.posts.all).toHaveLength(2)
    clock.advance(1)
    expect(numbersIn((await receiver.posts.until(3))[2]!.body)).toEqual([1])
    await one.close()
    expect(told).toEqual([])
  })

  it('gives up what a collector will never take, and says so', async () => {
    receiver.answers.push(400)
    const one = exporter()
    add(one, 3)
    clock.advance(2_000)
    await vi.waitFor(() => expect(told).toEqual(['3 spans did not reach the collector: it answered with the status 400.']))
    await one.close()
    expect(receiver.posts.all).toHaveLength(1)
  })

  it('keeps no more than it may, waits for nobody, and tells of what it lost by powers of two', async () => {
    receiver.answers.push(0)
    const one = exporter({ mostWaiting: 4, mostAtOnce: 100 })
    add(one, 4 + 5)
    expect(told.map((sentence) => sentence.split(' ')[0])).toEqual(['1', '2', '4'])
    clock.advance(2_000)
    await receiver.posts.until(1)
    // The collector says nothing; whoever adds one is not held up by it.
    add(one, 1)
    const closing = one.close()
    clock.advance(2_000)
    await closing
    expect(told.at(-1)).toContain('the room was closing')
  })

  it('sends what is left when it closes', async () => {
    const one = exporter()
    add(one, 1)
    await one.close()
    expect(receiver.posts.all.map(({ body }) => numbersIn(body))).toEqual([[1]])
    expect(clock.waiting()).toBe(0)
  })

  it('sends nothing where nobody wants it any more', async () => {
    const one = exporter()
    add(one, 1)
    endpoint = null
    clock.advance(2_000)
    await one.close()
    expect([receiver.posts.all, told]).toEqual([[], []])
  })
})
