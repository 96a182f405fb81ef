import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { DemoSpeed } from '../src/shared/domain/demo.ts'
import { openBrowser } from './browser.ts'
import type { DemoViewersAnswer, DemoViewersOrder } from './demoViewersHost.ts'
import { distribution, median, now, pause, rounded, type Distribution } from './measure.ts'
import { openPresenterPage, type PageReading } from './presenterPage.ts'
import type { ViewersOrder, ViewersReport } from './viewersClient.ts'

/**
 * How long an event of the demo takes to each of its viewers, and what they cost the presenter's window and the room.
 * `node bench/demoViewers.ts [rounds] [seconds]`
 */

const VIEWERS = [0, 100, 150] as const
/** Ten times as fast as on stage, the numbers of viewers in turns within one run; and without a pause, a run for each. */
const STEADY: DemoSpeed = 10
const ROUNDS = Number(process.argv[2] ?? 3)
const STEADY_MS = Number(process.argv[3] ?? 9) * 1000
/** Of a run without a pause so much is looked at, or all of it where it is over sooner. */
const MOST_MS = 15_000
const GOAL_P99_MS = 100
const GOAL_WORST_MS = 500

interface Look extends PageReading {
  readonly viewers: number
  readonly report: ViewersReport
  readonly events: number
  readonly leads: number
  readonly hostCpuShare: number
}

type Answer<K extends DemoViewersAnswer['kind']> = Extract<DemoViewersAnswer, { kind: K }>

const host = fork(join(import.meta.dirname, 'demoViewersHost.ts'))
async function ask<K extends DemoViewersAnswer['kind']>(order: DemoViewersOrder, kind: K): Promise<Answer<K>> {
  host.send(order)
  const [answer] = (await once(host, 'message')) as [DemoViewersAnswer]
  if (answer.kind !== kind) throw new Error(`The room answered ${JSON.stringify(answer)} where "${kind}" was expected.`)
  return answer as Answer<K>
}

const { url, link, token } = await ask({ kind: 'open' }, 'opened')
const browser = await openBrowser()
const presenter = await openPresenterPage(browser, link)
const problems: string[] = []
presenter.page.on('pageerror', (problem) => problems.push(String(problem)))

async function seat(viewers: number, agentId: string): Promise<ChildProcess> {
  const client = fork(join(import.meta.dirname, 'viewersClient.ts'))
  const order: ViewersOrder = { url, token, viewers, hasStuckViewer: false, since: 'eventAt', follow: [{ open: 'terminal.output', input: { agentId } }] }
  client.send(order)
  await once(client, 'message')
  return client
}

/** Looks at all of it at once while `until` lasts; the viewers go after it. */
async function look(viewers: number, agentId: string, until: () => Promise<void>): Promise<Look> {
  const client = await seat(viewers, agentId)
  await pause(500)
  const before = await ask({ kind: 'read' }, 'reads')
  await presenter.begin()
  const begin = now()
  client.send('measure')
  await until()
  client.send('report')
  const [report] = (await once(client, 'message')) as [ViewersReport]
  const seen = await presenter.read()
  const after = await ask({ kind: 'read' }, 'reads')
  return {
    viewers,
    report,
    ...seen,
    events: after.latest - before.latest,
    leads: after.lead - before.lead,
    hostCpuShare: (after.cpuMs - before.cpuMs) / (now() - begin),
  }
}

async function start(speed: DemoSpeed): Promise<string> {
  const { agentId } = await ask({ kind: 'start', speed }, 'started')
  await presenter.page.getByRole('region', { name: /^Terminal of / }).waitFor()
  for (let isAtWork = false; !isAtWork; ) {
    await pause(200)
    isAtWork = (await ask({ kind: 'read' }, 'reads')).lead > 0
  }
  return agentId
}

const steady: Look[] = []
const agentId = await start(STEADY)
for (let round = 0; round < ROUNDS; round++) {
  for (const viewers of VIEWERS) steady.push(await look(viewers, agentId, () => pause(STEADY_MS)))
}
await ask({ kind: 'reset' }, 'wasReset')

const full: Look[] = []
for (const viewers of VIEWERS) {
  const id = await start('max')
  full.push(
    await look(viewers, id, async () => {
      const end = now() + MOST_MS
      while (now() < end && !(await ask({ kind: 'read' }, 'reads')).isOver) await pause(100)
    }),
  )
  await ask({ kind: 'reset' }, 'wasReset')
}
await browser.close()
await ask({ kind: 'close' }, 'closed')
if (problems.length > 0) throw new Error(`The page failed: ${problems.join('\n')}`)

interface Row {
  readonly viewers: number
  /** Of the slowest viewer: the median of the rounds, and the worst of them. */
  readonly slowest: { readonly p50: number; readonly p99: number; readonly worstP99: number }
  readonly worst: number
  readonly lateShare: number
  readonly painted: Distribution
  readonly frames: Distribution
  readonly pageCpu: number
  readonly hostCpu: number
  readonly events: number
  readonly leads: number
}

const mean = (values: readonly number[]): number => rounded(values.reduce((sum, value) => sum + value, 0) / values.length)
const most = (looks: readonly Look[], value: (report: ViewersReport) => number): number => rounded(Math.max(...looks.map(({ report }) => value(report))))

const middle = (looks: readonly Look[], value: (report: ViewersReport) => number): number => rounded(median(looks.map(({ report }) => value(report))))

function rowOf(looks: readonly Look[], viewers: number): Row {
  const such = looks.filter((one) => one.viewers === viewers)
  return {
    viewers,
    slowest: {
      p50: middle(such, ({ slowest }) => slowest.p50),
      p99: middle(such, ({ slowest }) => slowest.p99),
      worstP99: most(such, ({ slowest }) => slowest.p99),
    },
    worst: most(such, ({ all }) => all.max),
    lateShare: most(such, ({ lateShare }) => lateShare),
    painted: distribution(such.flatMap((one) => one.painted)),
    frames: distribution(such.flatMap((one) => one.frames)),
    pageCpu: mean(such.map((one) => one.cpuShare)),
    hostCpu: mean(such.map((one) => one.hostCpuShare)),
    events: such.reduce((sum, one) => sum + one.events, 0),
    leads: such.reduce((sum, one) => sum + one.leads, 0),
  }
}

const results = ([[STEADY, steady], ['max', full]] as const).map(([speed, looks]) => ({ speed, rows: VIEWERS.map((viewers) => rowOf(looks, viewers)) }))
for (const { speed, rows } of results) {
  console.log(`speed ${speed}: milliseconds of the slowest viewer, median of the rounds; the presenter's window beside them`)
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.viewers === 0 ? 'nobody' : `${row.viewers} viewers`,
        {
          'slowest p50': row.viewers > 0 ? row.slowest.p50 : '–',
          'slowest p99': row.viewers > 0 ? row.slowest.p99 : '–',
          'its worst round': row.viewers > 0 ? row.slowest.worstP99 : '–',
          worst: row.viewers > 0 ? row.worst : '–',
          'above 500 ms': row.viewers > 0 ? row.lateShare : '–',
          'painted p50': row.painted.p50,
          'painted p95': row.painted.p95,
          'frame p95': row.frames.p95,
          'page CPU %': Math.round(row.pageCpu * 100),
          'room CPU %': Math.round(row.hostCpu * 100),
          events: row.events,
          leads: row.leads,
        },
      ]),
    ),
  )
}
console.log(JSON.stringify({ bench: 'demoViewers', goalP99Ms: GOAL_P99_MS, goalWorstMs: GOAL_WORST_MS, results }))
