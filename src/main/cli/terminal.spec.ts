import { spawn, type IPty } from 'node-pty'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestUser, isRunning, type TestUser } from './testCommandLine.ts'

/** The command line as somebody sits before it: in a real terminal. */
interface Seat {
  readonly pty: IPty
  readonly text: () => string
  until(pattern: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<number>
}

let user: TestUser
let seats: Seat[]
beforeEach(() => {
  user = createTestUser()
  seats = []
})
afterEach(async () => {
  for (const seat of seats) {
    seat.pty.kill('SIGTERM')
    await seat.ended
  }
  await user.leave()
})

function sit(args: readonly string[], environment: Record<string, string> = {}): Seat {
  const env = { ...user.environment, ...environment } as Record<string, string>
  const main = join(import.meta.dirname, 'main.ts')
  const pty = spawn(process.execPath, [main, ...args], { cwd: user.folder, env, cols: 90, rows: 33, name: 'xterm-256color' })
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
  const seat: Seat = {
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
  seats.push(seat)
  return seat
}

it('gives the agent the terminal: its size, its keys, one by one', async () => {
  user.write(
    'agent.py',
    [
      'import os, signal, sys, termios, tty',
      'print("size", *os.get_terminal_size(), sys.stdout.isatty(), flush=True)',
      // print is not reentrant: the signal may come while "press" is being printed.
      'signal.signal(signal.SIGWINCH, lambda *_: os.write(1, b"now %d %d\\n" % os.get_terminal_size()))',
      'tty.setcbreak(0)',
      'print("press", flush=True)',
      'key = sys.stdin.read(1)',
      'print("pressed", repr(key), flush=True)',
      'key = sys.stdin.read(1)',
      'print("pressed", repr(key), flush=True)',
    ].join('\n'),
  )
  const seat = sit(['start', 'agent.py'])
  await seat.until(/size 90 33 True/)
  await seat.until(/press\r\n/)
  seat.pty.resize(70, 20)
  await seat.until(/now 70 20/)
  seat.pty.write('x')
  await seat.until(/pressed 'x'/)
  seat.pty.write('ä')
  await seat.until(/pressed 'ä'/)
  expect(await seat.ended).toBe(0)
  expect(seat.text()).toMatch(/stopped after .*, exit code 0, 0 survivors, no LLM calls\r\n$/)
})

it('stops the agent at Ctrl-C, and tells what is going on at the second', async () => {
  user.write('agent.sh', '#!/bin/sh\ntrap "echo asked; read answer" TERM\necho "ready $$"\nread line\n', 0o755)
  const seat = sit(['start', 'agent.sh', '--grace-period', '30'])
  const [, pid] = await seat.until(/ready (\d+)/)
  seat.pty.write('\u0003')
  await seat.until(/INFO.* SIGINT: agent.sh and everything that it started is being stopped\./s)
  await seat.until(/asked\r\n/)
  seat.pty.write('\u0003')
  await seat.until(/agent.sh is being stopped already: what does not end within 30 s is killed\./)
  seat.pty.write('\r')
  expect(await seat.ended).toBe(130)
  expect(isRunning(Number(pid))).toBe(false)
})

it('begins its own lines at the left edge, whatever the agent left unfinished', async () => {
  user.write('agent.sh', '#!/bin/sh\nprintf "no line end"\n', 0o755)
  const seat = sit(['start', 'agent.sh'], { NO_COLOR: '1' })
  expect(await seat.ended).toBe(0)
  expect(seat.text()).toMatch(/no line end\r\n(\[\d\d:\d\d:\d\d\] INFO ag-\S+ .*\r\n)*ag-\S+ stopped/)
  expect(seat.text()).not.toMatch(/\u001b\[\d+m/)
})

it('colours its lines where a terminal shows them', async () => {
  user.write('agent.sh', '#!/bin/sh\ntrue\n', 0o755)
  const seat = sit(['start', 'agent.sh'])
  await seat.ended
  expect(seat.text()).toMatch(/\u001b\[34mINFO\u001b\[0m/)
})

it('ends the agent when the terminal is closed', async () => {
  user.write('agent.sh', '#!/bin/sh\necho "ready $$"\nwhile :; do sleep 1; done\n', 0o755)
  const seat = sit(['start', 'agent.sh'])
  const [, pid] = await seat.until(/ready (\d+)/)
  seat.pty.kill('SIGHUP')
  expect(await seat.ended).toBe(129)
  expect(isRunning(Number(pid))).toBe(false)
})

it('says nothing beside a marker that stands in the same terminal, and says it at the end', async () => {
  user.write('agent.sh', '#!/bin/sh\nprintf "mail ceo@example.com> "\nread line\n', 0o755)
  const seat = sit(['start', 'agent.sh'])
  await seat.until(/mail \[EMAIL_REDACTED\]> /)
  seat.pty.write('\r')
  expect(await seat.ended).toBe(0)
  expect(seat.text()).toMatch(/Private data redacted once: 1 email/)
  expect(seat.text()).not.toMatch(/was redacted in the terminal/)
})

it('asks for a password twice and shows nothing of it', async () => {
  const seat = sit(['users', 'add', 'ada', '--role', 'viewer'])
  await seat.until(/Password for ada \(nothing is shown while you type\):\r\n/)
  seat.pty.write('wrong\u0015an invented passwordX\u007f\r')
  await seat.until(/Once more:\r\n/)
  seat.pty.write('an invented password\r')
  expect(await seat.ended).toBe(0)
  expect(seat.text()).toMatch(/Once more:\r\nada may sign in as viewer\r\n$/)
  expect(seat.text()).not.toMatch(/invented|wrong/)
})

it('takes no two different passwords, and none when it is interrupted', async () => {
  const typist = sit(['users', 'add', 'ada', '--role', 'viewer'])
  await typist.until(/while you type/)
  typist.pty.write('an invented password\r')
  await typist.until(/Once more:/)
  typist.pty.write('another invented one\r')
  expect(await typist.ended).toBe(2)
  expect(typist.text()).toContain('These were two different passwords')
  const leaver = sit(['users', 'add', 'ada', '--role', 'viewer'])
  await leaver.until(/while you type/)
  leaver.pty.write('an inv\u0003')
  expect(await leaver.ended).toBe(130)
  expect(user.hasDataFolder()).toBe(false)
})
