import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as realPause } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface ProcessRow {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** The system's own word for when it began; with the pid it names one process for ever. */
  readonly start: string
  readonly isZombie: boolean
  readonly cpuMs: number
  readonly residentBytes: number
}

/** The operating system's processes, as far as this user may see them. */
export interface ProcessTable {
  rows(): Promise<ProcessRow[]>
  /** The environment a process began with, or null where it cannot be read. */
  environmentOf(pid: number): Promise<string | null>
  /**
   * Processes that are not known yet, at this very moment: one that forks and leaves every few milliseconds is gone before a whole
   * table has been read. Missing where the system cannot tell so fast.
   */
  newcomers?(isKnown: (pid: number) => boolean): Newcomer[]
}

export interface Newcomer {
  readonly row: ProcessRow
  /** Empty where it has none yet; `environmentOf` waits for it. */
  readonly environment: string
}

export function systemProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  if (platform === 'linux') return procProcessTable
  if (platform === 'win32') return windowsProcessTable
  return psProcessTable
}

const CLOCK_TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

export const procProcessTable: ProcessTable = {
  async rows() {
    const entries = await readdir('/proc')
    const rows = await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map(readProcRow))
    return rows.filter((row) => row !== null)
  },
  environmentOf: (pid) => environmentIn('/proc', pid),
  newcomers(isKnown) {
    const fresh = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !isKnown(Number(name)))
    return fresh.map(readNewcomer).filter((newcomer) => newcomer !== null)
  },
}

function readNewcomer(name: string): Newcomer | null {
  try {
    const row = parseProcStat(readFileSync(`/proc/${name}/stat`, 'latin1'))
    return row && { row, environment: readFileSync(`/proc/${name}/environ`, 'latin1') }
  } catch {
    // Gone meanwhile, or somebody else's.
    return null
  }
}

const PROGRAM_EVERY_MS = 5
const MOST_LOOKS = 100

/**
 * While a process takes on a program there is a moment in which it has neither arguments nor environment. Whoever was asked then
 * is asked again: taken for a stranger, it would live on unwatched.
 */
export async function environmentIn(folder: string, pid: number, pause: (ms: number) => Promise<unknown> = realPause): Promise<string | null> {
  const read = (name: string): Promise<string | null> => readFile(join(folder, String(pid), name), 'latin1').catch(() => null)
  for (let looks = 1; ; looks++) {
    const environment = await read('environ')
    if (environment !== '' || looks === MOST_LOOKS) return environment
    // It has them by now, or was started without an environment.
    if ((await read('cmdline')) !== '') return read('environ')
    const program = await readlink(join(folder, String(pid), 'exe')).catch(() => null)
    // It has ended.
    if (program === null) return ''
    await pause(PROGRAM_EVERY_MS)
  }
}

async function readProcRow(name: string): Promise<ProcessRow | null> {
  const text = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => null)
  return text === null ? null : parseProcStat(text)
}

/** The kernel's own threads stand in the table too; no agent ever started one. */
const KERNEL_THREAD = 0x0020_0000

/** The command in parentheses may hold anything, parentheses and spaces too: what counts begins after the last one. */
export function parseProcStat(text: string): ProcessRow | null {
  const pid = Number.parseInt(text, 10)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (index: number): number => Number(fields[index] ?? 0)
  if (!Number.isSafeInteger(pid) || fields.length < 22 || (number(6) & KERNEL_THREAD) !== 0) return null
  return {
    pid,
    parent: number(1),
    group: number(2),
    session: number(3),
    start: fields[19] ?? '',
    isZombie: fields[0] === 'Z' || fields[0] === 'X',
    cpuMs: ((number(11) + number(12)) * 1000) / CLOCK_TICKS_PER_SECOND,
    residentBytes: number(21) * PAGE_BYTES,
  }
}

const run = promisify(execFile)
const MOST_OUTPUT_BYTES = 16_000_000

const runPs = (args: readonly string[]): Promise<{ stdout: string }> =>
  // Starts are written in local time: of a laptop that has come into another time zone no process would be the same any more.
  run('ps', args, { maxBuffer: MOST_OUTPUT_BYTES, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } })

/** macOS and other Unixes. `ps` there shows no session by number, so the group stands in for it. */
export const psProcessTable: ProcessTable = {
  async rows() {
    const columns = ['pid', 'ppid', 'pgid', 'stat', 'rss', 'time', 'lstart'].flatMap((column) => ['-o', `${column}=`])
    const { stdout } = await runPs(['-A', ...columns])
    return stdout.split('\n').map(parsePsLine).filter((row) => row !== null)
  },
  environmentOf: inOneLook(async () => {
    const { stdout } = await runPs(['-A', '-E', '-ww', '-o', 'pid=', '-o', 'command=']).catch(() => ({ stdout: '' }))
    return parsePsEnvironments(stdout)
  }),
}

/** What is asked in one go is answered by one look: a `ps` for each of some hundred processes would hold the room up for seconds. */
export function inOneLook(look: () => Promise<ReadonlyMap<number, string>>): ProcessTable['environmentOf'] {
  let next: Promise<ReadonlyMap<number, string>> | null = null
  return async (pid) => {
    next ??= Promise.resolve().then(() => {
      next = null
      return look()
    })
    return (await next).get(pid) ?? null
  }
}

export function parsePsEnvironments(text: string): Map<number, string> {
  return new Map([...text.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, command = '']) => [Number(pid), command]))
}

export function parsePsLine(line: string): ProcessRow | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(\S.*)$/.exec(line)
  if (!match) return null
  const [, pid, parent, group, stat = '', kilobytes, cpu = '', start = ''] = match
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(group),
    start: start.trim(),
    isZombie: stat.startsWith('Z'),
    cpuMs: parseCpuTime(cpu),
    residentBytes: Number(kilobytes) * 1024,
  }
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
function parseCpuTime(text: string): number {
  const [clock = '', days = '0'] = text.split('-').reverse()
  const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0)
  return Math.round((Number(days) * 86_400 + seconds) * 1000)
}

/** Windows has neither groups nor sessions of this kind: parents are what there is. */
const windowsProcessTable: ProcessTable = {
  async rows() {
    const script =
      'Get-CimInstance Win32_Process | Select-Object ProcessId,ParentProcessId,WorkingSetSize,KernelModeTime,UserModeTime,' +
      '@{n="Start";e={$_.CreationDate.ToUniversalTime().Ticks}} | ConvertTo-Json -Compress'
    const { stdout } = await run('powershell.exe', ['-NoProfile', '-Command', script], { maxBuffer: MOST_OUTPUT_BYTES })
    const rows = JSON.parse(stdout) as Record<string, number>[]
    return rows.map((row) => ({
      pid: row['ProcessId'] ?? 0,
      parent: row['ParentProcessId'] ?? 0,
      group: 0,
      session: 0,
      start: String(row['Start'] ?? ''),
      isZombie: false,
      cpuMs: ((row['KernelModeTime'] ?? 0) + (row['UserModeTime'] ?? 0)) / 10_000,
      residentBytes: row['WorkingSetSize'] ?? 0,
    }))
  },
  environmentOf: async () => null,
}
