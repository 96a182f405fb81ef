import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ownProgram } from '../ownProgram.ts'
import type { Keychain, KeychainAnswer } from './keychain.ts'
import { keptMasterKey, replaceMasterKey, type PasswordStore } from './keptMasterKey.ts'

export interface SystemKeychainOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly applicationFolder: string
  /** Ours, in a window: Electron's program is no Node to start another with. Else a process that can be ended when it waits. */
  readonly inProcess: boolean
  readonly patienceMs?: number
}

const PATIENCE_MS = 8_000
/** Somebody sits in front of a window, and may be asked to unlock the keychain. */
const PATIENCE_WITH_USER_MS = 30_000

/** Null where none is wanted (`IRON_CAGE_KEYCHAIN=off`) or none can be reached. Nothing is loaded before it is asked. */
export function systemKeychain(options: SystemKeychainOptions): Keychain | null {
  const { environment, platform, inProcess } = options
  if (environment.IRON_CAGE_KEYCHAIN === 'off') return null
  if (platform === 'linux' && !hasSessionBus(environment)) return null
  return {
    masterKey: async (isMade) => {
      if (inProcess) return askHere(options, (keytar) => keptMasterKey(keytar, isMade)).then(answered, () => ({ without: 'absent' }) as const)
      const { output, isLate } = await askProcess(options, isMade ? 'make' : 'look').catch(() => NOT_INSTALLED)
      return output?.startsWith('{') ? (JSON.parse(output) as KeychainAnswer) : { without: isLate ? 'silent' : 'refused' }
    },
    replace: async (key) => {
      if (!inProcess) return (await askProcess(options, 'replace', key).catch(() => NOT_INSTALLED)).output === 'kept'
      return askHere(options, (keytar) => replaceMasterKey(keytar, key)).then(Boolean, () => false)
    },
  }
}

/** In a window nobody can end it: it may answer yet, and is not heard any more. */
function answered(answer: KeychainAnswer | null): KeychainAnswer {
  return answer ?? { without: 'silent' }
}

/** Without a bus libsecret would try to start one. */
function hasSessionBus({ DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: folder }: SystemKeychainOptions['environment']): boolean {
  return Boolean(address) || (Boolean(folder) && existsSync(join(folder as string, 'bus')))
}

function pathOfKeytar(applicationFolder: string): string {
  return createRequire(join(applicationFolder, 'package.json')).resolve('keytar')
}

async function askHere<T>({ applicationFolder, patienceMs = PATIENCE_WITH_USER_MS }: SystemKeychainOptions, ask: (keytar: PasswordStore) => Promise<T>): Promise<T | null> {
  const path = pathOfKeytar(applicationFolder)
  const keytar = createRequire(path)(path) as PasswordStore
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMs)
  })
  try {
    return await Promise.race([ask(keytar), silence])
  } finally {
    clearTimeout(timer)
  }
}

type Task = 'make' | 'look' | 'replace'

interface Told {
  /** The last line, for the library may have words of its own. Null where there is none. */
  readonly output: string | null
  readonly isLate: boolean
}

const NOT_INSTALLED: Told = { output: JSON.stringify({ without: 'absent' } satisfies KeychainAnswer), isLate: false }

/** A locked keyring may wait for a password for ever, and its library may take a process down: then it is not this one. */
async function askProcess({ environment, applicationFolder, patienceMs = PATIENCE_MS }: SystemKeychainOptions, task: Task, input = ''): Promise<Told> {
  const program = ownProgram('keychainProcess', import.meta.filename)
  const args = ['--disable-warning=ExperimentalWarning', program, pathOfKeytar(applicationFolder), task]
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { ...environment }, timeout: patienceMs, killSignal: 'SIGKILL' }, (error, stdout) => {
      const line = stdout.slice(stdout.lastIndexOf('\n') + 1)
      resolve({ output: error === null && line !== '' ? line : null, isLate: error?.killed === true })
    })
    // One that has ended without reading is told of by its end.
    child.stdin?.on('error', () => undefined).end(input)
  })
}
