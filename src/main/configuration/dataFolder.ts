import { homedir } from 'node:os'
import { join, posix, resolve, win32 } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Where a room keeps what it must not forget: IRON_CAGE_HOME, or the platform's usual folder. */
export function dataFolder(environment: Environment, platform: NodeJS.Platform, callerFolder: string = process.cwd()): string {
  if (environment.IRON_CAGE_HOME) return resolve(callerFolder, environment.IRON_CAGE_HOME)
  if (platform === 'win32') {
    const home = environment.USERPROFILE || homedir()
    return win32.join(environment.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'Iron Cage')
  }
  const home = environment.HOME || homedir()
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Iron Cage')
  // The XDG specification says that a relative path there is to be ignored.
  const given = environment.XDG_DATA_HOME ?? ''
  return posix.join(posix.isAbsolute(given) ? given : posix.join(home, '.local', 'share'), 'iron-cage')
}

/** Where the user settings stand. */
export const settingsPath = (folder: string): string => join(folder, 'settings.yaml')
