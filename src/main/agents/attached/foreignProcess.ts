import { statSync } from 'node:fs'
import { AppError } from '../../../shared/errors.ts'
import type { ProcessRow, ProcessTable } from '../processTable.ts'

/** A process that we did not start. Pid and start together: a pid alone is somebody else's by and by. */
export interface ForeignProcess {
  readonly pid: number
  readonly start: string
}

/** The process as the system knows it at this moment; refuses what is not there, and what is not ours to watch. */
export async function findForeignProcess(pid: number, table: ProcessTable): Promise<ForeignProcess> {
  if (pid === process.pid) throw new AppError('INVALID_INPUT', `Process ${pid} is the control room itself: it cannot be its own agent.`)
  const row = (await table.rows()).find((one) => one.pid === pid && !one.isZombie)
  if (!row) throw new AppError('NOT_FOUND', `There is no process ${pid} on this machine: give the pid of the process that wants protection.`)
  if (!isOfThisUser(pid)) throw new AppError('FORBIDDEN', `Process ${pid} belongs to another user of this machine; only processes of the room's own user can be attached.`)
  return { pid, start: row.start }
}

export function rowOf({ pid, start }: ForeignProcess, rows: readonly ProcessRow[]): ProcessRow | null {
  return rows.find((row) => row.pid === pid && row.start === start && !row.isZombie) ?? null
}

/** The process and everything that descends from it. */
export function familyOf(first: ProcessRow, rows: readonly ProcessRow[]): ProcessRow[] {
  const family = [first]
  const seen = new Set([first.pid])
  for (const member of family) {
    for (const row of rows) {
      if (row.parent !== member.pid || row.isZombie || seen.has(row.pid)) continue
      seen.add(row.pid)
      family.push(row)
    }
  }
  return family
}

/** Root may signal everybody, which says nothing of whose a process is. */
function isOfThisUser(pid: number): boolean {
  try {
    if (process.platform === 'linux') return statSync(`/proc/${pid}`).uid === process.getuid?.()
    return process.kill(pid, 0)
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code !== 'EPERM'
  }
}
