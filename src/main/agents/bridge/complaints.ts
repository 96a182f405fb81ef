import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock, Timer } from '../../ports.ts'

/** Tells of somebody at once, and then not more often than it must: who misbehaves fills no disk. */
export interface Complaints {
  about(agentId: AgentId | null, what: string): void
  close(): void
}

export interface ComplaintsOptions {
  readonly clock: Clock
  readonly againMs: Millis
  readonly tell: (agentId: AgentId | null, message: string) => unknown
}

export function createComplaints({ clock, againMs, tell }: ComplaintsOptions): Complaints {
  const quiet = new Map<AgentId | null, { count: number; last: string; timer: Timer }>()

  function begin(agentId: AgentId | null): void {
    const timer = clock.after(againMs, () => {
      const { count, last } = quiet.get(agentId) ?? { count: 0, last: '' }
      quiet.delete(agentId)
      if (count === 0) return
      tell(agentId, count === 1 ? last : `${last} ${count.toLocaleString('en')} times in the last ${Math.round(againMs / 1_000)} seconds something of this kind was wrong.`)
      begin(agentId)
    })
    quiet.set(agentId, { count: 0, last: '', timer })
  }

  return {
    about(agentId, what) {
      const known = quiet.get(agentId)
      if (known) {
        known.count++
        known.last = what
        return
      }
      tell(agentId, what)
      begin(agentId)
    },
    close() {
      for (const { timer } of quiet.values()) timer.cancel()
      quiet.clear()
    },
  }
}
