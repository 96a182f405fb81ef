import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const isThere = (program: string): boolean => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))

/** Where the packages dbus and gnome-keyring are missing, what needs them is left out by name. */
export const hasKeyring = process.platform === 'linux' && ['dbus-run-session', 'gnome-keyring-daemon'].every(isThere)

export interface KeyringSession {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `unlocked`: open, as after a sign-in. `locked`: made before, and its password was not given. `absent`: a bus on which nobody keeps secrets. */
export type KeyringState = 'unlocked' | 'locked' | 'absent'

const PRELUDES: Readonly<Record<KeyringState, string>> = {
  unlocked: 'printf invented | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1',
  locked: 'gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1',
  absent: ':',
}

/** Runs a shell command beside a real gnome-keyring, in a session bus of its own. Its keyring lies in `home`, and stays there for the next. For specs only. */
export function inKeyringSession(home: string, state: KeyringState, command: string, environment: Readonly<Record<string, string>> = {}): KeyringSession {
  const { status, stdout, stderr } = spawnSync('dbus-run-session', ['--config-file', configuration(state), '--', 'sh', '-c', `${PRELUDES[state]}\n${command}`], {
    env: { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', ...environment },
    encoding: 'utf8',
    timeout: 90_000,
    killSignal: 'SIGKILL',
  })
  return { status, stdout, stderr }
}

/** The usual bus starts a keyring by itself when it is asked for one; a bus without services does not. */
function configuration(state: KeyringState): string {
  return state === 'absent' ? join(import.meta.dirname, 'testBareBus.conf') : '/usr/share/dbus-1/session.conf'
}
