import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Announcement } from '../../shared/domain/event.ts'
import { createTestClock } from '../access/testClock.ts'
import { openState } from '../state/openState.ts'
import { useTestFolders } from '../state/testFolder.ts'
import type { Keychain, KeychainAnswer, KeychainSilence } from './keychain.ts'
import { createKeyDesk, type KeyDesk } from './keyDesk.ts'
import { createKeyFile } from './keyFile.ts'

const folders = useTestFolders()
const KEY = '0123456789abcdef'.repeat(4)
const OTHER_KEY = 'fedcba9876543210'.repeat(4)
const PASSPHRASE = 'an invented passphrase'

interface TestDesk {
  readonly desk: KeyDesk
  readonly told: Announcement<'keys.changed'>[]
  readonly opened: string[]
  close(): Promise<void>
}

interface Surroundings {
  readonly folder?: string
  readonly environment?: Record<string, string>
  readonly keychain?: Keychain | null
}

async function openDesk({ folder = folders.make(), environment = {}, keychain = null }: Surroundings = {}): Promise<TestDesk> {
  const clock = createTestClock()
  const told: Announcement<'keys.changed'>[] = []
  const opened: string[] = []
  const desk = await createKeyDesk({
    environment,
    keychain,
    keyFile: createKeyFile(folder),
    clock,
    onOpened: async (keys) => opened.push(keys.state),
    announce: async (announcement) => told.push(announcement),
  })
  const state = await openState({
    dataFolder: folder,
    clock,
    auditKey: async (generations) => {
      await desk.settle(generations)
      return desk.keys.derive('audit')
    },
  })
  return { desk, told, opened, close: () => state.close() }
}

/** A keychain whose key is only ever made when it is asked to. */
function keychainHolding(first: KeychainAnswer, made: KeychainAnswer = first): Keychain & { answer: KeychainAnswer; asked: boolean[] } {
  return {
    answer: first,
    asked: [],
    async masterKey(isMade) {
      this.asked.push(isMade)
      if (isMade && 'without' in this.answer && this.answer.without === 'empty') this.answer = made
      return this.answer
    },
    replace: async () => false,
  }
}

/** A room that was opened once with this key. */
async function sealedFolder(key = KEY): Promise<string> {
  const folder = folders.make()
  await (await openDesk({ folder, environment: { IRON_SECRETS_MASTER_KEY: key } })).close()
  return folder
}

