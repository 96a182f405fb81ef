import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'

type Environment = Readonly<Record<string, string | undefined>>

/** Long enough for a start-up file that loads version managers, short enough that nobody wonders. */
const TIME_LIMIT_MS = 3_000
/** What start-up files print may be long; a PATH is not. */
const MOST_OUTPUT = 1_000_000

export type LoginPath = { readonly path: string } | { readonly problem: string }

/**
 * Finder, a dock and a .desktop file start programs with a PATH that no start-up file of the user's shell has seen: his Python and his Node
 * may be missing from it. Whoever was started from a terminal has the right one already.
 */
export function needsLoginPath(environment: Environment, platform: NodeJS.Platform, hasTerminal: boolean): boolean {
  return platform !== 'win32' && !hasTerminal && environment.TERM === undefined
}

/** The user's shell, as the session names it, else as the system knows it. */
export function loginShell(environment: Environment, platform: NodeJS.Platform): string {
  return environment.SHELL || shellOfAccount() || (platform === 'darwin' ? '/bin/zsh' : '/bin/sh')
}

function shellOfAccount(): string | null {
  try {
    return userInfo().shell
  } catch {
    // This account has no entry, as it may be in a container.
    return null
  }
}

/** Asks the shell for the PATH that it would give a terminal. Never rejects: a start-up file that misbehaves costs nothing but the wait. */
export function readLoginPath(shell: string, environment: Environment, timeLimitMs: number = TIME_LIMIT_MS): Promise<LoginPath> {
  const marker = `path-${randomBytes(8).toString('hex')}:`
  return new Promise((resolve) => {
    // `printenv` reads the same in every shell, where "$PATH" does not; a session of its own has no terminal to be taken.
    const child = spawn(shell, ['-ilc', `printf %s ${marker}; printenv PATH; printf %s ${marker}`], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...withoutMasterKey(environment), TERM: 'dumb', IRON_CAGE_READS_PATH: '1' },
    })
    let output = ''
    let isDone = false

    function finish(outcome: LoginPath, end: (pid: number) => void): void {
      if (isDone) return
      isDone = true
      clearTimeout(timer)
      // Something that a start-up file left running may hold the pipe open for ever.
      child.stdout.destroy()
      if (child.pid !== undefined) end(child.pid)
      resolve(outcome)
    }

    const timer = setTimeout(
      () => finish({ problem: `${shell} did not name its PATH within ${timeLimitMs / 1000} seconds.` }, (pid) => kill(-pid)),
      timeLimitMs,
    )
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (chunk: string) => {
      output += chunk
      const [, path, end] = output.split(marker)
      // It has nothing more to do. What its start-up files started on purpose, such as an SSH agent, stays.
      if (path !== undefined && end !== undefined) finish(outcomeOf(path, shell), kill)
      else if (output.length > MOST_OUTPUT) finish({ problem: `The start-up files of ${shell} print without end.` }, (pid) => kill(-pid))
    })
    child.on('error', (problem) => finish({ problem: `${shell} could not be started: ${problem.message}.` }, () => {}))
    child.on('close', (code, signal) => finish({ problem: `${shell} ended without naming its PATH (${signal ?? `exit code ${code}`}).` }, () => {}))
  })
}

function outcomeOf(said: string, shell: string): LoginPath {
  const path = said.replace(/\r?\n$/, '')
  return path === '' ? { problem: `${shell} has no PATH.` } : { path }
}

/** The login shell's folders first; those that only we know come after them. */
export function joinedPath(login: string, own: string | undefined): string {
  return [...new Set([...login.split(':'), ...(own ?? '').split(':')])].filter((folder) => folder !== '').join(':')
}

function withoutMasterKey(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('IRON_SECRETS_')))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone by itself.
  }
}
