import type { Announcement } from '../../shared/domain/event.ts'
import type { AgentRepository, ProcessMark } from '../state/repositories.ts'
import type { ProcessTable } from './processTable.ts'
import { endRun, membersOf, type RunMark } from './processTree.ts'
import { describeSurvivors } from './sentences.ts'

export interface OrphanOptions {
  readonly marks: readonly ProcessMark[]
  readonly agents: AgentRepository
  readonly table: ProcessTable
  readonly announce: (announcement: Announcement) => Promise<unknown>
}

const GRACE_MS = 2_000

/** Ends what still runs from before the room's own death: nobody watches over it, so it may not go on. */
export async function endOrphans({ marks, agents, table, announce }: OrphanOptions): Promise<void> {
  for (const { agentId, runToken, pid, processStart } of marks) {
    const mark: RunMark = { root: await stillTheSame(pid, processStart, table), token: runToken }
    const known = new Map<number, string>()
    const pids = (await membersOf(mark, known, table)).map((row) => row.pid)
    const survivors = await endRun(mark, known, { table, gracePeriodMs: GRACE_MS })
    if (survivors.length === 0) await agents.deleteMark(agentId)
    if (pids.length === 0) continue
    await announce({
      name: 'agent.orphanEnded',
      agentId,
      severity: survivors.length > 0 ? 'ERROR' : 'WARN',
      message: `Processes left over from before the control room's own end were ended: ${pids.join(', ')}, ${describeSurvivors(survivors.length)}.`,
      payload: { pids, survivors: survivors.length },
    })
  }
}

/** A pid is no proof: by now it may be anybody's. Only with the same start is it ours, and its group and session with it. */
async function stillTheSame(pid: number | null, start: string | null, table: ProcessTable): Promise<RunMark['root']> {
  if (pid === null || start === null) return null
  const rows = await table.rows()
  return rows.some((row) => row.pid === pid && row.start === start) ? { pid, start } : null
}
