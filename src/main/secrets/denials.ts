import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'
import type { NewAuditEntry } from '../state/keptSecrets.ts'

/** What was refused, or failed, as it comes into the audit: whoever is refused a million times fills no disk with it. */
export interface Denials {
  /** The first few of a kind have a record each, written by the time this resolves; more of them within its time are counted. */
  note(entry: NewAuditEntry): Promise<void>
  /** Writes down what was only counted so far. */
  settle(): Promise<void>
}

export const EACH_WRITTEN = 10
export const COUNTED_FOR_MS = 10 * 60_000
/** Kinds at a time; more of them are one. */
const MOST_KINDS = 500

interface Kind {
  written: number
  counted: number
  last: NewAuditEntry
  /** Null where it was about several. */
  name: string | null
  readonly since: Millis
  readonly timer: Timer
}

export interface DenialsOptions {
  readonly write: (entry: NewAuditEntry) => Promise<void>
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
}

export function createDenials({ write, clock, onDefect }: DenialsOptions): Denials {
  const kinds = new Map<string, Kind>()

  async function end(name: string): Promise<void> {
    const kind = kinds.get(name)
    if (!kind) return
    kinds.delete(name)
    kind.timer.cancel()
    const { counted, since, last } = kind
    if (counted === 0) return
    const often = counted === 1 ? 'once more' : `${counted} more times`
    const message = `${last.error_message ?? ''} That happened ${often} after ${new Date(since).toISOString()}, and is counted here.`.trim()
    await write({ ...last, secret_name: kind.name ?? '*', error_message: message, at: clock.now() })
  }

  function begin(name: string, entry: NewAuditEntry): Kind {
    const timer = clock.after(COUNTED_FOR_MS, () => void end(name).catch((defect: unknown) => onDefect(defect, 'counting refusals')))
    const kind: Kind = { written: 0, counted: 0, last: entry, name: entry.secret_name, since: clock.now(), timer }
    kinds.set(name, kind)
    return kind
  }

  return {
    async note(entry) {
      const own = kindOf(entry)
      const name = kinds.has(own) || kinds.size < MOST_KINDS ? own : 'others'
      const kind = kinds.get(name) ?? begin(name, entry)
      if (kind.written < EACH_WRITTEN) {
        kind.written += 1
        return write(entry)
      }
      if (kind.counted === 0) kind.name = entry.secret_name
      else if (kind.name !== entry.secret_name) kind.name = null
      kind.counted += 1
      kind.last = entry
    },

    async settle() {
      for (const name of [...kinds.keys()]) await end(name)
    },
  }
}

/** By who it was and why: names and numbers are the caller's to choose, and tell nothing apart. */
function kindOf({ requester_role: role, requester, agent_id: agentId, operation, secret_name: name, error_message: message }: NewAuditEntry): string {
  const reason = (message ?? '').replaceAll(name, '*').replaceAll(/\d+/g, '#')
  return JSON.stringify([role, requester, agentId, operation, reason])
}
