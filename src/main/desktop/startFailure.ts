import { AppError } from '../../shared/errors.ts'

export interface StartFailure {
  readonly title: string
  readonly message: string
  readonly exitCode: number
}

/** What the user is told when the room does not open. A sentence of ours stands for itself; a defect shows what may help to report it. */
export function describeStartFailure(problem: unknown): StartFailure {
  if (problem instanceof AppError) {
    return { title: 'The control room cannot open', message: problem.message, exitCode: 1 }
  }
  const detail = problem instanceof Error ? problem.message : String(problem)
  return {
    title: 'The control room cannot open',
    message: `Something that was not foreseen went wrong: ${detail}. Run "iron_cage doctor" in a terminal to see what is amiss.`,
    exitCode: 1,
  }
}
