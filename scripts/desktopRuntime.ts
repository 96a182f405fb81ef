import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'

/** What `npm start` has to know about Electron's runtime, and to conclude from the way in which it ended. */

type Environment = Readonly<Record<string, string | undefined>>

export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly environment: Environment
  /** Null where there is no such thing. */
  readonly uid: number | null
}

export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly ranMs: number
}

/** A runtime that cannot start on this system says so by dying at once. */
const EARLY_END_MS = 15_000
/** Chromium leaves with 1 when it cannot reach the display, the loader with 126 or 127 when a library is missing or made for another machine. */
const CODES_OF_FAILURE = [1, 126, 127]
const SIGNALS_OF_FAILURE: readonly (NodeJS.Signals | null)[] = ['SIGTRAP', 'SIGABRT', 'SIGSEGV', 'SIGILL', 'SIGBUS']
/** Windows ends a process with codes from here on when it could not load it. */
const FIRST_WINDOWS_FAILURE = 0xc0000000

/** The runtime's executable. Its package itself would start a download when asked for it. */
export function findRuntime(electronFolder: string): string | null {
  try {
    const binary = join(electronFolder, 'dist', readFileSync(join(electronFolder, 'path.txt'), 'utf8').trim())
    return existsSync(binary) ? binary : null
  } catch {
    return null
  }
}

/** Why there can be no window here whether or not the runtime is there; null when there can. */
export function whyNoWindow({ platform, environment, uid }: Surroundings): string | null {
  if (environment.IRON_CAGE_HOST === 'browser') return 'IRON_CAGE_HOST=browser asks for the browser.'
  if (platform !== 'linux') return null
  if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return 'There is no display here: for the desktop window, start it in a desktop session.'
  if (uid === 0) return "As root, Chromium's sandbox cannot start: for the desktop window, start it as an ordinary user."
  return null
}

/** Terminals within editors that are made with Electron may hand this down: the runtime would be a plain Node, without any window. */
export function runtimeEnvironment(environment: Environment): Environment {
  return { ...environment, ELECTRON_RUN_AS_NODE: undefined }
}

export function hasFailedToStart({ code, signal, ranMs }: End): boolean {
  if (ranMs >= EARLY_END_MS) return false
  return SIGNALS_OF_FAILURE.includes(signal) || (code !== null && (CODES_OF_FAILURE.includes(code) || code >= FIRST_WINDOWS_FAILURE))
}

/** As a shell would give it. */
export function exitCodeOf({ code, signal }: Pick<End, 'code' | 'signal'>): number {
  return signal ? 128 + constants.signals[signal] : (code ?? 0)
}
