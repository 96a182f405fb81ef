import { setTimeout as realPause } from 'node:timers/promises'
import type { Millis } from '../../shared/domain/units.ts'
import type { ProcessRow, ProcessTable } from './processTable.ts'

/** By what a run's processes are recognised. */
export interface RunMark {
  /** The first process; it leads its own session and group. Null while it is not known. */
  readonly root: { readonly pid: number; readonly start: string } | null
  /** Stands in the environment of every process of the run, so that `setsid` and a double fork hide nothing. */
  readonly token: string
}

/** Processes seen to belong to a run, pid and start together; it outlives their parents. */
export type KnownProcesses = Map<number, string>

export interface EndOptions {
  readonly table: ProcessTable
  readonly gracePeriodMs: Millis
  /** Not the time of day: whoever sets that would have processes left alive, or never killed. */
  readonly elapsed?: () => Millis
  readonly kill?: (pid: number, signal: NodeJS.Signals) => void
  /** Keeps the process alive meanwhile, unlike a timer of the clock: leaving early would leave orphans. */
  readonly pause?: (ms: Millis) => Promise<unknown>
}

const POLL_MS = 40
/** How long the kernel may take to carry out SIGKILL before a process counts as a survivor. */
const KILL_PATIENCE_MS = 3_000
/** A run that forks while it is being ended may slip through a look, but hardly through so many in a row. */
const EMPTY_LOOKS_AT_A_FORKING_RUN = 8

/** Every living process of a run: by descent, by group and session, by having been seen before, by the token in its environment. */
export async function membersOf(
  mark: RunMark,
  known: KnownProcesses,
  table: ProcessTable,
  /** Reading every environment is for the end of a run; a look in between does without. */
  byToken: 'by token too' | 'without token' = 'by token too',
): Promise<ProcessRow[]> {
  const rows = (await table.rows()).filter((row) => row.pid !== process.pid)
  const isMember = new Set<number>()
  const { root } = mark
  const isSeen = (row: ProcessRow): boolean => (row.pid === root?.pid && row.start === root.start) || known.get(row.pid) === row.start
  const isInGroup = (row: ProcessRow): boolean => root !== null && (row.group === root.pid || row.session === root.pid)
  // A group keeps its number while one of its processes lives; once all are gone the number may be somebody else's.
  const isGroupOurs = rows.some((row) => isInGroup(row) && isSeen(row))
  for (const row of rows) if (isSeen(row) || (isGroupOurs && isInGroup(row))) isMember.add(row.pid)
  if (byToken === 'by token too') await addMarked(rows, isMember, mark.token, table)
  addDescendants(rows, isMember)
  if (byToken === 'by token too') await addNewcomers(rows, isMember, mark.token, table)
  const members = rows.filter((row) => isMember.has(row.pid))
  const starts = new Map(rows.map((row) => [row.pid, row.start]))
  for (const [pid, start] of known) if (starts.get(pid) !== start) known.delete(pid)
  for (const row of members) known.set(row.pid, row.start)
  return members.filter((row) => !row.isZombie)
}

async function addMarked(rows: ProcessRow[], isMember: Set<number>, token: string, table: ProcessTable): Promise<void> {
  const strangers = rows.filter((row) => !isMember.has(row.pid) && !row.isZombie)
  const environments = await Promise.all(strangers.map((row) => table.environmentOf(row.pid)))
  strangers.forEach((row, index) => {
    if (environments[index]?.includes(token)) isMember.add(row.pid)
  })
}

/** Those born while the others were looked at. They are told by their token alone: whoever bore them may be gone. */
async function addNewcomers(rows: ProcessRow[], isMember: Set<number>, token: string, table: ProcessTable): Promise<void> {
  const pids = new Set(rows.map((row) => row.pid)).add(process.pid)
  for (const { row, environment } of table.newcomers?.((pid) => pids.has(pid)) ?? []) {
    const whole = environment === '' ? await table.environmentOf(row.pid) : environment
    if (!whole?.includes(token)) continue
    rows.push(row)
    isMember.add(row.pid)
  }
}

function addDescendants(rows: ProcessRow[], isMember: Set<number>): void {
  let hasGrown = true
  while (hasGrown) {
    hasGrown = false
    for (const row of rows) {
      if (isMember.has(row.pid) || !isMember.has(row.parent)) continue
      isMember.add(row.pid)
      hasGrown = true
    }
  }
}

/** SIGTERM to all, a grace period, SIGKILL to whatever is left, walked anew each time. Gives the pids that outlived even that. */
export async function endRun(mark: RunMark, known: KnownProcesses, options: EndOptions): Promise<number[]> {
  const { table, gracePeriodMs, elapsed = () => performance.now(), kill = sendSignal, pause = realPause } = options
  const asked = new Set<number>()
  const seen = new Map<number, string>()
  let looks = 0
  let emptyLooks = 0
  let isForking = false
  const softUntil = elapsed() + gracePeriodMs
  const hardUntil = softUntil + KILL_PATIENCE_MS
  for (;;) {
    const members = await membersOf(mark, known, table).catch((problem: unknown) => {
      // The system tells nothing for want of memory or files: nobody knows yet who is left.
      if (elapsed() < hardUntil) return null
      throw problem
    })
    if (members === null) {
      await pause(POLL_MS)
      continue
    }
    isForking ||= looks++ > 0 && members.some((row) => seen.get(row.pid) !== row.start)
    for (const row of members) seen.set(row.pid, row.start)
    emptyLooks = members.length === 0 ? emptyLooks + 1 : 0
    if (emptyLooks >= (isForking ? EMPTY_LOOKS_AT_A_FORKING_RUN : 1)) return []
    const now = elapsed()
    if (now >= hardUntil) return members.map((row) => row.pid)
    if (now >= softUntil) {
      for (const row of members) kill(row.pid, 'SIGKILL')
    } else {
      askToEnd(members.filter((row) => !asked.has(row.pid)), mark, asked, kill)
    }
    // Whoever forks as fast as we look is caught by looking faster.
    if (!isForking || now < softUntil) await pause(POLL_MS)
  }
}

/** Each process is asked once: a second SIGTERM means "at once" to many programs. */
function askToEnd(members: ProcessRow[], { root }: RunMark, asked: Set<number>, kill: NonNullable<EndOptions['kill']>): void {
  const hasGroup = (row: ProcessRow): boolean => root !== null && root.pid > 0 && row.group === root.pid
  if (asked.size === 0 && members.some(hasGroup)) {
    kill(-(root?.pid ?? 0), 'SIGTERM')
    kill(-(root?.pid ?? 0), 'SIGCONT')
    for (const row of members.filter(hasGroup)) asked.add(row.pid)
  }
  for (const row of members) {
    if (asked.has(row.pid)) continue
    asked.add(row.pid)
    kill(row.pid, 'SIGTERM')
    // A stopped process would sleep through the signal.
    kill(row.pid, 'SIGCONT')
  }
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already, which is what we want.
  }
}
