import type { AgentId } from '../../../shared/domain/agent.ts'
import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock, Timer } from '../../ports.ts'
import type { SafetyDesk } from '../desk/safetyDesk.ts'
import { createTerminalChannel, type Finding, type TerminalChannel } from './terminalChannel.ts'
import { createTerminalSplitter, type TerminalPart } from './terminalSplitter.ts'

/** What goes on of an agent's output. */
export interface FilteredOutput {
  /** For the screen: as the rules say. */
  readonly shown: string
  /** For the disk: without anything private, whatever the rules say. */
  readonly kept: string
}

/** Takes private things out of an agent's output; it holds text back until it knows. */
export interface TerminalFilter {
  push(data: string): void
  /** The process has ended: what was held back comes out. */
  flush(): void
}

export interface TerminalFilterOptions {
  readonly agentId: AgentId
  readonly desk: Pick<SafetyDesk, 'scannerFor' | 'judge'>
  readonly clock: Clock
  readonly output: (piece: FilteredOutput) => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const PAUSE_MS: Millis = 50
/** Where a process waits for an answer, its question is shown; so are words, which on their own are nobody's. */
const HARMLESS = /^(?:(?:\p{L}{1,32}(?:['’]\p{L}{1,8})?)?[.…,:;!?>$#\])} ]{0,8}|\p{N}{1,4} {0,2}|\p{N}{1,2}[.:,]\p{N}{0,2})$/u
/** As they are typed: names of files and commands, in words with a few digits at their ends. Keys mix cases and digits, or begin otherwise. */
const WORD = String.raw`(?:\p{Lu}?\p{Ll}{1,16}|\p{Lu}{1,8})\p{N}{0,3}`
const FILE_NAME = new RegExp(String.raw`^(?=.{1,32}$)(?:${WORD}\.|(?=\p{L}{3})${WORD}[._-])*(?:${WORD}|\p{N}{1,2})?$`, 'u')
const MOST_ERASED = 64
/** Not fewer than the spaces at its end for which any text waits. */
const TOLD_OF_SECRET = 4
const WITHHELD = '\r\n[output withheld: it could not be looked through]\r\n'

/** A place in the output at which something is put in or taken out. */
interface Change {
  readonly start: number
  readonly end: number
  readonly replacement: string
}

interface Outlet {
  /** Everything before this place has gone on. */
  to: number
  changes: Change[]
}

export function createTerminalFilter(options: TerminalFilterOptions): TerminalFilter {
  const { agentId, desk, clock, output, onDefect } = options
  const newChannel = (): TerminalChannel => createTerminalChannel(() => desk.scannerFor(agentId))
  let splitter = createTerminalSplitter()
  let screen = newChannel()
  let hidden = newChannel()
  /** The output from `rawStart` on; what both outlets have passed is dropped. */
  let raw = ''
  let rawStart = 0
  let shown: Outlet = { to: 0, changes: [] }
  let kept: Outlet = { to: 0, changes: [] }
  let pause: Timer | null = null

  const rawEnd = (): number => rawStart + raw.length

  function take(part: TerminalPart): void {
    if (part.kind === 'text') (part.isHidden ? hidden : screen).text(part.text, part.start)
    else if (part.kind === 'control') screen.control(part.reads, part.start, part.end)
    else {
      decide(hidden.end())
      hidden = newChannel()
    }
  }

  function decide(findings: readonly Finding[]): void {
    const [first] = findings
    if (!first) return
    const { text, base } = first
    const matches = findings.map(({ match }) => match)
    const { edits, blocked } = desk.judge({ agentId, callId: null, direction: 'terminal', place: 'terminal', text, base, matches })
    const edited = new Set(edits.map(({ start }) => start))
    for (const { match, ranges } of findings) {
      const changes = ranges.map(({ start, end }, index) => ({ start, end, replacement: index === 0 ? PRIVATE_TYPES[match.type].marker : '' }))
      kept.changes.push(...changes)
      if (edited.has(match.start) || blocked !== null) shown.changes.push(...changes)
    }
    for (const outlet of [kept, shown]) outlet.changes.sort((one, other) => one.start - other.start)
  }

  function look(action: () => void): void {
    try {
      action()
      decide(screen.decide())
      decide(hidden.decide())
    } catch (defect) {
      onDefect(defect, 'looking through a terminal')
      withhold()
    }
  }

  /** What cannot be looked through goes nowhere. */
  function withhold(): void {
    splitter = createTerminalSplitter()
    screen = newChannel()
    hidden = newChannel()
    raw = ''
    rawStart = 0
    shown = { to: 0, changes: [] }
    kept = { to: 0, changes: [] }
    output({ shown: WITHHELD, kept: WITHHELD })
  }

  /** The text of an outlet up to a place, changed. */
  function advance(outlet: Outlet, upTo: number): string {
    let text = ''
    while (outlet.changes[0] && outlet.changes[0].start < Math.max(upTo, outlet.to)) {
      const { start, end, replacement } = outlet.changes.shift() as Change
      if (start >= outlet.to) text += raw.slice(outlet.to - rawStart, start - rawStart)
      else if (replacement !== '') text += '\b \b'.repeat(Math.min(Math.min(end, outlet.to) - start, MOST_ERASED))
      text += replacement
      outlet.to = Math.max(outlet.to, end)
    }
    if (upTo > outlet.to) {
      text += raw.slice(outlet.to - rawStart, upTo - rawStart)
      outlet.to = upTo
    }
    return text
  }

  function release(): void {
    const end = rawEnd() - splitter.unfinished.length
    const settled = Math.min(screen.settled ?? end, hidden.settled ?? end)
    const piece = { kept: advance(kept, settled), shown: advance(shown, settled) }
    drop()
    if (piece.kept !== '' || piece.shown !== '') output(piece)
  }

  function drop(): void {
    const done = Math.min(shown.to, kept.to)
    raw = raw.slice(done - rawStart)
    rawStart = done
  }

  function waitForMore(): void {
    pause?.cancel()
    pause = shown.to < rawEnd() ? clock.after(PAUSE_MS, releaseHarmless) : null
  }

  /** Nothing came for a while: somebody may be waiting for what is on the screen. */
  function releaseHarmless(): void {
    pause = null
    const { held } = screen
    const isHarmless = hidden.settled === null && (screen.settled === null || ((HARMLESS.test(held) || FILE_NAME.test(held)) && !tellsOfSecret(held)))
    if (!isHarmless) return
    const text = advance(shown, rawEnd())
    if (text !== '') output({ shown: text, kept: '' })
  }

  /** A secret may be a word like others: more than its first letters is not shown. */
  function tellsOfSecret(held: string): boolean {
    try {
      const secrets = desk.scannerFor(agentId).secretsOnly
      if (secrets === undefined) return false
      const { matches, settled } = secrets.stream().push(held)
      return matches.length > 0 || held.length - settled > TOLD_OF_SECRET
    } catch (defect) {
      onDefect(defect, 'looking through a terminal')
      return true
    }
  }

  return {
    push(data) {
      raw += data
      look(() => splitter.push(data, take))
      release()
      waitForMore()
    },
    flush() {
      pause?.cancel()
      pause = null
      look(() => {
        splitter.end(take)
        decide(screen.end())
        decide(hidden.end())
        screen = newChannel()
        hidden = newChannel()
      })
      release()
    },
  }
}
