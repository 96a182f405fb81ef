import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { openClient, requestBytes, type Answer, type BareClient } from './gatewayClient.ts'
import { PACED_REQUEST, PLAIN_REQUEST, STREAM_REQUEST } from './gatewayMessages.ts'
import { openBareProxy, openPortkey, openRoom, openUpstream, type Target } from './gatewayTargets.ts'
import { residentMb } from './memory.ts'
import { median, now, rounded } from './measure.ts'

/**
 * What a call costs on its way through the room, beside a direct call, a bare undici proxy and Portkey's gateway, in turns.
 * `node bench/gateway.ts [rounds]`
 */

const ROUNDS = Number(process.argv[2] ?? 7)
const ONE_BY_ONE = 600
const STREAMS = 40
const CROWD = 64
const CROWD_MS = 2_000
const TICKS_PER_SECOND = 100

interface Round {
  /** Medians of a round, in microseconds. */
  readonly plainUs: number
  readonly firstChunkUs: number
  readonly streamUs: number
  readonly perSecond: number
  readonly streamsPerSecond: number
  /** Processor seconds of the target for a thousand plain calls; null where that cannot be read. */
  readonly cpuPerThousand: number | null
  readonly residentMb: number | null
}

const canPin = process.platform === 'linux' && spawnSync('taskset', ['-p', String(process.pid)]).status === 0
const firstCpus = canPin ? allowedCpus().slice(0, 2) : []

function allowedCpus(): number[] {
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
}

function pin(pid: number | null, cpu: number | undefined): void {
  if (pid !== null && cpu !== undefined) spawnSync('taskset', ['-a', '-c', '-p', String(cpu), String(pid)], { stdio: 'ignore' })
}

function cpuSeconds(pid: number): number | null {
  if (process.platform !== 'linux') return null
  // The name of the program stands in brackets and may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

async function oneByOne(target: Target, body: string, count: number): Promise<Answer[]> {
  const client = await openClient(target.url, requestBytes(target.url, body, target.headers))
  const answers: Answer[] = []
  for (let index = 0; index < count; index++) answers.push(await client.ask())
  client.close()
  return answers
}

/** Every client asks again as soon as it has its answer; gives how many answers there were, and the seconds. */
async function crowd(target: Target, body: string, lengthMs: number): Promise<{ count: number; seconds: number }> {
  const request = requestBytes(target.url, body, target.headers)
  const clients: BareClient[] = await Promise.all(Array.from({ length: CROWD }, () => openClient(target.url, request)))
  const begin = now()
  let count = 0
  await Promise.all(
    clients.map(async (client) => {
      while (now() - begin < lengthMs) {
        await client.ask()
        count++
      }
    }),
  )
  const seconds = (now() - begin) / 1000
  for (const client of clients) client.close()
  return { count, seconds }
}

const medianUs = (answers: readonly Answer[], of: keyof Answer): number => median(answers.map((answer) => answer[of])) * 1000

async function measure(target: Target, upstream: Target): Promise<Round> {
  const [first, second = first] = firstCpus
  // One at a time: all on one core, so that no time is spent waking another.
  for (const pid of [process.pid, upstream.pid, target.pid]) pin(pid, first)
  await oneByOne(target, PLAIN_REQUEST, ONE_BY_ONE / 4)
  const plain = await oneByOne(target, PLAIN_REQUEST, ONE_BY_ONE)
  const streams = await oneByOne(target, PACED_REQUEST, STREAMS)
  // Many at once: the target has a core for itself, and is what gives out first.
  if (target !== upstream) pin(target.pid, second)
  await crowd(target, PLAIN_REQUEST, CROWD_MS / 4)
  const cpuBefore = target.pid === null ? null : cpuSeconds(target.pid)
  const many = await crowd(target, PLAIN_REQUEST, CROWD_MS)
  const cpuAfter = target.pid === null ? null : cpuSeconds(target.pid)
  const manyStreams = await crowd(target, STREAM_REQUEST, CROWD_MS / 2)
  return {
    plainUs: medianUs(plain, 'totalMs'),
    firstChunkUs: medianUs(streams, 'firstMs'),
    streamUs: medianUs(streams, 'totalMs'),
    perSecond: many.count / many.seconds,
    streamsPerSecond: manyStreams.count / manyStreams.seconds,
    cpuPerThousand: cpuBefore === null || cpuAfter === null ? null : ((cpuAfter - cpuBefore) / many.count) * 1000,
    residentMb: target.pid === null ? null : residentMb(target.pid),
  }
}

const upstream = await openUpstream()
const targets: Target[] = [upstream]
const rounds = new Map<string, Round[]>()
let missing: string | null = null
try {
  targets.push(await openBareProxy(upstream.url), await openRoom(upstream.url, false), await openRoom(upstream.url, true))
  const portkey = await openPortkey(upstream.url)
  if ('missing' in portkey) missing = portkey.missing
  else targets.push(portkey)
  if (missing) console.log(`Skipped: ${missing}`)
  // In turns, so that a slow minute of the machine falls on all of them. What the first round warms up does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const target of targets) {
      const result = await measure(target, upstream)
      if (round > 0) rounds.set(target.name, [...(rounds.get(target.name) ?? []), result])
    }
  }
} finally {
  for (const target of targets.toReversed()) await target.close()
}

const of = (name: string): readonly Round[] => rounds.get(name) ?? []
const middle = (name: string, value: (round: Round) => number | null): number =>
  rounded(median(of(name).map((round) => value(round) ?? NaN)))
/** Each round by itself: what slows one down for a while slows down its neighbours. */
const added = (name: string, value: (round: Round) => number): number =>
  rounded(median(of(name).map((round, index) => value(round) - value(of('direct')[index]!))))
const report = (name: string): object => ({
  addedUs: added(name, ({ plainUs }) => plainUs),
  addedFirstChunkUs: added(name, ({ firstChunkUs }) => firstChunkUs),
  addedStreamUs: added(name, ({ streamUs }) => streamUs),
  perSecond: middle(name, ({ perSecond }) => perSecond),
  streamsPerSecond: middle(name, ({ streamsPerSecond }) => streamsPerSecond),
  cpuPerThousand: middle(name, ({ cpuPerThousand }) => cpuPerThousand),
  residentMb: middle(name, ({ residentMb }) => residentMb),
})
const names = targets.map(({ name }) => name)
console.table(Object.fromEntries(names.map((name) => [name, report(name)])))
console.log(
  JSON.stringify({
    bench: 'gateway',
    missing,
    direct: { plainUs: middle('direct', ({ plainUs }) => plainUs), ...report('direct') },
    bare: report('bare undici'),
    ours: report('ours'),
    traced: report('ours, traced'),
    portkey: missing === null ? report('Portkey') : null,
  }),
)
