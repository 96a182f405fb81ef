import { z } from 'zod'
import { AppError } from '../../shared/errors.ts'
import { exitCodeOfError } from '../cli/exitCodes.ts'
import { describeDefect } from '../safety/defects.ts'

export interface StartFailure {
  readonly title: string
  readonly message: string
  /** The same as the command line's. */
  readonly exitCode: number
}

/** What an owner of the data folder is known by. A second window never gets here: it brings the first one to the front. */
const OwnedElsewhere = z.object({ instance: z.object({ pid: z.number() }) })

/** What the user is told when the room does not open. A sentence of ours stands for itself; a defect shows what may help to report it. */
export function describeStartFailure(problem: unknown, environment: NodeJS.ProcessEnv): StartFailure {
  const title = 'The control room cannot open'
  const exitCode = exitCodeOfError(problem)
  if (problem instanceof AppError) return { title, message: problem.message + howToStop(problem), exitCode }
  const message = `Something that was not foreseen went wrong: ${reasonOf(problem, environment)}. Run "iron_cage doctor" in a terminal to see what is amiss.`
  return { title, message, exitCode }
}

/** Words of ours as they are; those of a defect without what is private in them. */
export function reasonOf(problem: unknown, environment: NodeJS.ProcessEnv): string {
  if (problem instanceof AppError) return problem.message
  return describeDefect(problem instanceof Error ? problem.message : String(problem), environment)
}

function howToStop({ code, details }: AppError): string {
  const owner = code === 'CONFLICT' ? OwnedElsewhere.safeParse(details) : null
  if (!owner?.success) return ''
  return (
    ` That one runs without a window: stop it with Ctrl-C on its terminal, or end its process ${owner.data.instance.pid}, ` +
    'and open this window again.'
  )
}
