import { spawn as spawnChild, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { messageOf } from '../../../shared/errors.ts'

export type Spawn = (program: string, args: readonly string[], options: SpawnOptions) => ChildProcess

export interface Run {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly platform: NodeJS.Platform
  /** Ends it, and all that it has started. */
  readonly signal: AbortSignal
  readonly spawn?: Spawn
  readonly onLine: (line: string) => void
}

export interface Ending {
  readonly isWell: boolean
  /** `exit code 1`, or why it could not be started. */
  readonly how: string
}

/** How long what it leaves running may hold its pipes open. */
const LAST_WORDS_MS = 500

/** Runs a program to its end, without a shell, and hands on each line it says. Never rejects. */
export async function runProgram(program: string, args: readonly string[], run: Run): Promise<Ending> {
  const { folder, environment, platform, signal, spawn = spawnChild, onLine } = run
  if (signal.aborted) return { isWell: false, how: 'not started' }
  const isWindows = platform === 'win32'
  let child: ChildProcess
  try {
    // A group of its own ends as a whole; under Windows that would open a console.
    child = spawn(program, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: !isWindows, windowsHide: true })
  } catch (problem) {
    return { isWell: false, how: messageOf(problem) }
  }
  const closed = once(child, 'close').catch(() => [])
  const streams = [child.stdout, child.stderr].filter((stream): stream is Readable => stream !== null)
  for (const input of streams) createInterface({ input, crlfDelay: Infinity }).on('line', (line) => onLine(plain(line)))

  const end = (): void => endTree(child, isWindows, spawn)
  signal.addEventListener('abort', end, { once: true })
  try {
    const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    end()
    const late = setTimeout(() => streams.forEach((stream) => stream.destroy()), LAST_WORDS_MS)
    await closed
    clearTimeout(late)
    return { isWell: code === 0, how: by ?? `exit code ${code}` }
  } catch (problem) {
    return { isWell: false, how: messageOf(problem) }
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function endTree(child: ChildProcess, isWindows: boolean, spawn: Spawn): void {
  if (child.pid === undefined) return
  if (isWindows) {
    if (child.exitCode === null) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true }).on('error', () => child.kill())
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // All of them are gone already.
  }
}

/** As it reads on paper: no colours, and of a line that is rewritten the last version. */
function plain(line: string): string {
  const text = stripVTControlCharacters(line).trimEnd()
  return text.slice(text.lastIndexOf('\r') + 1)
}
