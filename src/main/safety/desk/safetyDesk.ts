import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId } from '../../../shared/domain/llm.ts'
import type { Direction, Permissions, PrivateType, SafetyMode } from '../../../shared/domain/safetyRules.ts'
import type { Match, Scanner } from '../scan/scanner.ts'

/** Private things in a text on its way. */
export interface Sighting {
  readonly agentId: AgentId
  /** Null where the text belongs to no call. */
  readonly callId: CallId | null
  readonly direction: Direction
  /** `messages[3].content`, `choices[0].message.content`, `terminal`. */
  readonly place: string
  /** What stands around the matches, for a preview; `base` is the place of its first character in the matches' own count. */
  readonly text: string
  readonly base: number
  readonly matches: readonly Match[]
  /** What a part of the run wants for its texts, where the rules ask for less. Its block refuses and halts nobody. */
  readonly atLeast?: SafetyMode
}

/** In the matches' own count. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly replacement: string
}

export interface Judgement {
  /** What is done to the text before it goes on; empty where it goes on as it is. */
  readonly edits: readonly Edit[]
  /** Set where nothing of it may go on: a sentence for whoever sent it. Where the rules say so, its agent is being halted. */
  readonly blocked: string | null
  /** Why, for programs. */
  readonly blockedTypes?: readonly PrivateType[]
}

/** Something that is no private data, and yet not all right. */
export interface Incident {
  readonly agentId: AgentId
  readonly callId: CallId | null
  readonly kind: 'unauthorised' | 'injection'
  /** `model`, `tool`, `host`, `path`; or the rule of an injection. */
  readonly type: string
  readonly direction: Direction
  readonly place: string
  /** What was asked for, or the words that fired the rule; redacted by the desk. */
  readonly excerpt: string
}

/** Decides on what is found, writes it down and halts whom it must. It keeps all of that from whoever asks. */
export interface SafetyDesk {
  /** What looks through an agent's texts at this moment; another one after a change. Cheap. */
  scannerFor(agentId: AgentId, atLeast?: SafetyMode): Scanner
  /** Decides and writes down. */
  judge(sighting: Sighting): Judgement
  /** Decides and writes down: null where the call goes on, else a sentence to refuse it with. */
  report(incident: Incident): string | null
  permissionsOf(agentId: AgentId): Permissions
}
