import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { posix, win32 } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Finds programs as a shell would. */
export interface Programs {
  /** The full path of a program on PATH, or null. Relative entries of PATH are passed over: they mean another program in each folder. */
  onPath(name: string): Promise<string | null>
  /** Whether this very file can be run. */
  isProgram(path: string): Promise<boolean>
}

export function createPrograms(environment: Environment, platform: NodeJS.Platform): Programs {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix
  const folders = searchPath(environment, platform).filter((folder) => isAbsolute(folder))
  const endings = platform === 'win32' ? ['', ...(environment.PATHEXT ?? '.EXE;.CMD;.BAT').toLowerCase().split(';')] : ['']

  async function isProgram(path: string): Promise<boolean> {
    try {
      if (!(await stat(path)).isFile()) return false
      await access(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  }

  return {
    isProgram,
    async onPath(name) {
      for (const folder of folders) {
        for (const ending of endings) {
          const candidate = join(folder, `${name}${ending}`)
          if (await isProgram(candidate)) return candidate
        }
      }
      return null
    },
  }
}

function searchPath(environment: Environment, platform: NodeJS.Platform): string[] {
  if (platform !== 'win32') return (environment.PATH ?? '').split(':')
  const name = Object.keys(environment).find((one) => one.toUpperCase() === 'PATH')
  return (name === undefined ? '' : (environment[name] ?? '')).split(';')
}
