import { join } from 'node:path'
import { createDecipheriv } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import type { SealedValue, StoredSecret } from '../state/keptSecrets.ts'
import { DATABASE_FILE } from '../state/openDatabase.ts'
import { changing, looking } from '../state/testDatabase.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { argon2id } from './argon2id.ts'
import { createSecretCipher, type SecretCipher, type SecretPlace } from './secretCipher.ts'
import { ADMIN, bytes, openTestStore } from './testStore.ts'

const MASTER = Buffer.alloc(32, 7)
const PLACE: SecretPlace = { id: 'secret-000000000001', name: 'OPENAI_API_KEY', environment: 'production', version: 3, delivery: 'value', hosts: [] }
const VALUE = 'an invented value'

let clock: TestClock
let cipher: SecretCipher
beforeEach(() => {
  clock = createTestClock()
  cipher = createSecretCipher({ generation: 1, masterOf: (generation) => (generation === 1 ? MASTER : generation === 2 ? Buffer.alloc(32, 8) : null) }, clock)
})
afterEach(() => cipher.close())

const flipped = (buffer: Buffer, bit: number): Buffer => {
  const changed = Buffer.from(buffer)
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
  return changed
}

async function refuses(place: SecretPlace, kept: SealedValue, what: string): Promise<void> {
  await expect(cipher.open(place, kept), what).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/does not open: it is damaged, or was moved/) as string })
}

describe('a sealed value', () => {
  it('is AES-256-GCM under Argon2id of the master key, and opens to what was sealed', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    expect((await cipher.open(PLACE, kept)).toString()).toBe(VALUE)
    expect([kept.salt.length, kept.nonce.length, kept.sealed.length]).toEqual([16, 12, VALUE.length + 16])
    const key = await argon2id(MASTER, kept.salt, { memory: 19_456, passes: 2, lanes: 1 })
    const decipher = createDecipheriv('aes-256-gcm', key, kept.nonce)
    decipher.setAAD(Buffer.from('["iron-cage-secret",1,"secret-000000000001","OPENAI_API_KEY","production",3,"value",[]]'))
    decipher.setAuthTag(kept.sealed.subarray(-16))
    expect(Buffer.concat([decipher.update(kept.sealed.subarray(0, -16)), decipher.final()]).toString()).toBe(VALUE)
  })

  it('refuses each bit that was flipped, of its body, its tag and its nonce', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    for (let bit = 0; bit < kept.sealed.length * 8; bit++) {
      await refuses(PLACE, { ...kept, sealed: flipped(kept.sealed, bit) }, `body or tag, bit ${bit}`)
      // A failure forgets the key: the one that is right is worked out once more, for the next ones to find.
      if (bit % 64 === 0) expect((await cipher.open(PLACE, kept)).toString()).toBe(VALUE)
    }
    for (let bit = 0; bit < 96; bit++) await refuses(PLACE, { ...kept, nonce: flipped(kept.nonce, bit) }, `nonce, bit ${bit}`)
  }, 60_000)

  it('refuses each byte of its salt that was changed', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    for (let byte = 0; byte < 16; byte++) await refuses(PLACE, { ...kept, salt: flipped(kept.salt, byte * 8 + (byte % 8)) }, `salt, byte ${byte}`)
  })

  it('refuses whatever was cut, prolonged or emptied', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    for (let length = 0; length < kept.sealed.length; length++) await refuses(PLACE, { ...kept, sealed: kept.sealed.subarray(0, length) }, `${length} bytes`)
    await refuses(PLACE, { ...kept, sealed: Buffer.concat([kept.sealed, Buffer.of(0)]) }, 'one more')
    await refuses(PLACE, { ...kept, nonce: Buffer.alloc(0) }, 'no nonce')
    await refuses(PLACE, { ...kept, nonce: Buffer.alloc(12) }, 'zero nonce')
    await refuses(PLACE, { ...kept, nonce: Buffer.concat([kept.nonce, Buffer.of(0)]) }, 'longer nonce')
    await refuses(PLACE, { ...kept, salt: kept.salt.subarray(1) }, 'shorter salt')
  })

  it.each<[string, Partial<SecretPlace>]>([
    ['of another secret', { id: 'secret-000000000002' }],
    ['of another name', { name: 'OPENAI_API_KEX' }],
    ['in another environment', { environment: 'staging' }],
    ['as another version', { version: 4 }],
    ['that is delivered otherwise', { delivery: 'sealed' }],
    ['for another host', { hosts: ['evil.test'] }],
    ['whose parts were moved against each other', { id: 'secret-000000000001","OPENAI_API_KEY', name: '' }],
  ])('does not open in the place %s', async (_what, change) => {
    await refuses({ ...PLACE, ...change }, await cipher.seal(PLACE, bytes(VALUE)), _what)
  })

  it('does not open with the parts of another, one by one', async () => {
    const [one, other] = [await cipher.seal(PLACE, bytes(VALUE)), await cipher.seal(PLACE, bytes('another invented'))]
    await refuses(PLACE, { ...one, sealed: other.sealed }, 'body')
    await refuses(PLACE, { ...one, nonce: other.nonce }, 'nonce')
    await refuses(PLACE, { ...one, salt: other.salt }, 'salt')
    await refuses(PLACE, { ...one, sealed: Buffer.concat([one.sealed.subarray(0, -16), other.sealed.subarray(-16)]) }, 'tag')
    await refuses(PLACE, { ...one, keyGeneration: 2 }, 'generation')
    await refuses(PLACE, { ...one, keyGeneration: 9 }, 'a generation that is not there')
  })

  it('takes its key with it after a minute', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    expect(clock.waiting()).toBe(1)
    clock.advance(59_999)
    await cipher.open(PLACE, kept)
    expect(clock.waiting()).toBe(1)
    clock.advance(60_000)
    expect(clock.waiting()).toBe(0)
    expect((await cipher.open(PLACE, kept)).toString()).toBe(VALUE)
  })

  it('opens several times at once, also while its key is forgotten', async () => {
    const kept = await cipher.seal(PLACE, bytes(VALUE))
    cipher.close()
    const opening = Array.from({ length: 8 }, () => cipher.open(PLACE, kept))
    cipher.close()
    for (const value of await Promise.all(opening)) expect(value.toString()).toBe(VALUE)
    expect(clock.waiting()).toBe(0)
  })
})

