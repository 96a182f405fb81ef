import { below, line, over, times, type Figure } from './figure.ts'
import { rounded, type Distribution } from './measure.ts'

/** The figures of the benches that look at the page. */

interface PageEventsReport {
  readonly goalMs: number
  readonly results: readonly {
    readonly condition: string
    readonly bare: { readonly lines: Distribution; readonly pageCpuMs: number }
    readonly room: {
      readonly arrivals: Distribution
      readonly lines: Distribution
      readonly changes: Distribution
      readonly pageCpuMs: number
      readonly hostCpuMs: number
    }
  }[]
}

export function pageEvents({ goalMs, results }: PageEventsReport): Figure[] {
  const p50AndP95 = ({ p50, p95 }: Distribution): string => `p50 ${p50} ms, p95 ${p95} ms`
  return results.flatMap(({ condition, bare, room }) => {
    const bareList = 'a bare list'
    return [
      line(
        `Event → line of the event log painted, ${condition}`,
        p50AndP95(room.lines),
        `p50 ${over(room.lines.p50, bare.lines.p50)}, p95 ${over(room.lines.p95, bare.lines.p95)} ${bareList}`,
        below(goalMs, room.lines.p95, 'ms (p95)'),
      ),
      line(`Event → live metrics painted, ${condition}`, p50AndP95(room.changes), null, below(goalMs, room.changes.p95, 'ms (p95)')),
      line(`Event → message in the page, ${condition}`, p50AndP95(room.arrivals), null),
      line(
        `Processor time of the page for each event, ${condition}`,
        `${room.pageCpuMs} ms`,
        `${over(room.pageCpuMs, bare.pageCpuMs)} ${bareList}`,
      ),
      line(`Processor time of the host for each event, ${condition}`, `${room.hostCpuMs} ms`, null),
    ]
  })
}

interface LogScrollReport {
  readonly goalMs: number
  readonly untilLinesMs: number
  readonly heapMb: number
  readonly results: readonly {
    readonly motion: string
    readonly perSecond: number
    readonly work: Distribution
    readonly apart: Distribution
    readonly emptyWork: Distribution
    readonly emptyApart: Distribution
    readonly missing: number
  }[]
}

export function logScroll({ goalMs, untilLinesMs, heapMb, results }: LogScrollReport): Figure[] {
  return [
    ...results.flatMap(({ motion, perSecond, work, apart, emptyWork, emptyApart, missing }) => {
      const how = perSecond === 0 ? motion : `${motion}, ${perSecond} events a second`
      return [
        line(`Work of a frame, ${how}`, `p50 ${work.p50} ms, p95 ${work.p95} ms`, `p95 ${over(work.p95, emptyWork.p95)} an empty page`, below(goalMs, work.p95, 'ms (p95)')),
        line(`From frame to frame, ${how}`, `p50 ${apart.p50} ms, p95 ${apart.p95} ms`, `p95 ${over(apart.p95, emptyApart.p95)} an empty page`),
        line(`Lines not there yet when painted, ${how}`, `${rounded(missing * 100)} %`, null),
      ]
    }),
    line('From opening the page to the first lines', `${untilLinesMs} ms`, null),
    line('Heap of the page after it', `${heapMb} MB`, null),
  ]
}

type Start = Readonly<Record<'health' | 'paint' | 'room', { readonly ms: number; readonly ratio: number }>>

interface BundleSize {
  readonly kb: number
  readonly gzipKb: number
}

interface StartUpReport {
  readonly results: { readonly bareNodeMs: number; readonly fresh: Start; readonly again: Start }
  readonly bundle: { readonly first: BundleSize; readonly later: BundleSize }
}

export function startUp({ results: { fresh, again }, bundle: { first, later } }: StartUpReport): Figure[] {
  const figure = (what: string, { ms, ratio }: Start['health']): Figure => line(what, `${ms} ms`, `${times(ratio)} node -e 0`)
  const size = (what: string, { kb, gzipKb }: BundleSize): Figure => line(what, `${kb} kB, ${gzipKb} kB with gzip`, null)
  return [
    figure('Start → first answer, new data folder', fresh.health),
    figure('Start → first paint, new data folder', fresh.paint),
    figure('Start → first answer, known data folder', again.health),
    figure('Start → first paint, known data folder', again.paint),
    figure('Start → the room in sight, known data folder', again.room),
    size('Script and style that the page begins with', first),
    size('Script that it fetches when it is wanted', later),
  ]
}

/** Growth from then to the last minute that is taken for noise: a thousand requests and ten thousand lines of the terminal are there by then. */
const MOST_GROWTH = 1.1
const FULL_AFTER_MINUTES = 30

interface HourReading {
  readonly minute: number
  readonly pageMb: number
  readonly elements: number
  readonly hostMb: number
}

interface HourReport {
  readonly minutes: number
  readonly events: number
  readonly readings: readonly HourReading[]
}

export function hour({ minutes, events, readings }: HourReport): Figure[] {
  const full = readings.find(({ minute }) => minute >= FULL_AFTER_MINUTES) ?? readings[0]!
  const last = readings.at(-1)!
  const course = (what: keyof HourReading): string => readings.map((reading) => reading[what]).join(', ')
  const flat = (what: string, key: 'pageMb' | 'elements' | 'hostMb', unit: string): Figure => {
    const growth = Number((last[key] / full[key]).toPrecision(2))
    return line(what, `${course(key)}${unit}`, `${times(growth)} the last to minute ${full.minute}`, { text: `≤ ${MOST_GROWTH}×`, isMet: growth <= MOST_GROWTH })
  }
  return [
    line(`Read at minute ${course('minute')} of ${minutes}`, `${events.toLocaleString('en')} events in all`, null),
    flat("The page's heap", 'pageMb', ' MB'),
    flat("The page's elements", 'elements', ''),
    flat("The host's heap", 'hostMb', ' MB'),
  ]
}
