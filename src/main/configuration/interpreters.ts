import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import type { Programs } from './programs.ts'
import { kindOfScript, requireExecutable } from './scriptFile.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Interpreter {
  /** One word for people: `python3`, `node`, `executable`. */
  readonly name: string
  /** The program and its arguments, the script among them. */
  readonly command: [string, ...string[]]
}

export interface InterpreterQuestion {
  readonly script: string
  /** What flag, variable or agent file asked for, and the folder from which a relative path starts. */
  readonly chosen: { readonly value: string; readonly subject: string; readonly folder: string } | null
  readonly environment: Environment
  readonly platform: NodeJS.Platform
  readonly programs: Programs
}

/** Finds the program that runs a script; one sentence where there is none. */
export async function findInterpreter(question: InterpreterQuestion): Promise<Interpreter> {
  const { script, chosen, programs, platform } = question
  if (chosen) return running(await chosenProgram(chosen, programs), script)
  switch (kindOfScript(script)) {
    case 'python':
      return running(await findPython(question), script)
    case 'node':
      return running(await findNode(programs, script), script)
    case 'executable':
      await requireExecutable(script, programs, platform)
      return { name: 'executable', command: [script] }
  }
}

function running(program: string, script: string): Interpreter {
  return { name: basename(program).replace(/\.exe$/i, ''), command: [program, script] }
}

async function chosenProgram(chosen: NonNullable<InterpreterQuestion['chosen']>, programs: Programs): Promise<string> {
  const { value, subject, folder } = chosen
  if (!/[\\/]/.test(value)) {
    const found = await programs.onPath(value)
    if (found) return found
    throw new AppError('INVALID_CONFIGURATION', `${subject} is "${value}", but no program of that name is on PATH.`)
  }
  const path = isAbsolute(value) ? value : resolve(folder, value)
  if (await programs.isProgram(path)) return path
  throw new AppError('INVALID_CONFIGURATION', `${subject} is "${value}", but ${path} is no program that can be run.`)
}

async function findPython({ script, environment, platform, programs }: InterpreterQuestion): Promise<string> {
  const inside = platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python')
  const active = environment.VIRTUAL_ENV
  if (active) {
    const python = join(active, inside)
    if (await programs.isProgram(python)) return python
    // The system's Python would run without the packages that the user counts on.
    throw new AppError(
      'INVALID_INPUT',
      `VIRTUAL_ENV is ${active}, but there is no Python at ${python}; leave that environment, or name an interpreter with --interpreter.`,
    )
  }
  for (const name of ['.venv', 'venv']) {
    const python = join(dirname(script), name, inside)
    if (await programs.isProgram(python)) return python
  }
  const name = platform === 'win32' ? 'python' : 'python3'
  const found = await programs.onPath(name)
  if (found) return found
  throw new AppError('INVALID_INPUT', `${script} needs Python, but ${name} is not on PATH; install Python 3, or name an interpreter with --interpreter.`)
}

async function findNode(programs: Programs, script: string): Promise<string> {
  const found = await programs.onPath('node')
  if (found) return found
  throw new AppError('INVALID_INPUT', `${script} needs Node.js, but node is not on PATH; install it, or name an interpreter with --interpreter.`)
}
