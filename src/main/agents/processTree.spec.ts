import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemRandom } from '../systemPorts.ts'
import { environmentIn, inOneLook, parsePsEnvironments, procProcessTable, psProcessTable, parseProcStat, parsePsLine, type ProcessRow, type ProcessTable } from './processTable.ts'
import { endRun, membersOf, type KnownProcesses, type RunMark } from './processTree.ts'

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

interface Run {
  readonly mark: RunMark
  readonly pids: number[]
}

/** Starts a script in a session of its own, as a terminal does, and waits until it has named so many pids, a line each. */
async function start(script: string, lines: number, token = systemRandom.hex(16)): Promise<Run> {
  const child = spawn('python3', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, RUN: token } })
  started.push(child)
  const pids: number[] = []
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    pids.push(Number(line))
    if (pids.length === lines) break
  }
  const pid = child.pid ?? 0
  const row = (await procProcessTable.rows()).find((candidate) => candidate.pid === pid)
  return { mark: { root: { pid, start: row?.start ?? '' }, token }, pids }
}

async function living(pids: number[]): Promise<number[]> {
  const rows = await procProcessTable.rows()
  return pids.filter((pid) => rows.some((row) => row.pid === pid && !row.isZombie))
}

const FAMILY = `
import os, subprocess, sys, time
child = subprocess.Popen(['sleep', '60'])
away = subprocess.Popen(['sleep', '60'], start_new_session=True)
print(os.getpid()); print(child.pid); print(away.pid, flush=True)
time.sleep(60)
`

const DOUBLE_FORK = `
import os, time
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(writer, str(os.getpid()).encode())
        time.sleep(60)
    os._exit(0)
os.wait()
print(os.getpid())
print(int(os.read(reader, 20)), flush=True)
time.sleep(60)
`

/** Leaves session, parent and environment behind. Only who saw it before still knows it. */
const SHED_EVERYTHING = `
import os, sys, time, subprocess
middle = subprocess.Popen([sys.executable, '-c', '''
import os, sys, time, subprocess
away = subprocess.Popen(["sleep", "60"], start_new_session=True, env={"PATH": os.environ["PATH"]})
print(away.pid, flush=True)
sys.stdin.read()
'''], stdin=subprocess.PIPE)
import signal
signal.signal(signal.SIGUSR2, lambda *_: (middle.stdin.close(), middle.wait(), print(0, flush=True)))
while True: time.sleep(60)
`

/** Never the same process for longer than a moment: each forks, leaves its session to the next one, and is gone. */
const RUNAWAY = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
until = time.time() + 30
if os.fork(): time.sleep(30)
while time.time() < until:
    if os.fork(): os._exit(0)
    os.setsid()
    time.sleep(0.01)
