import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import type { KeychainAnswer } from './keychain.ts'
import { hasKeyring, inKeyringSession, type KeyringState } from './testKeyring.ts'
import { ADMIN, bytes, openTestStore } from './testStore.ts'

const folders = useTestFolders()
const ASKER = join(import.meta.dirname, 'testKeychainAsker.ts')
const REKEYER = join(import.meta.dirname, 'testRekeyer.ts')
const MAIN = join(import.meta.dirname, '..', 'cli', 'main.ts')
const VALUES = { FIRST_KEY: 'invented-one-1', SECOND_KEY: 'invented-two-1' }
/** Begun, two values, installed, retired. */
const STEPS = 5

function ask(home: string, state: KeyringState, ...tasks: string[]): KeychainAnswer[] {
  const { stdout } = inKeyringSession(home, state, `exec "${process.execPath}" "${ASKER}" ${tasks.join(' ')}`)
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as KeychainAnswer)
}

function keyIn(home: string): string {
  const [answer] = ask(home, 'unlocked', 'look')
  return answer && 'key' in answer ? answer.key : ''
}

/** A room whose key lies in the keyring of this home. */
async function fill(home: string, folder: string): Promise<string> {
  const [made] = ask(home, 'unlocked', 'make')
  const key = made && 'key' in made ? made.key : ''
  const test = await openTestStore(folder, key)
  for (const [name, value] of Object.entries(VALUES)) await test.store.create({ name, environment: 'production', value: bytes(value) }, ADMIN)
  await test.close()
  return key
}

async function valuesIn(folder: string, key: string): Promise<Record<string, string | undefined> | null> {
  const test = await openTestStore(folder, key)
  try {
    if (test.store.problem !== null) return null
    const values: Record<string, string | undefined> = {}
    for (const { id, name } of await test.store.list({ deleted: false })) values[name] = (await test.store.get(id, ADMIN, true)).value?.toString('utf8')
    return values
  } finally {
    await test.close()
  }
}

describe.runIf(hasKeyring)('a real gnome-keyring', { timeout: 120_000 }, () => {
  it('keeps one key: made once, the same whichever way it is asked and in the next session; in no file in the clear', () => {
    const home = folders.make()
    const answers = [...ask(home, 'unlocked', 'look', 'make', 'make:here', 'look', 'look:here'), ...ask(home, 'unlocked', 'make')]
    expect(answers[0]).toEqual({ without: 'empty' })
    const keys = answers.slice(1).map((answer) => ('key' in answer ? answer.key : answer.without))
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(keys).toEqual(Array(5).fill(keys[0]))
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(0)
    for (const { parentPath, name } of files) expect(readFileSync(join(parentPath, name)).includes(keys[0] as string)).toBe(false)
  })

  it('that is locked makes no other key, and says so; that is absent as well', () => {
    const home = folders.make()
    const [made] = ask(home, 'unlocked', 'make')
    expect(ask(home, 'locked', 'make')).toEqual([{ without: 'locked' }])
    expect(ask(home, 'absent', 'look', 'make')).toEqual([{ without: 'absent' }, { without: 'absent' }])
    expect(ask(home, 'unlocked', 'look')).toEqual([made])
  })

  it('opens the secrets of the command line, and while it is locked they end with 2', () => {
    const [home, folder] = [folders.make(), folders.make()]
    const environment = { IRON_CAGE_HOME: folder }
    const secrets = (state: KeyringState, args: string, input = ''): ReturnType<typeof inKeyringSession> =>
      inKeyringSession(home, state, `printf '%s' '${input}' | "${process.execPath}" "${MAIN}" secrets ${args}`, environment)
    expect(secrets('unlocked', 'add FIRST_KEY', 'invented-one-1')).toMatchObject({ status: 0 })
    expect(secrets('unlocked', 'get FIRST_KEY --reveal')).toMatchObject({ status: 0, stdout: 'invented-one-1\n' })
    for (const state of ['locked', 'absent'] as const) {
      const { status, stderr, stdout } = secrets(state, 'get FIRST_KEY --reveal')
      expect([status, stdout]).toEqual([2, ''])
      for (const way of ['IRON_SECRETS_MASTER_KEY', 'keychain', 'IRON_SECRETS_PASSPHRASE']) expect(stderr).toContain(way)
    }
    expect(secrets('unlocked', 'rekey')).toMatchObject({ status: 0, stdout: expect.stringContaining('1 value sealed anew') as string })
    expect(secrets('unlocked', 'get FIRST_KEY --reveal')).toMatchObject({ status: 0, stdout: 'invented-one-1\n' })
  })

  it.each(Array.from({ length: STEPS }, (_one, index) => index + 1))('has its key changed although that is killed at step %i', async (step) => {
    const [home, folder] = [folders.make(), folders.make()]
    const before = await fill(home, folder)
    inKeyringSession(home, 'unlocked', `"${process.execPath}" "${REKEYER}" "${folder}" ${step}`)
    // Whichever of the two it holds by now, it opens everything.
    const meanwhile = keyIn(home)
    expect(meanwhile === before).toBe(step < STEPS - 1)
    expect(await valuesIn(folder, meanwhile)).toEqual(VALUES)
    if (step < STEPS) expect(inKeyringSession(home, 'unlocked', `exec "${process.execPath}" "${REKEYER}" "${folder}"`)).toMatchObject({ status: 0 })
    const after = keyIn(home)
    expect(after).not.toBe(before)
    expect(await valuesIn(folder, after)).toEqual(VALUES)
    expect(await valuesIn(folder, before)).toBeNull()
  })
})
