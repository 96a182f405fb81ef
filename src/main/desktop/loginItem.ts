import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { App } from 'electron'
import { APPLICATION_ID } from './identity.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface LoginItemOptions {
  readonly app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>
  readonly platform: NodeJS.Platform
  readonly environment: Environment
  /** Whose account it is, for Linux. */
  readonly home: string
  /** What is to be started. */
  readonly program: string
  readonly productName: string
}

/** Whether the window opens when its user logs in. Changes nothing that is as it should be already. */
export function setLoginItem(isWanted: boolean, options: LoginItemOptions): void {
  if (options.platform === 'linux') return setAutostart(isWanted, options)
  const { app } = options
  if (app.getLoginItemSettings().openAtLogin !== isWanted) app.setLoginItemSettings({ openAtLogin: isWanted })
}

/** Electron knows no login items on Linux; desktops there read entries of a folder (freedesktop.org's Desktop Application Autostart). */
function setAutostart(isWanted: boolean, { environment, home, program, productName }: LoginItemOptions): void {
  const file = join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'autostart', `${APPLICATION_ID}.desktop`)
  const entry = autostartEntry(productName, ownAppImage(environment, program) ?? program)
  if (!isWanted) rmSync(file, { force: true })
  else if (readOrNothing(file) !== entry) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, entry)
  }
}

/** Of an AppImage the program lies in a folder that is there only while it runs. Terminals of others hand down theirs. */
function ownAppImage({ APPIMAGE, APPDIR }: Environment, program: string): string | null {
  if (!APPIMAGE || (APPDIR && !program.split('/').includes(basename(APPDIR)))) return null
  return APPIMAGE
}

export function autostartEntry(productName: string, program: string): string {
  return ['[Desktop Entry]', 'Type=Application', `Name=${productName}`, `Exec=${execWord(program)}`, 'Terminal=false', ''].join('\n')
}

/** A word of an `Exec` line: quoted, then escaped once more as every text of such a file is; a percent sign would begin a field. */
function execWord(program: string): string {
  const quoted = `"${program.replaceAll('%', '%%').replace(/["`$\\]/g, '\\$&')}"`
  return quoted.replaceAll('\\', '\\\\')
}

function readOrNothing(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
