import { spawn, type IPty } from 'node-pty'
import { join } from 'node:path'
import type { TestUser } from './testCommandLine.ts'

/** The command line as somebody sits before it: in a real terminal. */
export interface Seat {
  readonly pty: IPty
  /** All that the terminal shows so far. */
  readonly text: () => string
  until(pattern: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<number>
}

export function sitDown(user: TestUser, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Seat {
  const env = { ...user.environment, ...environment } as Record<string, string>
  const pty = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { cwd: user.folder, env, cols: 200, rows: 33, name: 'xterm-256color' })
  let text = ''
  let hasEnded = false
  const waiting = new Set<() => void>()
  const look = (): void => waiting.forEach((one) => one())
  pty.onData((data) => {
    text += data
    look()
  })
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => {
      hasEnded = true
      look()
      resolve(exitCode)
    })
  })
  return {
    pty,
    ended,
    text: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = pattern.exec(text)
          if (!match && !hasEnded) return
          waiting.delete(check)
          if (match) resolve(match)
          else reject(new Error(`It ended without ${pattern}:\n${text}`))
        }
        waiting.add(check)
        check()
      }),
  }
}
