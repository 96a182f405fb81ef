import type { AgentId } from './agent.ts'
import type { EventName, Severity } from './event.ts'

/** Which events somebody wants to see. What is left out lets everything through. */
export interface EventFilter {
  readonly agentId?: AgentId
  /** Beside those of the agent, those of the room itself. */
  readonly withRoom?: boolean
  readonly severities?: readonly Severity[]
  readonly names?: readonly EventName[]
  /** Every word of it stands somewhere in the event. */
  readonly text?: string
}

/** An event as a line of a log. */
export interface EventLine {
  readonly seq: number
  readonly at: number
  readonly severity: Severity
  readonly agentId: AgentId | null
  readonly name: EventName
  readonly message: string
}

/** Events to a page of the log. */
export const LOG_PAGE = 100

/** A line says what it is about within this; the whole event has the rest. */
export const LONGEST_LINE = 400

export function lineOf({ seq, at, severity, agentId, name, message }: EventLine): EventLine {
  return { seq, at, severity, agentId, name, message: message.length > LONGEST_LINE ? `${message.slice(0, LONGEST_LINE - 1)}…` : message }
}

/** Without what is said about text: that is looked for in more than a line. */
export function fitsKind(line: Pick<EventLine, 'agentId' | 'severity' | 'name'>, filter: EventFilter): boolean {
  const { agentId, withRoom = false, severities, names } = filter
  if (agentId !== undefined && line.agentId !== agentId && !(withRoom && line.agentId === null)) return false
  if (severities !== undefined && !severities.includes(line.severity)) return false
  return names === undefined || names.includes(line.name)
}

/** What is looked for, as it stands in plain text and as it stands in JSON. */
export type SoughtWord = readonly [plain: string, inJson: string]

export function soughtWords(text = ''): readonly SoughtWord[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '')
  return words.map((word) => [word, JSON.stringify(word).slice(1, -1)])
}

/** `payload` as JSON, asked for only where the line itself does not say it all. */
export function fitsWords(line: Pick<EventLine, 'agentId' | 'name' | 'message'>, payload: () => string, words: readonly SoughtWord[]): boolean {
  if (words.length === 0) return true
  const told = `${line.message}\n${line.name}\n${line.agentId ?? ''}`.toLowerCase()
  const rest = words.filter(([plain]) => !told.includes(plain))
  if (rest.length === 0) return true
  // An agent's plan is in each of its changes, and says nothing about any of them.
  if (line.name === 'agent.changed') return false
  const carried = payload().toLowerCase()
  return rest.every(([, inJson]) => carried.includes(inJson))
}
