import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DATABASE_FILE } from '../state/openDatabase.ts'
import { changing, looking } from '../state/testDatabase.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { createKeyFile } from './keyFile.ts'
import type { Keychain } from './keychain.ts'
import { rekeyRoom } from './rekeyRoom.ts'
import { ADMIN, bytes, MASTER_KEY, openTestStore, OTHER_MASTER_KEY } from './testStore.ts'

const folders = useTestFolders()
const PASSPHRASE = 'an invented passphrase'
const VALUES = { FIRST_KEY: ['invented-one-1', 'invented-one-2'], SECOND_KEY: ['invented-two-1'], THIRD_KEY: ['invented-three-1'] } as const
/** Begun, four versions, installed, retired. */
const STEPS = 7

async function fill(folder: string, masterKey = MASTER_KEY): Promise<Buffer> {
  const test = await openTestStore(folder, masterKey)
  for (const [name, values] of Object.entries(VALUES)) {
    const [first, ...more] = values
    const { id } = await test.store.create({ name, environment: 'production', value: bytes(first) }, ADMIN)
    for (const value of more) await test.store.update(id, bytes(value), ADMIN)
  }
  const originals = test.keys.derive('originals') as Buffer
  await test.close()
  return originals
}

/** Each value, and how the room sees its audit and its other keys. */
async function seen(folder: string, masterKey: string): Promise<{ values: Record<string, string | undefined> | null; isWhole: boolean; originals: Buffer | null; generations: number }> {
  const test = await openTestStore(folder, masterKey)
  try {
    const generations = (await test.state.keyGenerations.all()).length
    const isWhole = (await test.state.secrets.verifyAudit()).firstBad === null
    if (test.store.problem !== null) return { values: null, isWhole, originals: null, generations }
    const values: Record<string, string | undefined> = {}
    for (const { id, name } of await test.store.list({ deleted: false })) {
      values[name] = (await test.store.get(id, ADMIN, true)).value?.toString('utf8')
    }
    return { values, isWhole, originals: test.keys.derive('originals'), generations }
  } finally {
    await test.close()
  }
}

