import type { WriteStream } from 'node:tty'
import type { Severity } from '../../shared/domain/event.ts'
import type { Colour } from '../../shared/formatLogLine.ts'
import { watchFullScreen } from './fullScreen.ts'

type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>

/** What a command writes to: results on the one stream, everything about them on the other. */
export interface Screen {
  /** A result; resolves when it has been taken. */
  out(text: string): Promise<void>
  /** A line beside the results. On one terminal it waits while a program has the whole screen. */
  note(line: string): void
  readonly isTerminal: boolean
  /** Results and notes are read from the same terminal. */
  readonly isShared: boolean
  /** The size of the terminal, where there is one. */
  size(): { columns: number; rows: number } | null
  onResize(listener: () => void): () => void
  readonly colour: Colour | undefined
  /** Whoever had the whole screen has ended, and may not have given it back. */
  takeBack(): void
  /** Raw mode: the terminal no longer turns line feeds into line ends by itself. */
  setRaw(isRaw: boolean): void
  /** Whoever read the results has gone. */
  onBroken(listener: () => void): void
  flush(): Promise<void>
}

export interface ScreenOptions {
  readonly stdout: Output
  readonly stderr: Output
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Of what waits behind a full screen, the newest; the room's log holds all of it. */
const MOST_WAITING = 500
/** Back to the screen of the shell, cursor and all. */
const LEAVE_FULL_SCREEN = '\u001b[?1049l\u001b[?25h'

const CODES: Record<'time' | 'agent' | Severity, string> = { time: '2', agent: '36', DEBUG: '2', INFO: '34', WARN: '33', ERROR: '31' }

export function createScreen({ stdout, stderr, environment }: ScreenOptions): Screen {
  const isTerminal = stdout.isTTY === true
  const isShared = isTerminal && stderr.isTTY === true
  const hasColour = stderr.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  let isRaw = false
  let isBroken = false
  /** On one terminal a note must not begin in the middle of what the agent wrote. */
  let isInsideLine = false
  const onBroken = new Set<() => void>()
  const fullScreen = watchFullScreen()
  let isFull = false
  let waiting: string[] = []

  function writeNote(line: string): void {
    const end = isRaw ? '\r\n' : '\n'
    const start = isShared && isInsideLine ? end : ''
    isInsideLine = false
    stderr.write(`${start}${isRaw ? line.replaceAll('\n', end) : line}${end}`)
  }

  function writeWaiting(): void {
    const lines = waiting
    waiting = []
    for (const line of lines) writeNote(line)
  }

  function takeBack(): void {
    if (!isFull) return
    isFull = false
    isInsideLine = false
    if (!isBroken) stdout.write(LEAVE_FULL_SCREEN)
    writeWaiting()
  }

  stdout.on('error', () => {
    if (isBroken) return
    isBroken = true
    for (const listener of onBroken) listener()
  })
  // Nobody is left to be told.
  stderr.on('error', () => undefined)

  return {
    isTerminal,
    colour: hasColour ? (part, text) => `\u001b[${CODES[part]}m${text}\u001b[0m` : undefined,
    isShared,
    out(text) {
      if (isBroken || text === '') return Promise.resolve()
      isInsideLine = !text.endsWith('\n')
      const written = new Promise<void>((resolve) => {
        stdout.write(text, () => resolve())
      })
      if (isShared) isFull = fullScreen.after(text)
      if (!isFull && waiting.length > 0) writeWaiting()
      return written
    },
    note(line) {
      if (!isFull) return writeNote(line)
      waiting.push(line)
      if (waiting.length > MOST_WAITING) waiting.shift()
    },
    size() {
      const { columns, rows } = stdout
      return isTerminal && columns && rows && columns >= 2 ? { columns: Math.min(columns, 1000), rows: Math.min(rows, 1000) } : null
    },
    onResize(listener) {
      stdout.on('resize', listener)
      return () => stdout.off('resize', listener)
    },
    takeBack,
    setRaw(next) {
      isRaw = next
      if (!next) takeBack()
    },
    onBroken(listener) {
      onBroken.add(listener)
      if (isBroken) listener()
    },
    async flush() {
      takeBack()
      await Promise.all([stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))))
    },
  }
}
