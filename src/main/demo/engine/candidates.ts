import { findInterpreter, type InterpreterQuestion } from '../../configuration/interpreters.ts'
import { createPrograms } from '../../configuration/programs.ts'
import { AppError } from '../../../shared/errors.ts'

export type ChosenInterpreter = NonNullable<InterpreterQuestion['chosen']>

export interface CandidateQuestion {
  readonly script: string
  readonly chosen: ChosenInterpreter | null
  /** With the PATH that the user's shell has. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
}

/** Which Python the agent would be started with, and newer ones to fall back on; or why there is none. */
export type Candidates = { readonly first: string; readonly others: readonly string[] } | { readonly problem: string }

const NEWER = ['3.14', '3.13', '3.12', '3.11', '3.10']

export async function findCandidates({ script, chosen, environment, platform }: CandidateQuestion): Promise<Candidates> {
  const programs = createPrograms(environment, platform)
  const isOpen = chosen === null && !environment.VIRTUAL_ENV
  // Whoever has named one, or works in an environment, does not want another.
  const names = isOpen && platform !== 'win32' ? NEWER.map((version) => `python${version}`) : []
  const others = (await Promise.all(names.map((name) => programs.onPath(name)))).filter((path) => path !== null)
  try {
    const { command } = await findInterpreter({ script, chosen, environment, platform, programs })
    return { first: command[0], others }
  } catch (problem) {
    if (!(problem instanceof AppError)) throw problem
    const [first, ...rest] = others
    if (first !== undefined) return { first, others: rest }
    const name = platform === 'win32' ? 'python' : 'python3'
    return { problem: isOpen ? `The demo needs Python 3.10 or later, but there is no ${name} on PATH; install Python from python.org or with your system's packages, then look again.` : problem.message }
  }
}