describe('a row of the database', () => {
  const folders = useTestFolders()
  const COLUMNS = ['salt', 'nonce', 'sealed'] as const

  it('that was changed, or swapped with another, opens nowhere, is told and audited, and leaves the others alone', async () => {
    const folder = folders.make()
    const test = await openTestStore(folder)
    const made: StoredSecret[] = []
    for (const name of ['FIRST_KEY', 'SECOND_KEY', 'THIRD_KEY']) made.push(await test.store.create({ name, environment: 'production', value: bytes(`invented ${name}`) }, ADMIN))
    const [first, second, third] = made as [StoredSecret, StoredSecret, StoredSecret]
    const saved = looking(join(folder, DATABASE_FILE), (database) => database.prepare('SELECT * FROM secret_versions').all()) as Record<string, Buffer | string>[]
    const rowOf = (id: string): Record<string, Buffer | string> => saved.find((row) => row.secret_id === id) ?? {}
    const hex = (value: unknown): string => `x'${(value as Buffer).toString('hex')}'`
    const put = (id: string, columns: readonly string[], from: Record<string, unknown>): void =>
      changing(folder, `UPDATE secret_versions SET ${columns.map((column) => `${column} = ${hex(from[column])}`).join(', ')} WHERE secret_id = '${id}'`)
    const fails = async (what: string): Promise<void> => {
      await expect(test.store.get(first.id, ADMIN, true), what).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      const { entries } = await test.state.secrets.audit({ limit: 1 })
      expect(entries[0], what).toMatchObject({ secret_name: first.name, operation: 'REVEAL', success: false, error_message: expect.stringContaining('does not open') as string })
      expect((await test.store.get(third.id, ADMIN, true)).value?.toString()).toBe('invented THIRD_KEY')
    }

    put(first.id, COLUMNS, rowOf(second.id))
    await fails('the whole row of another')
    for (const column of COLUMNS) {
      put(first.id, COLUMNS, rowOf(first.id))
      put(first.id, [column], rowOf(second.id))
      await fails(`the ${column} of another`)
      put(first.id, COLUMNS, { ...rowOf(first.id), [column]: flipped(rowOf(first.id)[column] as Buffer, 3) })
      await fails(`a bit of the ${column}`)
    }
    put(first.id, COLUMNS, rowOf(first.id))
    for (const sql of ['name = \'MOVED_KEY\'', 'environment = \'staging\'', 'hosts = \'["evil.test"]\'', 'delivery = \'sealed\'']) {
      changing(folder, `UPDATE secrets SET ${sql} WHERE id = '${first.id}'`)
      await expect(test.store.get(first.id, ADMIN, true), sql).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      changing(folder, `UPDATE secrets SET name = 'FIRST_KEY', environment = 'production', hosts = '[]', delivery = 'value' WHERE id = '${first.id}'`)
    }
    expect((await test.store.get(first.id, ADMIN, true)).value?.toString()).toBe('invented FIRST_KEY')
    expect(await test.state.secrets.verifyAudit()).toMatchObject({ firstBad: null })
    await test.close()
  })
})