describe('the first start', () => {
  it('makes no key by itself where there is no keychain, and asks', async () => {
    const { desk, close } = await openDesk()
    expect(await desk.status()).toMatchObject({ state: 'missing', source: null, sentence: expect.stringContaining('three ways') as string, ways: { keychain: false, passphrase: true } })
    expect(desk.keys.derive('audit')).toBeNull()
    await close()
  })

  it('has the key made by a keychain that is open', async () => {
    const keychain = keychainHolding({ without: 'empty' }, { key: KEY })
    const { desk, close } = await openDesk({ keychain })
    expect(await desk.status()).toEqual({ state: 'open', source: 'keychain', sentence: null, ways: { keychain: false, passphrase: false } })
    await close()
  })

  it('has a keychain make none where something was encrypted with another', async () => {
    const folder = await sealedFolder()
    const keychain = keychainHolding({ without: 'empty' }, { key: OTHER_KEY })
    const { desk, close } = await openDesk({ folder, keychain })
    expect(await desk.status()).toMatchObject({ state: 'locked', sentence: expect.stringContaining('not there now') as string, ways: { passphrase: false } })
    expect(keychain.asked).toEqual([false])
    await expect(desk.create({ way: 'keychain' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(desk.create({ way: 'passphrase', passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('would open nothing') as string })
    expect(keychain.answer).toEqual({ without: 'empty' })
    await close()
  })

  it.each<[KeychainSilence, string, string]>([
    ['absent', 'missing', 'three ways'],
    ['locked', 'locked', 'is locked'],
    ['refused', 'locked', 'does not give'],
    ['silent', 'locked', 'did not answer in time'],
    ['foreign', 'damaged', 'is no master key'],
  ])('with a keychain that is %s is %s, and says so', async (without, state, words) => {
    const { desk, close } = await openDesk({ keychain: keychainHolding({ without }) })
    expect(await desk.status()).toMatchObject({ state, source: null, sentence: expect.stringContaining(words) as string })
    await close()
  })

  it('with a keychain that has a key and does not take one makes none', async () => {
    const { desk, close } = await openDesk({ keychain: keychainHolding({ without: 'empty' }, { without: 'locked' }) })
    expect(await desk.status()).toMatchObject({ state: 'locked' })
    await close()
  })
})

describe('a key that comes while the room runs', () => {
  it('is made in a file that the passphrase opens, and found there by the next start', async () => {
    const folder = folders.make()
    const { desk, told, opened, close } = await openDesk({ folder })
    await desk.create({ way: 'passphrase', passphrase: PASSPHRASE })
    expect(await desk.status()).toEqual({ state: 'open', source: 'file', sentence: null, ways: { keychain: false, passphrase: false } })
    expect(opened).toEqual(['open'])
    expect(told).toMatchObject([{ name: 'keys.changed', payload: { state: 'open', source: 'file' } }])
    const derived = desk.keys.derive('originals')
    await expect(desk.create({ way: 'passphrase', passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'CONFLICT' })
    await close()

    const next = await openDesk({ folder, environment: { IRON_SECRETS_PASSPHRASE: PASSPHRASE } })
    expect(next.desk.keys.derive('originals')).toEqual(derived)
    await next.close()
  })

  it('is opened by the passphrase and no other, which is limited', async () => {
    const folder = folders.make()
    const first = await openDesk({ folder })
    await first.desk.create({ way: 'passphrase', passphrase: PASSPHRASE })
    await first.close()

    const { desk, told, close } = await openDesk({ folder })
    expect(await desk.status()).toMatchObject({ state: 'locked', sentence: expect.stringContaining('sealed with a passphrase') as string, ways: { passphrase: false } })
    await expect(desk.unlock('another invented one')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(desk.keys.state).toBe('locked')
    await desk.unlock(PASSPHRASE)
    expect(desk.keys.state).toBe('open')
    expect(told).toHaveLength(1)
    await expect(desk.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'CONFLICT' })
    await close()
  })

  it('is guessed ten times at most', async () => {
    const folder = folders.make()
    const first = await openDesk({ folder })
    await first.desk.create({ way: 'passphrase', passphrase: PASSPHRASE })
    await first.close()
    const { desk, close } = await openDesk({ folder })
    const codes: unknown[] = []
    for (let guess = 0; guess < 11; guess++) codes.push(await desk.unlock(`invented guess ${guess}`).catch((problem: { code: unknown }) => problem.code))
    expect(codes).toEqual([...Array<string>(10).fill('FORBIDDEN'), 'RATE_LIMITED'])
    await close()
  })

  it('lies in a file, and in the keychain lies another: the file’s is taken', async () => {
    const folder = folders.make()
    const first = await openDesk({ folder, keychain: keychainHolding({ without: 'locked' }) })
    expect(await first.desk.status()).toMatchObject({ state: 'locked', ways: { keychain: true, passphrase: true } })
    await first.desk.create({ way: 'passphrase', passphrase: PASSPHRASE })
    await first.close()
    const { desk, close } = await openDesk({ folder, keychain: keychainHolding({ key: OTHER_KEY }), environment: { IRON_SECRETS_PASSPHRASE: PASSPHRASE } })
    expect(await desk.status()).toMatchObject({ state: 'open', source: 'file' })
    await close()
  })

  it('is taken from a keychain that was unlocked meanwhile', async () => {
    const keychain = keychainHolding({ without: 'locked' })
    const { desk, close } = await openDesk({ keychain })
    await expect(desk.create({ way: 'keychain' })).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('locked') as string })
    keychain.answer = { key: KEY }
    await desk.create({ way: 'keychain' })
    expect(await desk.status()).toMatchObject({ state: 'open', source: 'keychain' })
    await close()
  })

  it('that is another one opens nothing, and the right one still does', async () => {
    const folder = await sealedFolder()
    const keychain = keychainHolding({ without: 'locked' })
    const { desk, told, opened, close } = await openDesk({ folder, keychain })
    keychain.answer = { key: OTHER_KEY }
    await desk.create({ way: 'keychain' })
    expect(await desk.status()).toMatchObject({ state: 'other-key', source: 'keychain', sentence: expect.stringContaining('another master key') as string })
    expect(opened).toEqual([])
    expect(told).toMatchObject([{ severity: 'WARN', payload: { state: 'other-key' } }])
    keychain.answer = { key: KEY }
    await desk.create({ way: 'keychain' })
    expect(desk.keys.state).toBe('open')
    await close()
  })

  it('lies in a file that is damaged: that is said, and nothing is made in its place', async () => {
    const folder = folders.make()
    writeFileSync(createKeyFile(folder).path, '{"format":"iron-cage-master-key"}')
    const { desk, close } = await openDesk({ folder, environment: { IRON_SECRETS_PASSPHRASE: PASSPHRASE } })
    expect(await desk.status()).toMatchObject({ state: 'damaged', sentence: expect.stringContaining('damaged') as string, ways: { keychain: false, passphrase: false } })
    await expect(desk.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(desk.create({ way: 'passphrase', passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'CONFLICT' })
    await close()
  })
})
