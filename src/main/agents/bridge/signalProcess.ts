import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { ProcessTable } from '../processTable.ts'

export interface SignalOptions {
  readonly table: Pick<ProcessTable, 'environmentOf'>
  /** The pid of the process that we started for this run; null where there is none. */
  readonly pid: number | null
  readonly runToken: string
  /** Asked last: it may have taken its word back meanwhile. */
  readonly isAsked: () => boolean
  readonly platform?: NodeJS.Platform
}

const SIGUSR1_ON_LINUX = 10
/** Whoever starts a program blocks every signal for that moment; whoever waits for this one blocks it for good. */
const LOOKS = 10
const BETWEEN_LOOKS_MS = 20

/**
 * Sends SIGUSR1 to a process that has said that it handles it. What it says is not enough: the pid must be the run's, and where the
 * system tells, a handler must stand at this very moment, for unhandled it kills. False where it was not sent.
 */
export async function signalProcess(pid: number, options: SignalOptions): Promise<boolean> {
  const { table, runToken, isAsked, platform = process.platform } = options
  if (platform === 'win32' || pid === process.pid) return false
  const isOurs = pid === options.pid || (await table.environmentOf(pid))?.includes(`IRON_CAGE_RUN_TOKEN=${runToken}`) === true
  if (!isOurs) return false
  if (platform === 'linux' && !(await catches(pid))) return false
  if (!isAsked()) return false
  try {
    return process.kill(pid, 'SIGUSR1')
  } catch {
    // Gone meanwhile.
    return false
  }
}

/** It has a handler, and does not wait for the signal in a way of its own. */
async function catches(pid: number): Promise<boolean> {
  for (let look = 1; ; look++) {
    const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
    if (!hasBit(status, 'SigCgt')) return false
    if (!hasBit(status, 'SigBlk')) return true
    if (look === LOOKS) return false
    await wait(BETWEEN_LOOKS_MS, undefined, { ref: false })
  }
}

function hasBit(status: string, set: string): boolean {
  const mask = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]
  return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(SIGUSR1_ON_LINUX - 1)) & 1n) === 1n
}
