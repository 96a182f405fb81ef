// The virtual environments that Python's tests run in: made once for each lock file and interpreter, in the user's cache, so that a
// fresh clone finds them there.
import { execFile, type ExecFileException } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** `core` has pytest alone; `sdk` the clients and frameworks that agents use; `crew` what does not fit beside them. */
export type EnvironmentName = 'core' | 'sdk' | 'crew'

/** A Python that can run the SDK. */
export interface Interpreter {
  readonly path: string
  /** `3.12` */
  readonly version: string
}

/** Its folder and its interpreter, or why there is none. */
export type PythonEnvironment =
  | { readonly folder: string; readonly python: string; readonly missing: null }
  | { readonly folder: null; readonly python: null; readonly missing: string }

const VERSIONS = ['3.10', '3.11', '3.12', '3.13', '3.14']
const REQUIREMENTS = join(import.meta.dirname, '..', 'resources', 'python', 'requirements')
const INSTALL_MS = 900_000
/** What installers say when they reach no index; anything else that goes wrong is wrong. */
const UNREACHABLE =
  /NewConnectionError|ConnectionError|ConnectTimeout|ReadTimeout|Retrying|Temporary failure|ProxyError|Network is unreachable|timed out|dns error|error sending request|Failed to fetch/i

function run(program: string, args: readonly string[], timeout = 20_000): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout, maxBuffer: 64 * 1024 * 1024 }, (problem: ExecFileException | null, stdout, stderr) => {
      if (problem) reject(new Error(`${program} ${args.join(' ')}: ${stderr.slice(-2_000) || problem.message}`, { cause: problem }))
      else resolve(stdout)
    })
  })
}

async function interpreterAt(path: string): Promise<Interpreter | null> {
  try {
    const version = await run(path, ['-c', 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])'])
    return VERSIONS.includes(version.trim()) ? { path, version: version.trim() } : null
  } catch {
    return null
  }
}

/** Every Python that the SDK is made for and this machine has, one a version; the one that is called python3 comes first. */
export async function findInterpreters(environment: NodeJS.ProcessEnv = process.env): Promise<Interpreter[]> {
  const versionsOfPyenv = join(environment.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions')
  const kept = existsSync(versionsOfPyenv) ? readdirSync(versionsOfPyenv) : []
  const candidates = ['python3', ...VERSIONS.map((version) => `python${version}`), ...kept.map((name) => join(versionsOfPyenv, name, 'bin', 'python3'))]
  const found = new Map<string, Interpreter>()
  for (const answer of await Promise.all(candidates.map(interpreterAt))) {
    if (answer && !found.has(answer.version)) found.set(answer.version, answer)
  }
  return [...found.values()]
}

const hasUv = (): boolean => (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, 'uv')))

/** It is put in its place when it is whole: of two that make it at the same time one is thrown away, and none is found half made. */
export async function pythonEnvironment(name: EnvironmentName, interpreter: Interpreter | undefined): Promise<PythonEnvironment> {
  const none = (missing: string): PythonEnvironment => ({ folder: null, python: null, missing })
  if (!interpreter) return none('there is no Python from 3.10 on with venv')
  const requirements = join(REQUIREMENTS, `${name}.txt`)
  const key = createHash('sha256').update(await run(interpreter.path, ['-VV'])).update(readFileSync(requirements)).digest('hex').slice(0, 16)
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'iron-cage-control-room')
  const folder = join(cache, `python-${name}-${key}`)
  const python = join(folder, 'bin', 'python')
  if (existsSync(python)) return { folder, python, missing: null }

  const making = `${folder}.${process.pid}`
  const fresh = join(making, 'bin', 'python')
  await mkdir(cache, { recursive: true })
  try {
    if (hasUv()) {
      await run('uv', ['venv', '--quiet', '--python', interpreter.path, making], INSTALL_MS)
      await run('uv', ['pip', 'install', '--quiet', '--python', fresh, '--requirement', requirements], INSTALL_MS)
    } else {
      await run(interpreter.path, ['-m', 'venv', making], INSTALL_MS)
      const install = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--disable-pip-version-check', '--requirement', requirements]
      await run(fresh, install, INSTALL_MS)
    }
    await rename(making, folder)
  } catch (problem) {
    if (existsSync(python)) return { folder, python, missing: null }
    if (UNREACHABLE.test(String(problem))) return none('no Python package index is reachable')
    throw problem
  } finally {
    await rm(making, { recursive: true, force: true })
  }
  return { folder, python, missing: null }
}
