import { constants, type Stats } from 'node:fs'
import { access, open, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import type { Programs } from './programs.ts'

/** Who runs a script: decided by its ending, else the script itself must be able to. */
export type ScriptKind = 'python' | 'node' | 'executable'

const KINDS: Record<string, ScriptKind> = { '.py': 'python', '.js': 'node', '.mjs': 'node', '.cjs': 'node', '.ts': 'node', '.mts': 'node' }
const KNOWN_ENDINGS = Object.keys(KINDS).join(', ')
const WINDOWS_PROGRAMS = ['.exe', '.com', '.bat', '.cmd']

/** First bytes of programs: ELF, and Mach-O in its four spellings and the universal one. */
const PROGRAM_MAGIC = ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe']

export function kindOfScript(name: string): ScriptKind {
  return KINDS[extname(name).toLowerCase()] ?? 'executable'
}

/** Whether the first bytes say that the system can run this: a #! line, or a program. */
export function looksRunnable(head: Buffer): boolean {
  return head.subarray(0, 2).toString('latin1') === '#!' || PROGRAM_MAGIC.includes(head.subarray(0, 4).toString('hex'))
}

/** A script that is there, is a file and may be read; one sentence where it is not. */
export async function requireScript(path: string): Promise<void> {
  if (path.includes('\0')) throw refused("The script's path holds a NUL character, which no path can.")
  let found: Stats
  try {
    found = await stat(path)
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException
    if (code === 'EACCES') throw refused(`The script ${path} cannot be reached: a folder on the way to it may not be entered.`)
    throw refused(`There is no script ${path}; give the path of a file such as agent.py.`)
  }
  if (found.isDirectory()) throw refused(`${path} is a folder; give the script in it, such as ${join(path, 'agent.py')}.`)
  if (!found.isFile()) throw refused(`${path} is a device or a pipe; a script must be a file.`)
  if (!(await may(path, constants.R_OK))) throw refused(`The script ${path} may not be read; allow it with chmod u+r.`)
}

/** A script without an interpreter of its own must be executable, and by something that exists. */
export async function requireExecutable(path: string, programs: Programs, platform: NodeJS.Platform): Promise<void> {
  if (platform === 'win32') {
    if (WINDOWS_PROGRAMS.includes(extname(path).toLowerCase())) return
    throw refused(`No interpreter is known for ${path} (known are ${KNOWN_ENDINGS}); name one with --interpreter.`)
  }
  const head = await readHead(path)
  if (!(await may(path, constants.X_OK))) {
    throw refused(
      `No interpreter is known for ${path} (known are ${KNOWN_ENDINGS}) and it is not executable; name one with --interpreter, or use chmod +x.`,
    )
  }
  if (!looksRunnable(head)) {
    throw refused(`${path} is executable, but neither a program nor a script that begins with #!; add a first line such as #!/bin/sh.`)
  }
  await requireShebang(path, head, programs)
}

async function requireShebang(path: string, head: Buffer, programs: Programs): Promise<void> {
  const [, line] = /^#! *([^\n\r]*)/.exec(head.toString('utf8')) ?? []
  if (line === undefined) return
  const [interpreter = '', ...rest] = line.split(/[ \t]+/)
  if (!(await programs.isProgram(interpreter))) {
    throw refused(`The first line of ${path} names the interpreter ${interpreter || '""'}, which is no program on this machine.`)
  }
  if (!interpreter.endsWith('/env')) return
  const wanted = rest.find((word) => !word.startsWith('-') && !word.includes('='))
  if (wanted && !wanted.includes('/') && !(await programs.onPath(wanted))) {
    throw refused(`The first line of ${path} asks for ${wanted}, which is not on PATH.`)
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}

function refused(message: string): AppError {
  return new AppError('INVALID_INPUT', message)
}
