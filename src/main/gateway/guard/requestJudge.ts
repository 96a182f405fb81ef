import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId } from '../../../shared/domain/llm.ts'
import type { Direction, PrivateType } from '../../../shared/domain/safetyRules.ts'
import type { Edit, SafetyDesk } from '../../safety/desk/safetyDesk.ts'
import type { Match, Scanner } from '../../safety/scan/scanner.ts'

/** Matches of one text, to be decided on. */
export interface Found {
  readonly direction: Direction
  readonly place: string
  readonly text: string
  readonly base: number
  readonly matches: readonly Match[]
}

/** Decides on what is found in one request. */
export interface RequestJudge {
  readonly scanner: Scanner
  /** Gives the edits, in order. Pauses where there is much to decide. */
  judge(found: Found): Generator<void, readonly Edit[]>
}

/** Nothing of the request may go on. */
export class Blocked extends Error {
  readonly types: readonly PrivateType[]

  constructor(message: string, types: readonly PrivateType[]) {
    super(message)
    this.types = types
  }
}

/** Each of them is hashed, encrypted and written down. */
const BATCH = 50

/**
 * A value is judged, and so recorded, once for a request and direction, however often its history repeats it; it is taken out everywhere.
 */
export function createRequestJudge(desk: SafetyDesk, agentId: AgentId, callId: CallId): RequestJudge {
  /** What stands in place of a value; null where it goes on as it is. */
  const decided = new Map<string, string | null>()

  return {
    scanner: desk.scannerFor(agentId),
    *judge({ direction, place, text, base, matches }) {
      const edits: Edit[] = []
      for (let at = 0; at < matches.length; at += BATCH) {
        if (at > 0) yield
        const batch = matches.slice(at, at + BATCH)
        const nameOf = ({ type, value }: Match): string => `${direction} ${type} ${value}`
        const unknown = batch.filter((match) => !decided.has(nameOf(match)))
        if (unknown.length > 0) {
          const judgement = desk.judge({ agentId, callId, direction, place, text, base, matches: unknown })
          if (judgement.blocked !== null) throw new Blocked(judgement.blocked, judgement.blockedTypes ?? [])
          for (const match of unknown) {
            const edit = judgement.edits.find(({ start, end }) => start === match.start && end === match.end)
            decided.set(nameOf(match), edit ? edit.replacement : null)
          }
        }
        for (const match of batch) {
          const replacement = decided.get(nameOf(match)) ?? null
          if (replacement !== null) edits.push({ start: match.start, end: match.end, replacement })
        }
      }
      return edits
    },
  }
}

/** A text with its edits, which are in order and do not overlap. */
export function withEdits(text: string, edits: readonly Edit[]): string {
  let edited = ''
  let at = 0
  for (const { start, end, replacement } of edits) {
    edited += text.slice(at, start) + replacement
    at = end
  }
  return edited + text.slice(at)
}
