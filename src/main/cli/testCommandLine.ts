import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTestFolder } from '../configuration/testFolder.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
/** Sources that were read once are not translated again by the next of many short processes. */
const COMPILED = join(import.meta.dirname, '..', '..', '..', '.cache', 'compiled')
const HEADLESS = join(import.meta.dirname, '..', 'headless.ts')

export interface RunningCommand {
  readonly child: ChildProcess
  /** Everything so far. */
  readonly stdout: string
  readonly stderr: string
  /** Resolves with the match, as soon as the stream holds it; rejects when the command ends without. */
  until(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<EndedCommand>
}

export interface EndedCommand {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly folder?: string
  /** Left out: nothing to read. */
  readonly input?: 'pipe'
  readonly program?: 'headless'
}

/** A user with an empty home, one folder to work in, and the command line. */
export interface TestUser {
  readonly folder: string
  readonly dataFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  write(name: string, text: string, mode?: number): string
  start(args: readonly string[], options?: RunOptions): RunningCommand
  run(args: readonly string[], options?: RunOptions): Promise<EndedCommand>
  hasDataFolder(): boolean
  /** Ends what still runs, and takes everything away. */
  leave(): Promise<void>
}

export function createTestUser(): TestUser {
  const folder = createTestFolder()
  const dataFolder = join(folder.path, 'data')
  const running = new Set<RunningCommand>()
  const environment = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: folder.path,
    IRON_CAGE_HOME: dataFolder,
    LANG: 'C.UTF-8',
    NODE_COMPILE_CACHE: COMPILED,
    IRON_CAGE_KEYCHAIN: 'off',
  }

  function start(args: readonly string[], options: RunOptions = {}): RunningCommand {
    const command = begin(options.program === 'headless' ? HEADLESS : MAIN, args, { ...options, folder: options.folder ?? folder.path }, environment)
    running.add(command)
    void command.ended.finally(() => running.delete(command))
    return command
  }

  return {
    folder: folder.path,
    dataFolder,
    environment,
    write: folder.write,
    start,
    run: (args, options) => start(args, options).ended,
    hasDataFolder: () => existsSync(dataFolder),
    async leave() {
      for (const command of running) command.child.kill('SIGTERM')
      await Promise.all([...running].map((command) => command.ended))
      folder.remove()
    },
  }
}

function begin(program: string, args: readonly string[], { folder, input, environment }: RunOptions, base: Record<string, string>): RunningCommand {
  const env: NodeJS.ProcessEnv = { ...base, ...environment }
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: [input ?? 'ignore', 'pipe', 'pipe'] })
  const texts = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      texts[name] += piece
      for (const look of waiting) look()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const look of waiting) look()
    return { code: code as number | null, signal: signal as string | null, ...texts }
  })
  return {
    child,
    ended,
    get stdout() {
      return texts.stdout
    },
    get stderr() {
      return texts.stderr
    },
    until: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(texts[stream])
          const hasEnded = child.exitCode !== null || child.signalCode !== null
          if (!match && !hasEnded) return
          waiting.delete(look)
          if (match) resolve(match)
          else reject(new Error(`It ended (${child.exitCode ?? child.signalCode}) without ${pattern}.\n${texts.stdout}\n${texts.stderr}`))
        }
        waiting.add(look)
        look()
      }),
  }
}

/** Whether this process is there and no zombie. */
export function isRunning(pid: number): boolean {
  try {
    if (process.platform !== 'linux') return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim() !== ''
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** All that lie in a folder, however deep. */
export function everyFile(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? everyFile(path) : entry.isFile() ? [path] : []
  })
}

export function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