`

const STUBBORN = `
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
while True: time.sleep(60)
`

describe.runIf(process.platform === 'linux')('the processes of a run', () => {
  const options = { table: procProcessTable, gracePeriodMs: 2000 }

  it('are found and ended with children and those that left the session', async () => {
    const { mark, pids } = await start(FAMILY, 3)
    expect((await membersOf(mark, new Map(), procProcessTable)).map((row) => row.pid).sort()).toEqual([...pids].sort())
    expect(await endRun(mark, new Map(), options)).toEqual([])
    expect(await living(pids)).toEqual([])
  })

  it('are found after a double fork, by the token in their environment', async () => {
    const { mark, pids } = await start(DOUBLE_FORK, 2)
    expect(await living(pids)).toHaveLength(2)
    expect(await endRun(mark, new Map(), options)).toEqual([])
    expect(await living(pids)).toEqual([])
  })

  it('are found when they shed session, parent and environment, if they were seen before', async () => {
    const { mark, pids } = await start(SHED_EVERYTHING, 1)
    const known: KnownProcesses = new Map()
    await membersOf(mark, known, procProcessTable)
    const root = mark.root?.pid ?? 0
    const child = started.at(-1)
    process.kill(root, 'SIGUSR2')
    await once(child?.stdout as NodeJS.ReadableStream, 'data')
    expect(await endRun(mark, known, options)).toEqual([])
    expect(await living(pids)).toEqual([])
  })

  it('are killed when they ignore SIGTERM, after the grace period', async () => {
    const { mark, pids } = await start(STUBBORN, 1)
    expect(await endRun(mark, new Map(), { ...options, gracePeriodMs: 100 })).toEqual([])
    expect(await living(pids)).toEqual([])
  })

  it.each([7_200_000, -7_200_000])('are killed when somebody sets the time by %i ms meanwhile', async (byMs) => {
    const { mark, pids } = await start(STUBBORN, 1)
    const now = Date.now
    let isLate = false
    vi.spyOn(Date, 'now').mockImplementation(() => {
      const told = now() + (isLate ? byMs : 0)
      isLate = true
      return told
    })
    expect(await endRun(mark, new Map(), { ...options, gracePeriodMs: 100 })).toEqual([])
    expect(await living(pids)).toEqual([])
  })

  it('are ended though the system does not tell of them for a while', async () => {
    const { mark, pids } = await start(FAMILY, 3)
    let looks = 0
    const rows = (): Promise<ProcessRow[]> => (looks++ < 2 ? Promise.reject(new Error('invented: too many open files')) : procProcessTable.rows())
    expect(await endRun(mark, new Map(), { ...options, table: { ...procProcessTable, rows } })).toEqual([])
    expect(await living(pids)).toEqual([])
  })

  it('are not called ended where the system does not tell of them at all', async () => {
    const table: ProcessTable = { ...procProcessTable, rows: () => Promise.reject(new Error('invented: no table')) }
    let now = 0
    const pause = async (ms: number): Promise<void> => void (now += ms)
    await expect(endRun({ root: null, token: 'invented' }, new Map(), { table, gracePeriodMs: 100, elapsed: () => now, pause })).rejects.toThrow('invented: no table')
  })

  it('are caught though they fork faster than a table is read', async () => {
    const { mark } = await start(RUNAWAY, 1)
    expect(await endRun(mark, new Map(), { ...options, gracePeriodMs: 100 })).toEqual([])
    for (let look = 0; look < 20; look++) {
      expect((procProcessTable.newcomers?.(() => false) ?? []).filter(({ environment }) => environment.includes(mark.token))).toEqual([])
    }
  })

  it('are looked for again when they forked meanwhile, before all are called gone', async () => {
    const root: ProcessRow = { pid: 900_001, parent: 1, group: 900_001, session: 900_001, start: '1', isZombie: false, cpuMs: 0, residentBytes: 0 }
    const child = (pid: number): ProcessRow => ({ ...root, pid, parent: root.pid, start: '2' })
    const seen: ProcessRow[][] = [[root], [root, child(900_002)], [], [], [{ ...child(900_003), parent: 1, group: root.pid }, root]]
    const killed: number[] = []
    const table: ProcessTable = { rows: async () => seen.shift() ?? [], environmentOf: async () => null }
    const mark: RunMark = { root: { pid: root.pid, start: root.start }, token: 'invented' }
    const kill = (pid: number, signal: NodeJS.Signals): void => void (signal === 'SIGKILL' && killed.push(pid))
    expect(await endRun(mark, new Map(), { ...options, table, kill, gracePeriodMs: 0 })).toEqual([])
    expect(killed).toContain(900_003)
  })

  it('are found though they take on their program at that very moment, and have no environment yet', async () => {
    const child: ProcessRow = { pid: 900_004, parent: 1, group: 900_004, session: 900_004, start: '2', isZombie: false, cpuMs: 0, residentBytes: 0 }
    const table: ProcessTable = { rows: async () => [], newcomers: () => [{ row: child, environment: '' }], environmentOf: async () => 'RUN=invented' }
    expect(await membersOf({ root: null, token: 'invented' }, new Map(), table)).toEqual([child])
  })

  it('are ended even while they are stopped, without waiting for the kill', async () => {
    const { mark, pids } = await start(FAMILY, 3)
    process.kill(pids[0] ?? 0, 'SIGSTOP')
    const signals: string[] = []
    const kill = (pid: number, signal: NodeJS.Signals): void => {
      signals.push(signal)
      try {
        process.kill(pid, signal)
      } catch {
        // Gone already.
      }
    }
    expect(await endRun(mark, new Map(), { ...options, gracePeriodMs: 20_000, kill })).toEqual([])
    expect(signals).not.toContain('SIGKILL')
  })

  it('are asked once each: the group in one stroke, the others by themselves', async () => {
    const { mark, pids } = await start(FAMILY, 3)
    const [root = 0, , away = 0] = pids
    const asked: number[] = []
    const kill = (pid: number, signal: NodeJS.Signals): void => {
      if (signal === 'SIGTERM') asked.push(pid)
      process.kill(pid, signal)
    }
    await endRun(mark, new Map(), { ...options, kill })
    expect(asked.sort()).toEqual([-root, away].sort())
  })

  it('leave a process of somebody else alone, though it has the pid of an old one', async () => {
    const { mark, pids } = await start(FAMILY, 3)
    const [pid = 0] = pids
    const impostor: RunMark = { root: { pid, start: 'another start' }, token: 'nobody-has-this-token' }
    expect(await endRun(impostor, new Map([[pid, 'another start']]), options)).toEqual([])
    expect(await living(pids)).toHaveLength(3)
    await endRun(mark, new Map(), options)
  })

  it('are named when they outlive even SIGKILL', async () => {
    const { mark, pids } = await start(STUBBORN, 1)
    let now = 0
    const pause = async (ms: number): Promise<void> => void (now += ms)
    expect(await endRun(mark, new Map(), { table: procProcessTable, elapsed: () => now, gracePeriodMs: 100, kill: () => undefined, pause })).toEqual(pids)
    await endRun(mark, new Map(), { ...options, gracePeriodMs: 0 })
  })
})

describe('the table of processes', () => {
  it('reads a command that holds parentheses and spaces', () => {
    const row = parseProcStat('42 (a) b (c)) S 7 40 41 0 -1 4194304 1 0 0 0 25 5 0 0 20 0 1 0 999 1000 100 0')
    expect(row).toEqual({ pid: 42, parent: 7, group: 40, session: 41, start: '999', isZombie: false, cpuMs: 300, residentBytes: 409_600 })
  })

  it('holds none of the kernel’s own', () => {
    expect(parseProcStat('2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 5 0 0 20 0 1 0 3 0 0 0')).toBeNull()
  })

  describe('a process that has no environment', () => {
    let folder: string
    const write = (name: string, text: string): void => writeFileSync(join(folder, '7', name), text)
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'proc-'))
      mkdirSync(join(folder, '7'))
      for (const name of ['environ', 'cmdline']) write(name, '')
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    it('yet, nor arguments, is asked until it has taken on its program', async () => {
      symlinkSync('/bin/sh', join(folder, '7', 'exe'))
      let pauses = 0
      const pause = async (): Promise<void> => {
        if (++pauses === 3) {
          write('environ', 'RUN=invented\0')
          write('cmdline', 'sh\0')
        }
      }
      expect(await environmentIn(folder, 7, pause)).toBe('RUN=invented\0')
      expect(pauses).toBe(3)
    })

    it('for it was started with none, or has ended, is taken at its word', async () => {
      const never = (): Promise<never> => Promise.reject(new Error('It waited.'))
      expect(await environmentIn(folder, 7, never)).toBe('')
      symlinkSync('/bin/sh', join(folder, '7', 'exe'))
      write('cmdline', 'sh\0')
      expect(await environmentIn(folder, 7, never)).toBe('')
      expect(await environmentIn(folder, 8, never)).toBeNull()
    })

    it('for as long as anybody can wait, has none', async () => {
      symlinkSync('/bin/sh', join(folder, '7', 'exe'))
      expect(await environmentIn(folder, 7, async () => {})).toBe('')
    })
  })

  it('reads what ps prints', () => {
    expect(parsePsLine('  501     1   501 Ss    1024   1:02.50 Sat Nov 21 01:12:54 2026')).toEqual({
      pid: 501,
      parent: 1,
      group: 501,
      session: 501,
      start: 'Sat Nov 21 01:12:54 2026',
      isZombie: false,
      cpuMs: 62_500,
      residentBytes: 1_048_576,
    })
    expect(parsePsLine('')).toBeNull()
  })

  const tables: [string, ProcessTable, boolean][] = [
    ['/proc', procProcessTable, process.platform === 'linux'],
    ['ps', psProcessTable, process.platform !== 'win32'],
  ]
  for (const [name, table, isThere] of tables) {
    it.runIf(isThere)(`knows this very process by ${name}`, async () => {
      const self = (await table.rows()).find((row) => row.pid === process.pid)
      expect(self).toMatchObject({ parent: process.ppid, isZombie: false })
      expect(self?.residentBytes).toBeGreaterThan(10_000_000)
      expect(self?.start).not.toBe('')
    })
  }

  it.runIf(process.platform !== 'win32')('knows a process by the same start in every time zone, by ps', async () => {
    const startIn = async (zone: string): Promise<string | undefined> => {
      vi.stubEnv('TZ', zone)
      return (await psProcessTable.rows()).find((row) => row.pid === process.pid)?.start
    }
    expect(await startIn('America/New_York')).toBe(await startIn('Asia/Tokyo'))
  })

  it('asks once for the environments of many, and anew the next time', async () => {
    const looks: number[][] = []
    const environmentOf = inOneLook(async () => {
      looks.push([])
      return new Map([[1, 'a=1'], [2, `b=${looks.length}`]])
    })
    expect(await Promise.all([environmentOf(1), environmentOf(2), environmentOf(3)])).toEqual(['a=1', 'b=1', null])
    expect(looks).toHaveLength(1)
    expect(await environmentOf(2)).toBe('b=2')
  })

  it('reads the environments that ps prints behind the commands', () => {
    expect(parsePsEnvironments('    1 /sbin/launchd\n  501 python3 agent.py HOME=/Users/ada RUN=feedc0de\n\n')).toEqual(
      new Map([[1, '/sbin/launchd'], [501, 'python3 agent.py HOME=/Users/ada RUN=feedc0de']]),
    )
  })
})
