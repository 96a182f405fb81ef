import { constants } from 'node:os'
import type { Agent } from '../../shared/domain/agent.ts'
import { BLOCKED_EXIT, OVER_BUDGET_EXIT } from '../../shared/domain/refusalExits.ts'
import { AppError } from '../../shared/errors.ts'
import type { Interruption } from './interruptions.ts'

/** The codes of our own; every other code is the agent's. `iron_cage --help` prints this table. */
export const EXIT_CODES = {
  done: [0, 'everything went well'],
  problems: [1, 'doctor, audit or a rehearsal found a problem, or this Node is too old'],
  refused: [2, 'wrong input or configuration: nothing was started, nothing was written'],
  noSuchAgent: [66, 'there is nothing of that id or name: no such agent, secret or user'],
  internal: [70, 'a defect of Iron Cage itself'],
  dataFolder: [74, 'the data folder or the database cannot be used'],
  instance: [75, 'another control room, or what is there already, is in the way; or the room that is needed does not run'],
  forbidden: [77, 'the control room that runs does not accept the owner token, or has its secrets locked'],
  overBudget: [OVER_BUDGET_EXIT, 'the agent was ended because its budget is used up'],
  blocked: [BLOCKED_EXIT, 'the agent was ended by its safety mode'],
  stoppedElsewhere: [122, 'somebody stopped the agent from elsewhere: window, API or "iron_cage stop"'],
  cannotExecute: [126, 'the agent’s process could not be started'],
  hungUp: [129, 'ended by SIGHUP: the terminal was closed'],
  interrupted: [130, 'ended by Ctrl-C or SIGINT'],
  brokenPipe: [141, 'whoever read the output has gone'],
  terminated: [143, 'ended by SIGTERM'],
} as const satisfies Record<string, readonly [number, string]>

export type OwnExit = keyof typeof EXIT_CODES

export function exitCode(name: OwnExit): number {
  return EXIT_CODES[name][0]
}

/** The code of a command that was asked to end. */
export function exitCodeOfInterruption(interruption: Interruption): number {
  return exitCode(OF_INTERRUPTION[interruption])
}

const OF_INTERRUPTION: Record<Interruption, OwnExit> = {
  SIGINT: 'interrupted',
  SIGTERM: 'terminated',
  SIGHUP: 'hungUp',
  SIGPIPE: 'brokenPipe',
  'room.stop': 'stoppedElsewhere',
}

/** The code with which a command ends that could not do its work. */
export function exitCodeOfError(problem: unknown): number {
  if (!(problem instanceof AppError)) return exitCode('internal')
  switch (problem.code) {
    case 'INVALID_INPUT':
    case 'INVALID_CONFIGURATION':
    case 'TOO_LARGE':
      return exitCode('refused')
    case 'AGENT_NOT_FOUND':
    case 'NOT_FOUND':
      return exitCode('noSuchAgent')
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
    case 'LOCKED':
      return exitCode('forbidden')
    case 'CONFLICT':
    case 'RATE_LIMITED':
      return exitCode('instance')
    case 'UNAVAILABLE':
      if (isAbout(problem, 'masterKey')) return exitCode('refused')
      if (isAbout(problem, 'interpreter')) return exitCode('cannotExecute')
      return isAboutFiles(problem) ? exitCode('dataFolder') : exitCode('instance')
    case 'INTERNAL':
      return exitCode('internal')
  }
}

/** State and ownership name the file or the folder that is wrong. */
function isAboutFiles({ details }: AppError): boolean {
  return typeof details === 'object' && details !== null && ('file' in details || 'folder' in details)
}

/** Whoever has set no master key, or another one, has configured the room wrongly; without an interpreter nothing can be started. */
function isAbout({ details }: AppError, what: 'masterKey' | 'interpreter'): boolean {
  return typeof details === 'object' && details !== null && 'problem' in details && details.problem === what
}

const SIGNAL_BASE = 128

/** The code of an agent that has settled by itself, or was ended from elsewhere. */
export function exitCodeOfAgent({ status, exit }: Agent, wasStopped: boolean): number {
  if (status === 'over-budget') return exitCode('overBudget')
  if (status === 'blocked') return exitCode('blocked')
  if (wasStopped) return exitCode('stoppedElsewhere')
  if (exit === null) return exitCode('cannotExecute')
  if (exit.signal !== null) return SIGNAL_BASE + (constants.signals[exit.signal as NodeJS.Signals] ?? 0)
  return exit.code ?? exitCode('internal')
}
