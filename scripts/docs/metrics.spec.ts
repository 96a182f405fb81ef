import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sampleCall } from '../../src/shared/domain/testCalls.ts'
import { composeControlRoom } from '../../src/main/compose.ts'
import { createTestFolder } from '../../src/main/configuration/testFolder.ts'
import { createEventMetrics } from '../../src/main/metrics/eventMetrics.ts'
import { createProcessGauges } from '../../src/main/metrics/processGauges.ts'
import { roomGauges } from '../../src/main/metrics/roomGauges.ts'
import { readExposition } from '../../src/main/metrics/testExposition.ts'
import { systemClock, systemRandom } from '../../src/main/systemPorts.ts'
import { callSpan } from '../../src/main/tracing/callSpan.ts'
import { readDocuments } from './documents.ts'

const { text } = readDocuments().find(({ path }) => path === 'docs/observability.md')!

/** `a_{b,c}_d` stands for `a_b_d` and `a_c_d`. */
function expanded(name: string): string[] {
  const match = /^(.*)\{(.*)\}(.*)$/.exec(name)
  return match ? match[2]!.split(',').map((part) => `${match[1]}${part}${match[3]}`) : [name]
}

/** What stands in the first column of a table's rows that begin so. */
function listedIn(rows: RegExp): string[] {
  const cells = text.split('\n').flatMap((line) => (rows.test(line) ? [line.split(' | ')[0]!] : []))
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => expanded(name!)))
}

const listed = listedIn(/^\| `(?:iron_cage|process)_/)

it('docs/observability.md lists every family of metrics that there may be, once, and no other', () => {
  const ownProcess = createProcessGauges()
  const empty = roomGauges({ version: '', host: '', agents: [], budgets: [], processes: [], services: [], bridgeConnections: 0, viewers: 0, database: {} })
  const all = [...empty, ...createEventMetrics(() => null).families(), ...ownProcess.families(0)].map(({ name }) => name)
  ownProcess.close()
  expect(listed.toSorted()).toEqual(all.toSorted())
})

it('a room tells nothing that is not listed, and questions ask for nothing else', async () => {
  const folder = createTestFolder()
  const room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, 'data'),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path },
    onStopRequested: () => undefined,
  })
  try {
    const told = [...readExposition(await room.router.request('metrics.read', {}, { role: 'viewer', id: 'owner' }) as string).keys()]
    expect(told).not.toEqual([])
    const block = /```\n(sum\(rate[^`]*)```/.exec(text)![1]!
    const asked = block.match(/\b(?:iron_cage|process)_\w+/g)!.map((name) => name.replace(/_(?:bucket|sum|count)$/, ''))
    expect([...told, ...asked].filter((name) => !listed.includes(name))).toEqual([])
  } finally {
    await room.stop()
    folder.remove()
  }
})

it('docs/observability.md lists every attribute of a span, and no other', () => {
  const usage = { input: 1, cacheRead: 1, cacheWrite5m: 1, output: 1, reasoning: 1 }
  const call = sampleCall({ outcome: 'refused', refusal: 'budget', usage })
  const span = callSpan(call, { traceId: '', spanId: '', parentSpanId: null, isSampled: true }, { model: 'gpt-4', finishReasons: ['stop'] })
  expect(listedIn(/^\| `(?:gen_ai|iron_cage)\./).toSorted()).toEqual(span?.attributes.map(({ key }) => key).toSorted())
})
