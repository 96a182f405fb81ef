import type { Severity } from './domain/event.ts'
import { formatClock } from './format.ts'
import { printable } from './printable.ts'

export interface LogLine {
  readonly at: number
  readonly level: Severity
  readonly agentId?: string | null
  readonly msg: string
}

/** Puts colour around a piece of the line; handed in by whoever knows that a terminal is there. */
export type Colour = (part: 'time' | 'agent' | Severity, text: string) => string

const plain: Colour = (_part, text) => text

/** `[14:23:45] INFO lg-7a3f9c2d message`, in local time; a message of several lines begins each of them that way. */
export function formatLogLine(line: LogLine, colour: Colour = plain): string {
  const parts = [colour('time', `[${formatClock(line.at)}]`), colour(line.level, line.level.padEnd(4))]
  if (line.agentId) parts.push(colour('agent', printable(line.agentId)))
  const head = parts.join(' ')
  return line.msg
    .trimEnd()
    .split(/\r?\n/)
    .map((text) => `${head} ${printable(text)}`)
    .join('\n')
}
