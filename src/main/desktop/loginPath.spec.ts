import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import { joinedPath, loginShell, needsLoginPath, readLoginPath } from './loginPath.ts'

const isPosix = process.platform !== 'win32'
const bash = ['/bin/bash', '/usr/bin/bash', '/opt/homebrew/bin/bash'].find((path) => existsSync(path))
const AMPLE_MS = 30_000

let home: TestFolder
beforeEach(() => {
  home = createTestFolder()
})
afterEach(() => home.remove())

const environment = (more: Record<string, string> = {}) => ({ HOME: home.path, PATH: '/usr/bin:/bin', ...more })

describe.runIf(isPosix)('the PATH of a login shell', () => {
  it('is what sh makes of its profile', async () => {
    home.write('.profile', 'PATH="$HOME/tools/bin:/usr/bin:/bin"; export PATH\n')
    expect(await readLoginPath('/bin/sh', environment(), AMPLE_MS)).toEqual({ path: `${home.path}/tools/bin:/usr/bin:/bin` })
  })

  it('is found between whatever a start-up file prints, before and after', async () => {
    home.write('.profile', "echo 'Welcome, path-0123456789abcdef:/not/this:'\nPATH=/opt/tools:/usr/bin:/bin; export PATH\ntrap 'echo bye' EXIT\n")
    expect(await readLoginPath('/bin/sh', environment(), AMPLE_MS)).toEqual({ path: '/opt/tools:/usr/bin:/bin' })
  })

  it.runIf(bash)('is what bash makes of its profile and, as for a terminal, of its rc file', async () => {
    home.write('.bash_profile', 'PATH="$HOME/profile/bin:/usr/bin:/bin"\n[ -f ~/.bashrc ] && . ~/.bashrc\n')
    home.write('.bashrc', 'case $- in *i*) ;; *) return;; esac\necho "news of the day" >&2\necho noise\nPATH="$HOME/my tools/bin:$PATH"\n')
    expect(await readLoginPath(bash ?? '', environment(), AMPLE_MS)).toEqual({
      path: `${home.path}/my tools/bin:${home.path}/profile/bin:/usr/bin:/bin`,
    })
  })

  it.runIf(bash)('waits for nothing that a start-up file leaves running, and leaves it running', async () => {
    const agent = '(for n in $(seq 1200); do [ -e "$HOME/go" ] && break; sleep 0.05; done; echo yes > "$HOME/still") &'
    home.write('.bash_profile', `${agent}\nPATH=/opt/tools:/usr/bin:/bin\n`)
    home.write('.bash_logout', 'while :; do :; done\n')
    expect(await readLoginPath(bash ?? '', environment(), AMPLE_MS)).toEqual({ path: '/opt/tools:/usr/bin:/bin' })
    home.write('go', '')
    await expect.poll(() => existsSync(`${home.path}/still`), { timeout: AMPLE_MS }).toBe(true)
  }, 2 * AMPLE_MS)

  it.runIf(bash)('is given up when a start-up file hangs, and nothing of it stays', async () => {
    home.write('.bash_profile', 'echo $$ > "$HOME/shell"\nsleep 600\n')
    expect(await readLoginPath(bash ?? '', environment(), 2_000)).toEqual({ problem: `${bash} did not name its PATH within 2 seconds.` })
    const shell = readPid('shell')
    await expect.poll(() => isAlive(-shell), { timeout: AMPLE_MS }).toBe(false)
  }, 2 * AMPLE_MS)

  it('is given up when a start-up file leaves', async () => {
    home.write('.profile', 'echo leaving\nexit 3\n')
    expect(await readLoginPath('/bin/sh', environment(), AMPLE_MS)).toEqual({ problem: '/bin/sh ended without naming its PATH (exit code 3).' })
  })

  it('is given up when a start-up file prints without end', async () => {
    home.write('.profile', 'while :; do echo "all work and no play makes a dull shell"; done\n')
    expect(await readLoginPath('/bin/sh', environment(), AMPLE_MS)).toEqual({ problem: 'The start-up files of /bin/sh print without end.' })
  })

  it('is given up when there is no such shell', async () => {
    const outcome = await readLoginPath(`${home.path}/nosuchshell`, environment(), AMPLE_MS)
    expect(outcome).toEqual({ problem: expect.stringContaining(`${home.path}/nosuchshell could not be started`) as string })
  })

  it('keeps the master key from start-up files, and tells them what this is', async () => {
    home.write('.profile', 'PATH="/$IRON_SECRETS_MASTER_KEY-$IRON_CAGE_READS_PATH-$TERM:/usr/bin:/bin"\nexport PATH\n')
    const outcome = await readLoginPath('/bin/sh', environment({ IRON_SECRETS_MASTER_KEY: 'invented' }), AMPLE_MS)
    expect(outcome).toEqual({ path: '/-1-dumb:/usr/bin:/bin' })
  })
})

describe('when the login shell is asked', () => {
  it('is not asked by who has a terminal, or was started by something that has one', () => {
    expect(needsLoginPath({}, 'darwin', false)).toBe(true)
    expect(needsLoginPath({}, 'linux', false)).toBe(true)
    expect(needsLoginPath({}, 'linux', true)).toBe(false)
    expect(needsLoginPath({ TERM: 'xterm-256color' }, 'darwin', false)).toBe(false)
    expect(needsLoginPath({}, 'win32', false)).toBe(false)
  })

  it('is the one that the session names, else that of the account', () => {
    expect(loginShell({ SHELL: '/usr/bin/fish' }, 'linux')).toBe('/usr/bin/fish')
    expect(loginShell({}, 'linux')).toMatch(/^\//)
  })
})

describe('both paths together', () => {
  it('name every folder once, those of the shell first', () => {
    expect(joinedPath('/home/tools:/usr/bin', '/usr/bin:/own')).toBe('/home/tools:/usr/bin:/own')
    expect(joinedPath('/usr/bin::', undefined)).toBe('/usr/bin')
  })
})

function readPid(name: string): number {
  return Number(readFileSync(`${home.path}/${name}`, 'utf8'))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
