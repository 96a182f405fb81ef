import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type * as NodePty from 'node-pty'
import type { Exit } from '../../shared/domain/agent.ts'
import { AppError, messageOf } from '../../shared/errors.ts'
import { systemClock } from '../systemPorts.ts'
import { createPtyInput, type PtyInput } from './ptyInput.ts'
import type { TerminalSize } from './terminalSize.ts'

/** A process on the other end of a terminal. */
export interface PtyProcess {
  readonly pid: number
  onData(listener: (data: string) => void): void
  /** Called once, after the last data. */
  onExit(listener: (exit: Exit) => void): void
  /** Resolves when more may come. */
  write(data: string): Promise<void>
  resize(size: TerminalSize): void
  pause(): void
  resume(): void
  /** Asks the operating system; the exit itself is told later, when the output has been read. */
  isAlive(): boolean
}

export interface PtyRequest {
  /** The program, absolute, and its arguments. */
  readonly command: readonly string[]
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string>>
  readonly size: TerminalSize
}

export type SpawnPty = (request: PtyRequest) => PtyProcess

export const spawnPty: SpawnPty = (request) => spawnWith(loadPty(), request)

/** Only when the first agent starts: on Linux its native part is compiled while it is installed, and where that was not allowed the room opens all the same. */
export function loadPty(load: () => unknown = () => createRequire(import.meta.url)('node-pty')): typeof NodePty {
  try {
    return load() as typeof NodePty
  } catch (problem) {
    const why = messageOf(problem).split('\n')[0]
    throw new AppError('UNAVAILABLE', `the terminal’s native part, node-pty, is missing; compile it with "npm rebuild node-pty", once npm may run its script (${why})`)
  }
}

function spawnWith(pty: typeof NodePty, { command, workingDirectory, environment, size }: PtyRequest): PtyProcess {
  const [program = '', ...args] = command
  const process_ = pty.spawn(program, args, {
    name: 'xterm-256color',
    cols: size.columns,
    rows: size.rows,
    cwd: workingDirectory,
    env: { ...environment },
  })
  const input = inputOf(process_)
  let hasExited = false
  return {
    pid: process_.pid,
    onData: (listener) => void process_.onData(listener),
    onExit: (listener) =>
      void process_.onExit(({ exitCode, signal }) => {
        hasExited = true
        input.close()
        listener(toExit(exitCode, signal))
      }),
    write: (data) => input.write(data),
    resize({ columns, rows }) {
      if (!hasExited) process_.resize(columns, rows)
    },
    pause: () => process_.pause(),
    resume: () => process_.resume(),
    isAlive() {
      if (hasExited) return false
      try {
        process.kill(process_.pid, 0)
        return true
      } catch {
        return false
      }
    },
  }
}

/** Of a Unix terminal, what its types leave out. */
interface UnixTerminal {
  readonly fd: number
  on(event: 'close', listener: () => void): void
}

function inputOf(process_: NodePty.IPty): PtyInput {
  if (process.platform === 'win32') return windowsInputOf(process_)
  const terminal = process_ as unknown as UnixTerminal
  const input = createPtyInput({ fd: terminal.fd, clock: systemClock })
  // It may be gone before its process is.
  terminal.on('close', () => input.close())
  return input
}

function windowsInputOf(process_: NodePty.IPty): PtyInput {
  let isClosed = false
  return {
    async write(data) {
      if (!isClosed) process_.write(data)
    },
    close: () => void (isClosed = true),
  }
}

function toExit(code: number, signal: number | undefined): Exit {
  if (!signal) return { code, signal: null }
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0]
  return { code: null, signal: name ?? `signal ${signal}` }
}
