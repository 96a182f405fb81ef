import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceiver, type Receiver } from './alerts/testAlerts.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { headerOf } from './gateway/headers.ts'
import { answerJson, chatAnswer, createTestUpstream, type TestUpstream } from './gateway/testUpstream.ts'
import { systemClock, systemRandom } from './systemPorts.ts'
import { readSpans, type ReadSpan } from './tracing/testOtlp.ts'

/** A whole room, an agent with a trace of its own, a provider, and a receiver of our own that takes OTLP as JSON; OpenTelemetry's collector too, where it is installed. */

const hasCollector = spawnSync('otelcol', ['--version']).status === 0

const OWNER = { role: 'admin', id: 'owner' } as const
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const AGENT = `
  const ask = (model, headers = {}) => fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none', ...headers },
    body: JSON.stringify({ model, max_tokens: 8, messages: [{ role: 'user', content: 'An invented question for ceo@acme.example' }] }),
  }).then((answer) => answer.text())
  await ask('gpt-4', { traceparent: '00-${TRACE}-${PARENT}-01' })
  await ask('gpt-4', { traceparent: '00-${TRACE}-${PARENT}-00' })
  await ask('gpt-4')
  await ask('unheard-of')`

let folder: TestFolder
let receiver: Receiver
let upstream: TestUpstream

async function soMany(room: ControlRoom, calls: number): Promise<void> {
  await new Promise<void>((resolve) => {
    room.bus.listen((batch) => {
      calls -= batch.filter(({ name }) => name === 'llm.callFinished').length
      if (calls <= 0) resolve()
    })
  })
}

/** Gives what reached the collector, once the room is closed. */
async function run(endpoint: string | null): Promise<string[]> {
  const before = receiver.posts.all.length
  const room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, `data-${endpoint === null ? 'off' : 'on'}`),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path, ...(endpoint === null ? {} : { IRON_CAGE_OTEL_ENDPOINT: endpoint }) },
    onStopRequested: () => undefined,
  })
  try {
    const over = soMany(room, 4)
    await room.router.request('agent.start', { script: folder.write('traced_agent.mjs', AGENT), budget: '$1', provider: 'live', upstreamOpenai: `${upstream.url}/v1`, unknownModel: 'refuse', restart: 'never' }, OWNER)
    await over
  } finally {
    await room.stop()
  }
  return receiver.posts.all.slice(before).map(({ body }) => body)
}

beforeAll(async () => {
  folder = createTestFolder()
  receiver = await openReceiver()
  upstream = await createTestUpstream()
  upstream.script = (response, _seen, number) => (number % 3 === 0 ? answerJson(response, { error: { message: 'No such thing for ceo@acme.example.' } }, 404) : answerJson(response, chatAnswer(undefined, 'An invented answer.')))
})
afterAll(async () => {
  await receiver.close()
  await upstream.close()
  folder.remove()
})

describe('traces of LLM calls', () => {
  let bodies: string[]
  let spans: ReadSpan[]
  beforeAll(async () => {
    bodies = await run(receiver.url)
    spans = bodies.flatMap(readSpans)
  })

  it('have a span for each call that is to be recorded, by what became of it', () => {
    const told = spans.map(({ name, status, attributes }) => [name, status.code, attributes['iron_cage.outcome'], attributes['error.type']])
    expect(told).toEqual([
      ['chat gpt-4', 0, 'answered', undefined],
      ['chat gpt-4', 2, 'rejected', '404'],
      ['chat unheard-of', 2, 'refused', 'iron_cage.refused.unknown-model'],
    ])
    expect(spans[0]?.attributes).toMatchObject({
      'gen_ai.response.model': 'gpt-4',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.output_tokens': 100,
      'iron_cage.cost.nanodollars': 36_000_000,
      'iron_cage.mode': 'live',
    })
  })

  it('go on with the agent’s own trace, and lead the provider to ours', () => {
    const [continued, begun] = spans
    expect([continued?.traceId, continued?.parentSpanId, begun?.parentSpanId]).toEqual([TRACE, PARENT, undefined])
    const sent = upstream.seen.slice(0, 3).map(({ rawHeaders }) => headerOf(rawHeaders, 'traceparent'))
    expect(sent).toEqual([`00-${TRACE}-${continued?.spanId}-01`, `00-${TRACE}-${PARENT}-00`, null])
  })

  it('hold nothing of what was said', () => {
    for (const word of ['invented question', 'invented answer', 'ceo', 'No such thing', folder.path]) expect(bodies.join()).not.toContain(word)
  })

  it('are off unless somebody names a collector', async () => {
    const seen = upstream.seen.length
    expect(await run(null)).toEqual([])
    expect(headerOf(upstream.seen[seen]!.rawHeaders, 'traceparent')).toBe(`00-${TRACE}-${PARENT}-01`)
  })

  it.skipIf(!hasCollector)('are taken by OpenTelemetry’s own collector (skipped: there is no otelcol here)', async () => {
    const port = await freePort()
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      exporters: { debug: { verbosity: 'detailed' } },
      service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } }, telemetry: { metrics: { level: 'none' } } },
    }
    const collector = spawn('otelcol', ['--config', folder.write('collector.yaml', JSON.stringify(config))], { stdio: ['ignore', 'ignore', 'pipe'] })
    const isGone = once(collector, 'close')
    let said = ''
    collector.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const until = async (word: string): Promise<void> => {
      while (!said.includes(word)) {
        await Promise.race([once(collector.stderr, 'data'), isGone])
        if (collector.exitCode !== null) throw new Error(said)
      }
    }
    try {
      await until('Everything is ready')
      await run(`http://127.0.0.1:${port}`)
      await until('iron_cage.refused.unknown-model')
      for (const line of [`Trace ID       : ${TRACE}`, `Parent ID      : ${PARENT}`, 'Name           : chat gpt-4', 'Kind           : Client', 'gen_ai.response.finish_reasons: Slice(["stop"])', 'iron_cage.cost.nanodollars: Int(36000000)']) expect(said).toContain(line)
    } finally {
      collector.kill()
      await isGone
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
