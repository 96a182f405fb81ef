import { DemoSpeed } from '../../shared/domain/demo.ts'
import { AppError } from '../../shared/errors.ts'
import type { CommandLine } from './commandLine.ts'

/** What `iron_cage demo` was asked for. */
export type DemoAsked =
  | { readonly kind: 'run'; readonly speed: DemoSpeed }
  | { readonly kind: 'goOn' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'rehearse'; readonly runs: number; readonly speed: DemoSpeed; readonly isApproving: boolean }

const MOST_RUNS = 1_000

export function demoAsked({ speed, goOn, startOver, rehearse, noApprove }: CommandLine['options']): DemoAsked {
  const given = [goOn && '--go-on', startOver && '--reset', rehearse && '--rehearse'].filter((flag) => flag !== undefined)
  if (given.length > 1) throw refused(`${given.join(' and ')} do not go together: give one of them.`)
  if (noApprove && rehearse === undefined) throw refused('--no-approve is for --rehearse alone: in a demo somebody decides in the room.')
  if (speed !== undefined && (goOn || startOver)) throw refused(`--speed does not go with ${given[0]}: the demo keeps the speed that it has.`)
  if (goOn) return { kind: 'goOn' }
  if (startOver) return { kind: 'reset' }
  if (rehearse !== undefined) return { kind: 'rehearse', runs: runsIn(rehearse), speed: speedIn(speed ?? 'max'), isApproving: !noApprove }
  return { kind: 'run', speed: speedIn(speed ?? '1') }
}

function speedIn(text: string): DemoSpeed {
  const read = DemoSpeed.safeParse(/^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : text)
  if (read.success) return read.data
  throw refused(`--speed is ${JSON.stringify(text)}, but must be a number from 0.1 to 100, or max.`)
}

function runsIn(text: string): number {
  const runs = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (runs >= 1 && runs <= MOST_RUNS) return runs
  throw refused(`--rehearse is ${JSON.stringify(text)}, but must be a whole number from 1 to ${MOST_RUNS}.`)
}

function refused(message: string): AppError {
  return new AppError('INVALID_INPUT', message)
}
