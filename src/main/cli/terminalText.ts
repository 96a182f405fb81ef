import type { WriteStream } from 'node:tty'
import type { Severity } from '../../shared/domain/event.ts'
import type { Colour } from '../../shared/formatLogLine.ts'

type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>

/** What a command writes to: results on the one stream, everything about them on the other. */
export interface Screen {
  /** A result; resolves when it has been taken. */
  out(text: string): Promise<void>
  /** A line beside the results. */
  note(line: string): void
  readonly isTerminal: boolean
  /** The size of the terminal, where there is one. */
  size(): { columns: number; rows: number } | null
  onResize(listener: () => void): () => void
  readonly colour: Colour | undefined
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

const CODES: Record<'time' | 'agent' | Severity, string> = { time: '2', agent: '36', DEBUG: '2', INFO: '34', WARN: '33', ERROR: '31' }

export function createScreen({ stdout, stderr, environment }: ScreenOptions): Screen {
  const isTerminal = stdout.isTTY === true
  const hasColour = stderr.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  let isRaw = false
  let isBroken = false
  /** On one terminal a note must not begin in the middle of what the agent wrote. */
  let isInsideLine = false
  const onBroken = new Set<() => void>()

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
    out(text) {
      if (isBroken || text === '') return Promise.resolve()
      isInsideLine = !text.endsWith('\n')
      return new Promise((resolve) => {
        stdout.write(text, () => resolve())
      })
    },
    note(line) {
      const end = isRaw ? '\r\n' : '\n'
      const start = isTerminal && stderr.isTTY === true && isInsideLine ? end : ''
      isInsideLine = false
      stderr.write(`${start}${isRaw ? line.replaceAll('\n', end) : line}${end}`)
    },
    size() {
      const { columns, rows } = stdout
      return isTerminal && columns && rows && columns >= 2 ? { columns: Math.min(columns, 1000), rows: Math.min(rows, 1000) } : null
    },
    onResize(listener) {
      stdout.on('resize', listener)
      return () => stdout.off('resize', listener)
    },
    setRaw(next) {
      isRaw = next
    },
    onBroken(listener) {
      onBroken.add(listener)
      if (isBroken) listener()
    },
    async flush() {
      await Promise.all([stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))))
    },
  }
}
