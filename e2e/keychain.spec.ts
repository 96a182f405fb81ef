import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { hasKeyring, inKeyringSession } from '../src/main/secrets/testKeyring.ts'

const CLI = join(import.meta.dirname, '..', 'out', 'main', 'cli.js')
const VALUE = 'an invented value of the keychain'

test('the command as it is built makes its master key in a real keychain, finds it again in the next session, and is told no by a locked one', ({}, { project }) => {
  test.skip(project.name !== 'browser', 'the command is the same for every host')
  test.skip(!hasKeyring, 'the packages dbus and gnome-keyring are not here')
  const home = mkdtempSync(join(tmpdir(), 'control-room-keychain-'))
  try {
    const IRON_CAGE_HOME = join(home, 'room')
    const secrets = (words: string): string => `"${process.execPath}" "${CLI}" secrets ${words}`
    const added = inKeyringSession(home, 'unlocked', `echo '${VALUE}' | ${secrets('add FIRST_KEY')}`, { IRON_CAGE_HOME })
    expect([added.status, added.stdout]).toEqual([0, expect.stringContaining('FIRST_KEY is kept')])
    expect(readdirSync(IRON_CAGE_HOME)).not.toContain('master.key')
    expect(inKeyringSession(home, 'unlocked', secrets('get FIRST_KEY --reveal'), { IRON_CAGE_HOME })).toMatchObject({ status: 0, stdout: `${VALUE}\n` })
    const locked = inKeyringSession(home, 'locked', secrets('get FIRST_KEY --reveal'), { IRON_CAGE_HOME })
    expect([locked.status, locked.stdout]).toEqual([2, ''])
    expect(readFileSync(join(IRON_CAGE_HOME, 'control-room.db')).includes(VALUE)).toBe(false)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