function change(folder: string, environment: Record<string, string>, killAt = ''): { signal: string | null; status: number | null; steps: string[]; stderr: string } {
  const program = join(import.meta.dirname, 'testRekeyer.ts')
  const { signal, status, stdout, stderr } = spawnSync(process.execPath, [program, folder, killAt], {
    env: { PATH: process.env.PATH, ...environment },
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  return { signal, status, steps: stdout.split('\n').filter(Boolean), stderr }
}

const CURRENT = { FIRST_KEY: 'invented-one-2', SECOND_KEY: 'invented-two-1', THIRD_KEY: 'invented-three-1' }
const BOTH = { IRON_SECRETS_MASTER_KEY: MASTER_KEY, IRON_SECRETS_NEW_MASTER_KEY: OTHER_MASTER_KEY }

describe('a change of the master key', () => {
  it('seals every version anew, keeps the keys of all the rest, and leaves nothing for the old key', async () => {
    const folder = folders.make()
    const originals = await fill(folder)
    const { status, steps, stderr } = change(folder, BOTH)
    expect([status, stderr]).toEqual([0, ''])
    expect(steps).toEqual(['begun', 'resealed', 'resealed', 'resealed', 'resealed', 'installed', 'retired'])
    expect(await seen(folder, OTHER_MASTER_KEY)).toEqual({ values: CURRENT, isWhole: true, originals, generations: 1 })
    expect(await seen(folder, MASTER_KEY)).toMatchObject({ values: null })
  })

  it.each(Array.from({ length: STEPS }, (_one, index) => index + 1))('that is killed at step %i is finished by the next, with either key', async (step) => {
    for (const key of [MASTER_KEY, OTHER_MASTER_KEY]) {
      const folder = folders.make()
      const originals = await fill(folder)
      expect(change(folder, BOTH, String(step)).signal).toBe('SIGKILL')
      const isRetired = step === STEPS
      if (!isRetired) {
        for (const either of [MASTER_KEY, OTHER_MASTER_KEY]) expect(await seen(folder, either)).toMatchObject({ values: CURRENT, isWhole: true, originals, generations: 2 })
        const { status, stderr } = change(folder, { IRON_SECRETS_MASTER_KEY: key })
        expect([status, stderr]).toEqual([0, ''])
      }
      expect(await seen(folder, OTHER_MASTER_KEY)).toEqual({ values: CURRENT, isWhole: true, originals, generations: 1 })
      expect(await seen(folder, MASTER_KEY)).toMatchObject({ values: null })
    }
  }, 120_000)

  it('that was begun is not taken over by a change to a third key', async () => {
    const folder = folders.make()
    await fill(folder)
    change(folder, BOTH, '1')
    const { status, stderr } = change(folder, { ...BOTH, IRON_SECRETS_NEW_MASTER_KEY: '0'.repeat(64) })
    expect(status).not.toBe(0)
    expect(stderr).toContain('was begun and not finished')
    expect(await seen(folder, MASTER_KEY)).toMatchObject({ values: CURRENT })
  })

  it('goes on past a value that is damaged, and names it', async () => {
    const folder = folders.make()
    await fill(folder)
    changing(folder, `UPDATE secret_versions SET sealed = zeroblob(length(sealed)) WHERE secret_id = (SELECT id FROM secrets WHERE name = 'SECOND_KEY')`)
    const clock = { now: () => Date.now(), after: () => ({ cancel: () => undefined }) }
    const done = await rekeyRoom({ dataFolder: folder, environment: BOTH, keychain: null, keyFile: createKeyFile(folder), askPassphrase: null, by: ADMIN, clock })
    expect(done).toMatchObject({ resealed: 3, source: 'environment', damaged: [expect.stringContaining('SECOND_KEY')] })
  })

  it('changes the key file, which keeps its passphrase', async () => {
    const folder = folders.make()
    const file = createKeyFile(folder)
    await file.create(PASSPHRASE, Buffer.from(MASTER_KEY, 'hex'))
    await fill(folder)
    expect(change(folder, { IRON_SECRETS_PASSPHRASE: PASSPHRASE }, String(STEPS - 1)).signal).toBe('SIGKILL')
    expect(change(folder, { IRON_SECRETS_PASSPHRASE: PASSPHRASE }).status).toBe(0)
    const opened = await file.open(PASSPHRASE)
    const master = 'master' in opened ? opened.master.toString('hex') : ''
    expect(master).not.toBe(MASTER_KEY)
    expect(await seen(folder, master)).toMatchObject({ values: CURRENT, isWhole: true })
    expect(await seen(folder, MASTER_KEY)).toMatchObject({ values: null })
  })

  it('changes the keychain before the old key is retired; where that refuses, the old key stays', async () => {
    const folder = folders.make()
    await fill(folder)
    let kept = MASTER_KEY
    let isRefusing = true
    const keychain: Keychain = { masterKey: async () => ({ key: kept }), replace: async (key) => !isRefusing && ((kept = key), true) }
    const clock = { now: () => Date.now(), after: () => ({ cancel: () => undefined }) }
    const options = { dataFolder: folder, environment: {}, keychain, keyFile: createKeyFile(folder), askPassphrase: null, by: ADMIN, clock }
    await expect(rekeyRoom(options)).rejects.toThrow('did not take')
    expect(await seen(folder, MASTER_KEY)).toMatchObject({ values: CURRENT })
    isRefusing = false
    expect(await rekeyRoom(options)).toMatchObject({ source: 'keychain', damaged: [] })
    expect(kept).not.toBe(MASTER_KEY)
    expect(await seen(folder, kept)).toMatchObject({ values: CURRENT, isWhole: true })
  })

  it('leaves neither key nor value in any file, nor what the old key would open', async () => {
    const folder = folders.make()
    await fill(folder)
    const sealed = looking(join(folder, DATABASE_FILE), (database) => database.prepare('SELECT sealed FROM secret_versions').pluck().all()) as Buffer[]
    change(folder, BOTH)
    const needles = [MASTER_KEY, OTHER_MASTER_KEY, ...Object.values(VALUES).flat()].flatMap((text) => [Buffer.from(text), Buffer.from(text, 'hex')]).filter(({ length }) => length > 8)
    for (const name of readdirSync(folder)) {
      const contents = readFileSync(join(folder, name))
      for (const needle of [...needles, ...sealed]) expect(contents.includes(needle), name).toBe(false)
    }
  })
})
