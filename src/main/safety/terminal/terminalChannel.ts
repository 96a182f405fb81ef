import type { Decided, Match, Scanner, StreamScanner } from '../scan/scanner.ts'

/** Something found, with where it stands in the output: in several pieces, where control sequences lie inside. */
export interface Finding {
  readonly match: Match
  readonly ranges: readonly { readonly start: number; readonly end: number }[]
  /** What stands around it; `base` is the place of its first character in the match's own count. */
  readonly text: string
  readonly base: number
}

/** One text that is spread over a terminal's output: what a reader sees, or what one hidden string holds. */
export interface TerminalChannel {
  text(text: string, start: number): void
  control(reads: string, start: number, end: number): void
  /** What is known by now. */
  decide(): readonly Finding[]
  end(): readonly Finding[]
  /** The place in the output up to which everything is decided; null where nothing is open. */
  readonly settled: number | null
  /** What is not decided. */
  readonly held: string
}

/** A stretch of the text, and where it stands in the output. */
interface Run {
  readonly text: number
  readonly raw: number
  readonly length: number
  /** It stands for a control sequence, which stays. */
  readonly isControl: boolean
}

/** For a preview. */
const KEPT_BEFORE = 80

export function createTerminalChannel(scannerNow: () => Scanner): TerminalChannel {
  let scanner: Scanner | null = null
  let stream: StreamScanner | null = null
  /** Where the current stream's count begins. */
  let streamStart = 0
  let length = 0
  let settled = 0
  const runs: Run[] = []
  let recent = ''
  let recentStart = 0
  let pending = ''

  function add(text: string, raw: number, isControl: boolean): void {
    runs.push({ text: length, raw, length: text.length, isControl })
    length += text.length
    pending += text
  }

  /** With nothing open, other rules get their own scanner. */
  function current(): StreamScanner {
    const wanted = scanner === null || settled === length - pending.length ? scannerNow() : scanner
    if (stream && wanted === scanner) return stream
    scanner = wanted
    streamStart = length - pending.length
    return (stream = wanted.stream())
  }

  function findings(decided: Decided): Finding[] {
    const base = streamStart
    const found = decided.matches.map((match): Finding => {
      const moved = { ...match, start: match.start + base, end: match.end + base }
      return { match: moved, ranges: rangesOf(runs, moved), text: recent, base: recentStart }
    })
    settled = decided.settled + base
    let gone = 0
    while (gone < runs.length && (runs[gone] as Run).text + (runs[gone] as Run).length <= settled) gone++
    if (gone > 0) runs.splice(0, gone)
    const keepFrom = Math.max(recentStart, settled - KEPT_BEFORE)
    recent = recent.slice(keepFrom - recentStart)
    recentStart = keepFrom
    return found
  }

  function decide(): Finding[] {
    if (pending === '') return []
    const scan = current()
    recent += pending
    const text = pending
    pending = ''
    return findings(scan.push(text))
  }

  return {
    text: (text, start) => add(text, start, false),
    control(reads, start) {
      if (reads !== '') add(reads, start, true)
    },
    decide,
    end() {
      const found = decide()
      if (!stream) return found
      found.push(...findings(stream.end()))
      stream = null
      scanner = null
      return found
    },
    get settled() {
      if (settled >= length) return null
      const run = runs[0]
      if (!run) return null
      return run.isControl ? run.raw : run.raw + Math.max(0, settled - run.text)
    },
    get held() {
      return recent.slice(settled - recentStart)
    },
  }
}

function rangesOf(runs: readonly Run[], { start, end }: Match): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = []
  for (const run of runs) {
    if (run.text >= end) break
    const from = Math.max(start, run.text)
    const to = Math.min(end, run.text + run.length)
    if (from >= to || run.isControl) continue
    const [rawFrom, rawTo] = [run.raw + from - run.text, run.raw + to - run.text]
    const last = ranges.at(-1)
    if (last?.end === rawFrom) last.end = rawTo
    else ranges.push({ start: rawFrom, end: rawTo })
  }
  return ranges
}
