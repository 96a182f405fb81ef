import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import { createKeyFile } from './keyFile.ts'
import type { KeychainAnswer } from './keychain.ts'
import { openMasterKey } from './openKeys.ts'

const folders = useTestFolders()
const MASTER = Buffer.alloc(32, 7)
const PASSPHRASE = 'an invented passphrase'

describe('the key file', () => {
  it('opens with its passphrase and no other, is its owner’s alone, and holds no key in the clear', async () => {
    const folder = folders.make()
    const file = createKeyFile(folder)
    expect(file.isThere()).toBe(false)
    await file.create(PASSPHRASE, MASTER)
    expect(await file.open(PASSPHRASE)).toEqual({ master: MASTER })
    expect(await file.open('another invented one')).toEqual({ problem: expect.stringContaining('does not open') as string, state: 'locked' })
    expect(readdirSync(folder)).toEqual(['master.key'])
    expect(statSync(file.path).mode & 0o777).toBe(0o600)
    expect(readFileSync(file.path, 'utf8')).not.toContain(MASTER.toString('hex'))
  })

  it('is never overwritten by a new one, and replaced whole', async () => {
    const file = createKeyFile(folders.make())
    await file.create(PASSPHRASE, MASTER)
    await expect(file.create(PASSPHRASE, Buffer.alloc(32, 8))).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await file.open(PASSPHRASE)).toEqual({ master: MASTER })
    await file.replace(PASSPHRASE, Buffer.alloc(32, 8))
    expect(await file.open(PASSPHRASE)).toEqual({ master: Buffer.alloc(32, 8) })
  })

  it('wants a passphrase that is worth it', async () => {
    const file = createKeyFile(folders.make())
    await expect(file.create('short', MASTER)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(file.isThere()).toBe(false)
  })

  it.each(['', '{}', 'no json', '{"format":"iron-cage-master-key","version":2}'])('that is damaged says so (%#)', async (text) => {
    const file = createKeyFile(folders.make())
    writeFileSync(file.path, text)
    expect(await file.open(PASSPHRASE)).toEqual({ problem: expect.stringContaining('damaged') as string, state: 'damaged' })
  })

  it('whose cost or salt was changed does not open', async () => {
    const file = createKeyFile(folders.make())
    await file.create(PASSPHRASE, MASTER)
    const text = readFileSync(file.path, 'utf8')
    for (const changed of [text.replace('"passes": 3', '"passes": 2'), text.replace(/("salt": ")(.)/, (_all, begin: string, digit: string) => `${begin}${digit === '0' ? '1' : '0'}`)]) {
      writeFileSync(file.path, changed)
      expect(await file.open(PASSPHRASE)).toHaveProperty('problem')
    }
  })

  it('that others may read is closed to them', async () => {
    const file = createKeyFile(folders.make())
    await file.create(PASSPHRASE, MASTER)
    chmodSync(file.path, 0o644)
    await file.open(PASSPHRASE)
    expect(statSync(file.path).mode & 0o777).toBe(0o600)
  })

  it('comes after the environment and the keychain, which makes up none beside it; its passphrase is asked for where none is given', async () => {
    const keyFile = createKeyFile(folders.make())
    await keyFile.create(PASSPHRASE, MASTER)
    const asked: boolean[] = []
    const keychain = { masterKey: async (isMade: boolean): Promise<KeychainAnswer> => (asked.push(isMade), { without: 'empty' }), replace: async () => false }
    const passphrase = { IRON_SECRETS_PASSPHRASE: PASSPHRASE }
    expect(await openMasterKey({ environment: passphrase, keychain, keyFile })).toMatchObject({ master: { source: 'file', bytes: MASTER }, problem: null, state: 'open' })
    expect(asked).toEqual([false])
    expect(await openMasterKey({ environment: {}, keychain: null, keyFile, askPassphrase: async () => PASSPHRASE })).toMatchObject({ master: { source: 'file' } })
    expect(await openMasterKey({ environment: {}, keychain: null, keyFile })).toMatchObject({ master: null, problem: expect.stringContaining('IRON_SECRETS_PASSPHRASE') as string, state: 'locked' })
    const kept = { ...keychain, masterKey: async () => ({ key: '1'.repeat(64) }) }
    expect(await openMasterKey({ environment: passphrase, keychain: kept, keyFile })).toMatchObject({ master: { source: 'keychain' } })
    const given = { ...passphrase, IRON_SECRETS_MASTER_KEY: '2'.repeat(64) }
    expect(await openMasterKey({ environment: given, keychain: kept, keyFile })).toMatchObject({ master: { source: 'environment' } })
  })
})
