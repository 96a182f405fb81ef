import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const INSTALL_MS = 300_000

/** A virtual environment with the SDKs, or why there is none. */
export type PythonEnvironment = { readonly folder: string; readonly missing: null } | { readonly folder: null; readonly missing: string }

/** What pip says when it reaches no index; anything else that goes wrong is wrong. */
const UNREACHABLE =
  /NewConnectionError|ConnectionError|ConnectTimeout|ReadTimeout|Retrying|Temporary failure|ProxyError|Network is unreachable|timed out/i

/**
 * Made once for each set of versions, in the user's cache: a fresh clone finds it there. It is put in its place when it is whole,
 * so that of two that make it at the same time one is thrown away, and none is found half made.
 */
export async function pythonEnvironment(): Promise<PythonEnvironment> {
  const none = (missing: string): PythonEnvironment => ({ folder: null, missing })
  const version = await run('python3', ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.version)']).catch(
    () => null,
  )
  if (!version) return none('there is no Python 3.10 with venv')
  const key = createHash('sha256').update(version.stdout).update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16)
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'iron-cage-control-room')
  const folder = join(cache, `python-${key}`)
  if (existsSync(folder)) return { folder, missing: null }

  const making = `${folder}.${process.pid}`
  await mkdir(cache, { recursive: true })
  try {
    await run('python3', ['-m', 'venv', making], { timeout: INSTALL_MS })
    const install = ['-m', 'pip', 'install', '--quiet', '--retries', '1', '--disable-pip-version-check', '--requirement', REQUIREMENTS]
    await run(join(making, 'bin', 'python'), install, { timeout: INSTALL_MS })
    await rename(making, folder)
  } catch (problem) {
    if (existsSync(folder)) return { folder, missing: null }
    const said = problem instanceof Error && 'stderr' in problem ? String(problem.stderr) : String(problem)
    if (UNREACHABLE.test(said)) return none('no Python package index is reachable')
    throw new Error(`The Python SDKs could not be installed: ${said.slice(-2_000)}`, { cause: problem })
  } finally {
    await rm(making, { recursive: true, force: true })
  }
  return { folder, missing: null }
}
