import type { AgentId } from '../../shared/domain/agent.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Raised } from '../../shared/domain/report.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock } from '../ports.ts'

/** What agents say went wrong in them. */
export interface RaisedExceptions {
  /** Null where the same was told a moment ago: by a decorator, and again by the hook of whoever catches nothing. */
  take(agentId: AgentId, raised: Raised): Announcement<'agent.raised'> | null
  /** `ValueError: no such lead`, of the last one that its run did not handle. */
  lastUnhandled(agentId: AgentId): string | null
  /** Another run begins, or there is none any more. */
  forget(agentId: AgentId): void
}

export interface RaisedExceptionsOptions {
  readonly clock: Clock
  /** Before anything of it is kept. */
  readonly redact: (text: string) => string
}

const SAME_WITHIN_MS: Millis = 2_000
const MOST_REMEMBERED = 64
const LONGEST_SENTENCE = 300

interface Told {
  readonly at: Millis
  readonly isHandled: boolean
}

export function createRaisedExceptions({ clock, redact }: RaisedExceptionsOptions): RaisedExceptions {
  const told = new Map<AgentId, Map<string, Told>>()
  const unhandled = new Map<AgentId, string>()

  /** Whoever hears that it was handled after all is told the worse of the two. */
  function isAgain(agentId: AgentId, { type, message, isHandled }: Raised): boolean {
    const before = told.get(agentId) ?? new Map<string, Told>()
    told.set(agentId, before)
    const key = `${type}\n${message}`
    const now = clock.now()
    const same = before.get(key)
    const isSame = same !== undefined && Math.abs(now - same.at) < SAME_WITHIN_MS && (isHandled || !same.isHandled)
    if (isSame) return true
    before.delete(key)
    before.set(key, { at: now, isHandled })
    if (before.size > MOST_REMEMBERED) before.delete(before.keys().next().value as string)
    return false
  }

  return {
    take(agentId, given) {
      // Redacted before it is cut: half a value is no value any more, and would stay.
      const raised: Raised = { ...given, type: redact(given.type).slice(0, 200), message: redact(given.message), traceback: redact(given.traceback), place: redact(given.place).slice(0, 200) }
      const { type, message, isHandled, place } = raised
      const sentence = message === '' ? type : `${type}: ${firstLine(message)}`
      if (!isHandled) unhandled.set(agentId, sentence)
      if (isAgain(agentId, raised)) return null
      return {
        name: 'agent.raised',
        agentId,
        severity: isHandled ? 'WARN' : 'ERROR',
        message: `${sentence}${place === '' ? '' : ` in ${place}`}${isHandled ? ' was handled' : ' was not handled'}.`,
        payload: { raised },
      }
    },
    lastUnhandled: (agentId) => unhandled.get(agentId) ?? null,
    forget(agentId) {
      told.delete(agentId)
      unhandled.delete(agentId)
    },
  }
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0]?.trim() ?? ''
  const short = line.length > LONGEST_SENTENCE ? `${line.slice(0, LONGEST_SENTENCE)}…` : line
  return short.replace(/\.$/, '')
}
