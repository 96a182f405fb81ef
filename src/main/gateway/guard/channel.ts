import type { Direction } from '../../../shared/domain/safetyRules.ts'
import { createJsonStream, type JsonStream } from '../../safety/json/jsonStream.ts'
import { printPath, type Segment } from '../../safety/json/jsonPath.ts'
import type { Edit } from '../../safety/desk/safetyDesk.ts'
import type { Decided, Scanner, StreamScanner } from '../../safety/scan/scanner.ts'
import type { AnswerLook } from './answerLook.ts'
import { directionOf } from './eventPlan.ts'

/** What a channel is, as its dialect tells. */
export interface ChannelKind {
  /** Within its stream: the same text goes on under the same key. */
  readonly key: string
  /** Choice, block or item: what ends together, and what others may be waiting behind. */
  readonly group: string
  readonly segments: readonly Segment[]
  /** Arguments of a tool: JSON, as a rule. */
  readonly isJson: boolean
  /** What it has said in pieces is said once more at its end. */
  readonly isRepeated: boolean
}

/** One text that comes in pieces, in as many events. Places count its characters from its beginning. */
export interface Channel extends ChannelKind {
  readonly direction: Direction
  /** For people and for records. */
  readonly place: string
  readonly length: number
  /** Everything before this place is decided. */
  readonly settled: number
  /** In order; what lies before what was asked to be forgotten is not among them. */
  readonly edits: readonly Edit[]
  /** All of it; null where it is too long to be kept. */
  readonly text: string | null
  /** How many events of its group have come since it last said something. */
  silentFor: number
  push(text: string): void
  /** Decides everything; false where it was so before. What still comes is looked at together with what stood before it. */
  end(): boolean
  forgetBefore(place: number): void
}

const CONTEXT = 80
/** No longer than anything that is looked for in earnest; said again to the scanner of a text that goes on after its end. */
const RESUMED = 256
const LONGEST_KEPT = 1024 * 1024

export function createChannel(look: AnswerLook, kind: ChannelKind): Channel {
  const { key, group, segments, isJson, isRepeated } = kind
  // Known once for each text, not for each of its pieces.
  const place = printPath({ segments, hidden: NOTHING_HIDDEN }) || group
  const named: NamedKind = { key, group, segments, isJson, isRepeated, direction: directionOf(segments), place }
  return isJson ? createJsonChannel(look, named) : createTextChannel(look, named)
}

type NamedKind = ChannelKind & Pick<Channel, 'direction' | 'place'>
const NOTHING_HIDDEN: ReadonlySet<number> = new Set()

/** What both kinds keep; the channel is this very object. */
interface Common {
  length: number
  settled: number
  edits: Edit[]
  text: string | null
  silentFor: number
}

const begun = (): Common => ({ length: 0, settled: 0, edits: [], text: '', silentFor: 0 })

function keep(common: Common, text: string): void {
  common.length += text.length
  if (common.text !== null) common.text = common.text.length + text.length > LONGEST_KEPT ? null : common.text + text
}

function createTextChannel(look: AnswerLook, kind: NamedKind): Channel {
  const common = begun()
  let scanner: Scanner | null = null
  let stream: StreamScanner | null = null
  /** Where the scanner's stream begins in the channel. */
  let base = 0
  /** What came last, decided or not, for previews and for going on after an end. */
  let recent = ''

  function open(): StreamScanner {
    const current = look.scanner()
    if (stream && scanner === current) return stream
    const again = stream ? stream.held : recent.slice(-RESUMED)
    base = common.length - again.length
    scanner = current
    stream = current.stream()
    // What was decided before is not told again; what goes on from there is cut off where it was sent.
    if (again !== '') take(stream.push(again))
    return stream
  }

  function take({ settled, matches }: Decided): void {
    const news = matches.filter(({ end }) => base + end > common.settled)
    if (news.length > 0) {
      const start = common.length - recent.length
      const edits = look.judge(kind.direction, kind.place, recent, start - base, news)
      for (const edit of edits) {
        const from = Math.max(base + edit.start, common.settled)
        common.edits.push({ start: from, end: base + edit.end, replacement: edit.replacement })
      }
    }
    common.settled = Math.max(common.settled, base + settled)
    const undecided = common.length - common.settled
    if (recent.length > 4 * (undecided + RESUMED)) recent = recent.slice(-(undecided + RESUMED + CONTEXT))
  }

  return Object.assign(common, kind, {
    push(text: string) {
      const current = open()
      keep(common, text)
      recent += text
      take(current.push(text))
    },
    end() {
      if (!stream) return false
      take(stream.end())
      stream = null
      common.settled = common.length
      return true
    },
    forgetBefore: (place: number) => forget(common, kind, place),
  })
}

function createJsonChannel(look: AnswerLook, kind: NamedKind): Channel {
  const common = begun()
  let stream: JsonStream | null = null
  let base = 0

  function take({ settled, sightings }: ReturnType<JsonStream['push']>): void {
    for (const { path, text, base: from, matches, toRaw } of sightings) {
      for (const edit of look.judge(kind.direction, path, text, from, matches)) {
        const { start, end, replacement } = toRaw(edit)
        common.edits.push({ start: start + base, end: end + base, replacement })
      }
    }
    if (sightings.length > 1) common.edits.sort((a, b) => a.start - b.start)
    common.settled = Math.max(common.settled, base + settled)
  }

  return Object.assign(common, kind, {
    push(text: string) {
      if (!stream) {
        base = common.length
        stream = createJsonStream(look.scanner(), { within: kind.segments })
      }
      keep(common, text)
      take(stream.push(text))
    },
    end() {
      if (!stream) return false
      take(stream.end())
      stream = null
      common.settled = common.length
      return true
    },
    forgetBefore: (place: number) => forget(common, kind, place),
  })
}

function forget(common: Common, { isRepeated }: ChannelKind, place: number): void {
  if (isRepeated || common.edits.length === 0) return
  common.edits = common.edits.filter(({ end }) => end > place)
}
