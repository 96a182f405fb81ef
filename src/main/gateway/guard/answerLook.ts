import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId } from '../../../shared/domain/llm.ts'
import type { Direction, PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createJsonStream } from '../../safety/json/jsonStream.ts'
import { nameOf, scanValue } from '../../safety/json/jsonTexts.ts'
import { namesSecret } from '../../safety/json/namedValue.ts'
import { printPath, type Segment } from '../../safety/json/jsonPath.ts'
import type { Edit, SafetyDesk } from '../../safety/desk/safetyDesk.ts'
import type { Match, Scanner } from '../../safety/scan/scanner.ts'

/** Why nothing more of an answer goes on: what the desk said, or that nobody could look. */
export interface Stop {
  readonly kind: 'private-data' | 'unauthorised' | 'unchecked'
  /** One sentence. */
  readonly message: string
  /** What was found, if that is why. */
  readonly types?: readonly PrivateType[]
  /** What was thrown, if that is why. */
  readonly cause?: unknown
}

/** Looks through one answer on behalf of the agent that waits for it. */
export interface AnswerLook {
  readonly desk: SafetyDesk
  readonly agentId: AgentId
  readonly callId: CallId
  /** By the rules of this moment. */
  scanner(): Scanner
  /** What is done to what was found, in the matches' own count. */
  judge(direction: Direction, place: string, text: string, base: number, matches: readonly Match[]): readonly Edit[]
  /** A text that stands there whole. What was decided of the same text before is not judged again. */
  whole(direction: Direction, segments: readonly Segment[], text: string): readonly Edit[]
  /** Providers repeat at the end what they have said in pieces. */
  remember(direction: Direction, text: string, edits: readonly Edit[]): void
  /** What was remembered of this very text; null where nothing was. */
  known(direction: Direction, text: string): readonly Edit[] | null
  halt(stop: Stop): void
  /** Once it is set nothing more goes on. */
  readonly stop: Stop | null
}

const NO_EDITS: readonly Edit[] = []
const NOTHING_HIDDEN: ReadonlySet<number> = new Set()
/** Strings that hold JSON are looked through as JSON. */
const JSON_BEGINS = /^\s{0,256}[[{"]/
/** Names, models, roles: what repeats from event to event and holds nothing is looked through once. */
const CLEAN = new WeakMap<Scanner, Set<string>>()
const MOST_CLEAN = 4_000
const LONGEST_CLEAN = 80

export function createAnswerLook(desk: SafetyDesk, agentId: AgentId, callId: CallId): AnswerLook {
  /** Most answers need none. */
  const memory: Partial<Record<Direction, Map<string, readonly Edit[]>>> = {}
  let stop: Stop | null = null

  const look: AnswerLook = {
    desk,
    agentId,
    callId,
    scanner: () => desk.scannerFor(agentId),
    judge(direction, place, text, base, matches) {
      if (matches.length === 0) return NO_EDITS
      const { edits, blocked, blockedTypes } = desk.judge({ agentId, callId, direction, place, text, base, matches })
      if (blocked !== null) look.halt({ kind: 'private-data', message: blocked, types: blockedTypes ?? [] })
      return edits
    },
    whole(direction, segments, text) {
      const scanner = look.scanner()
      // What a name makes private is not clean, nor known, wherever else it stands.
      const isNamed = namesSecret(nameOf(segments))
      if (text === '' || (!isNamed && isKnownClean(scanner, text))) return NO_EDITS
      const known = isNamed ? null : look.known(direction, text)
      if (known) return known
      const edits: Edit[] = []
      let isClean = true
      if (JSON_BEGINS.test(text)) {
        const stream = createJsonStream(scanner, { within: segments })
        for (const { sightings } of [stream.push(text), stream.end()]) {
          for (const sighting of sightings) {
            isClean = false
            const { path, matches, base, toRaw } = sighting
            edits.push(...look.judge(direction, path, sighting.text, base, matches).map(toRaw))
          }
        }
      } else {
        const matches = isNamed ? scanValue(scanner, text, segments) : scanner.scan(text)
        isClean = matches.length === 0
        if (!isClean) edits.push(...look.judge(direction, printPath({ segments, hidden: NOTHING_HIDDEN }), text, 0, matches))
      }
      if (isNamed) return edits
      if (isClean) rememberClean(scanner, text)
      else look.remember(direction, text, edits)
      return edits
    },
    remember: (direction, text, edits) => void (memory[direction] ??= new Map()).set(text, edits),
    known: (direction, text) => memory[direction]?.get(text) ?? null,
    halt(given) {
      stop ??= given
    },
    get stop() {
      return stop
    },
  }
  return look
}

function isKnownClean(scanner: Scanner, text: string): boolean {
  return text.length <= LONGEST_CLEAN && (CLEAN.get(scanner)?.has(text) ?? false)
}

function rememberClean(scanner: Scanner, text: string): void {
  if (text.length > LONGEST_CLEAN) return
  const known = CLEAN.get(scanner) ?? new Set<string>()
  // Ids never repeat: when they have filled it, it begins anew.
  if (known.size >= MOST_CLEAN) known.clear()
  CLEAN.set(scanner, known.add(text))
}
